package dev.evolute.bench;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import java.util.Map;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Param;

/** A {@link Workload} at its start. */
public abstract class NetworkProblem extends DuelProblem {
  private static final int RUN = 65_537;

  @Param({"784-50-50-10 relu squared n1000", "784-50-50-10 linear squared n1000"})
  public String name;

  Workload workload;
  Program program;

  @Override
  final void prepare() {
    workload = Workload.parse(name);
    prepareNetwork();
  }

  /** Makes what is measured. */
  abstract void prepareNetwork();

  /** Makes the program that is measured. */
  final void compile(Program.Purpose purpose) {
    Workload ours = workload.compressed();
    Graph graph = ours.graph();
    program = own(Program.compile(graph, device, dtype, purpose));
    values(graph, ours).forEach(program::set);
    program.theta().set(ours.theta(device));
  }

  static Map<Value, double[]> values(Graph graph, Workload workload) {
    Map<String, double[]> data = workload.data();
    return graph.data().stream()
        .collect(Collectors.toMap(value -> value, value -> data.get(value.name())));
  }

  /** A direction {@code v [P]}. */
  final double[] direction() {
    return repeated((int) workload.graph().size(), 3);
  }

  /** Normal numbers, over and over the same, which for millions of parameters are there sooner. */
  private static double[] repeated(int length, long stream) {
    double[] run = gaussian(Math.min(length, RUN), stream);
    double[] values = new double[length];
    for (int from = 0; from < length; from += run.length) {
      System.arraycopy(run, 0, values, from, Math.min(run.length, length - from));
    }
    return values;
  }

  /** What one call computed, {@code [P]}. */
  abstract double[] result();

  /** The norm of the result and its products with fixed random vectors. */
  @Override
  public final double[] fingerprint() {
    double[] result = result();
    double[] print = new double[3];
    for (double element : result) {
      print[0] += element * element;
    }
    print[0] = Math.sqrt(print[0]);
    for (int i = 1; i < print.length; i++) {
      double[] direction = repeated(result.length, 3 + i);
      for (int j = 0; j < result.length; j++) {
        print[i] += result[j] * direction[j];
      }
    }
    return print;
  }

  @Override
  boolean choose(String what) {
    name = what;
    return true;
  }

  @Override
  public String describe() {
    return "Java Vector API";
  }

  @Override
  public double work() {
    return 1;
  }
}
