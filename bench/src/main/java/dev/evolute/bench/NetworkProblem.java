package dev.evolute.bench;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.LinearSamples;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.spectral.CounterRandom;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Param;

/** A {@link Network} on its data, at its Xavier initialisation. */
public abstract class NetworkProblem extends DuelProblem {
  private static final long SEED = 1;
  private static final int RUN = 65_537;

  @Param({"784-50-50-10 relu squared n1000", "784-50-50-10 linear squared n1000"})
  public String name;

  Network network;

  /** Inputs {@code [n x inputs]} and targets {@code [n x outputs]}, row by row. */
  double[] samples;

  double[] targets;
  Program program;

  @Override
  final void prepare() {
    network = Network.parse(name);
    if (network.digits()) {
      Digits digits = Digits.first(network.n());
      samples = digits.images();
      targets = digits.oneHot();
    } else {
      draw();
    }
    prepareNetwork();
  }

  private void draw() {
    int outputs = network.outputs();
    samples = gaussian(network.n() * network.inputs(), 1);
    targets = gaussian(network.n() * outputs, 2);
    for (int i = 0; network.classifies() && i < network.n(); i++) {
      oneHot(targets, i * outputs, outputs);
    }
  }

  /** Leaves a one where the row had its largest element, and zeros. */
  private static void oneHot(double[] rows, int from, int classes) {
    int largest = from;
    for (int j = from; j < from + classes; j++) {
      largest = rows[j] > rows[largest] ? j : largest;
    }
    Arrays.fill(rows, from, from + classes, 0);
    rows[largest] = 1;
  }

  /** Makes what is measured. */
  abstract void prepareNetwork();

  /**
   * Makes the program that is measured. Samples of a linear network under squared error are
   * compressed, as any user of Evolute can, which changes no derivative.
   */
  final void compile(Program.Purpose purpose) {
    int n = network.n();
    boolean linear =
        network.activation().kind() == Activation.Kind.IDENTITY && !network.classifies();
    LinearSamples given =
        linear ? LinearSamples.of(n, samples, targets) : new LinearSamples(n, samples, targets, 0);
    Graph graph = new Graph();
    Value x = graph.data("x", given.rows(), network.inputs());
    Value y = graph.data("y", given.rows(), network.outputs());
    Value h = FullyConnected.of(network.activation(), network.widths()).record(graph, x);
    Op loss = network.classifies() ? SoftmaxCrossEntropy.mean(n) : SquaredError.mean(n);
    graph.loss(loss, h, y);
    program = own(Program.compile(graph, device, dtype, purpose));
    program.set(x, given.inputs());
    program.set(y, given.targets());
    program.theta().set(theta());
  }

  /** Xavier's uniform weights {@code [P]}, layer by layer. */
  final double[] theta() {
    double[] theta = new double[network.size()];
    int[] widths = network.widths();
    for (int j = 1, from = 0; j < widths.length; j++) {
      double bound = Math.sqrt(6.0 / (widths[j] + widths[j - 1]));
      int end = from + widths[j] * widths[j - 1];
      for (; from < end; from++) {
        theta[from] = bound * (2 * CounterRandom.uniform(SEED, 0, from) - 1);
      }
    }
    return theta;
  }

  /** A direction {@code v [P]}. */
  final double[] direction() {
    return repeated(network.size(), 3);
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
  public final double work() {
    return 1;
  }
}
