package dev.evolute.app.train;

import dev.evolute.app.data.Samples;
import dev.evolute.app.model.NamedModel;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.optim.GradientSum;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Map;
import java.util.TreeMap;

/**
 * The mean loss of a network over some samples, compiled once for each number of them that a run
 * meets, all on one theta.
 */
final class Passes implements AutoCloseable {
  /** One number of samples. */
  private record Part(Program program, Value x, Value y, double[] xs, double[] ys, int[] classes) {
    void load(Samples samples, int[] which, int from) {
      for (int i = 0; i < classes.length; i++) {
        samples.write(which[from + i], xs, i * samples.inputs(), ys, i * samples.targets());
      }
      program.set(x, xs);
      program.set(y, ys);
    }
  }

  private final NamedModel model;
  private final Samples shape;
  private final int rows;
  private final Map<Integer, Part> parts = new TreeMap<>();
  private final Program first;
  private final GradientSum sum;
  private final int[] all;

  /** Of the last {@link #evaluate}. */
  private double accuracy;

  /**
   * Compiles what a run needs.
   *
   * @param rows samples of one pass
   * @param counts how many samples come at once: batches, held-out samples
   */
  Passes(NamedModel model, Samples shape, Device device, DType dtype, int rows, int... counts) {
    this.model = model;
    this.shape = shape;
    this.rows = rows;
    int most = 0;
    first = Program.compile(graph(rows), device, dtype, Program.Purpose.TRAINING);
    try {
      add(first, rows);
      for (int count : counts) {
        int rest = count % rows;
        if (rest > 0 && !parts.containsKey(rest)) {
          add(Program.compile(graph(rest), first), rest);
        }
        most = Math.max(most, count);
      }
      sum = new GradientSum(first);
    } catch (RuntimeException e) {
      closePrograms();
      throw e;
    }
    all = new int[most];
    for (int i = 0; i < most; i++) {
      all[i] = i;
    }
  }

  private Graph graph(int n) {
    Graph graph = new Graph();
    model.loss(n).record(graph, n);
    return graph;
  }

  private void add(Program program, int n) {
    parts.put(
        n,
        new Part(
            program,
            data(program, "x"),
            data(program, "y"),
            new double[n * shape.inputs()],
            new double[n * shape.targets()],
            new int[n]));
  }

  private static Value data(Program program, String name) {
    return program.graph().data().stream()
        .filter(value -> value.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Holds theta and the gradient. */
  Program program() {
    return first;
  }

  /** The gradient of the last {@link #gradient}, {@code [P]}. */
  Buffer gradient() {
    return sum.gradient();
  }

  /** Mean loss and gradient over some samples; returns the loss. */
  double gradient(Samples samples, int[] which, int count) {
    sum.clear();
    for (int from = 0; from < count; from += rows) {
      int n = Math.min(rows, count - from);
      Part part = parts.get(n);
      part.load(samples, which, from);
      part.program.gradientPass();
      sum.add((double) n / count, part.program);
    }
    return sum.loss();
  }

  /** Mean loss over all samples; with it comes {@link #accuracy}. */
  double evaluate(Samples samples) {
    double loss = 0;
    int right = 0;
    for (int from = 0; from < samples.count(); from += rows) {
      int n = Math.min(rows, samples.count() - from);
      Part part = parts.get(n);
      part.load(samples, all, from);
      loss += part.program.value() * n / samples.count();
      right += model.sequential() ? 0 : right(part);
    }
    accuracy = (double) right / samples.count();
    return loss;
  }

  private static int right(Part part) {
    part.program.kernels().rowArgmax(part.program.outputs(), part.classes);
    int targets = part.ys.length / part.classes.length;
    int right = 0;
    for (int i = 0; i < part.classes.length; i++) {
      right += part.ys[i * targets + part.classes[i]] == 1 ? 1 : 0;
    }
    return right;
  }

  /** Share of the samples of the last evaluation whose largest output is that of their class. */
  double accuracy() {
    return accuracy;
  }

  private void closePrograms() {
    parts.values().forEach(part -> part.program.close());
  }

  @Override
  public void close() {
    sum.close();
    closePrograms();
  }
}
