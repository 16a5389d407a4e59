package dev.evolute.app.train;

import dev.evolute.app.data.Samples;
import dev.evolute.app.engine.BatchLoss;
import dev.evolute.app.model.NamedModel;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.optim.GradientSum;
import dev.evolute.autodiff.optim.LineSearch;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The mean loss of a network over some samples, compiled once for each number of them that a run
 * meets, all on one theta and one state: as it is trained and, where that differs, as it is
 * evaluated.
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
  private final long seed;
  private final Map<Integer, Part> parts = new TreeMap<>();

  /** The same as {@link #parts} where the network is trained as it is evaluated. */
  private final Map<Integer, Part> evaluated;

  private final Program first;
  private final GradientSum sum;
  private final int[] all;

  /**
   * Compiles what a run needs.
   *
   * @param seed of what is drawn for each pass
   * @param rows samples of one pass
   * @param held samples that are evaluated
   * @param batches how many samples come at once
   */
  Passes(
      NamedModel model,
      Samples shape,
      Device device,
      DType dtype,
      long seed,
      int rows,
      int held,
      int... batches) {
    this.model = model;
    this.shape = shape;
    this.seed = seed;
    this.rows = rows;
    NamedModel evaluation = model.evaluation();
    boolean alike = evaluation.equals(model);
    evaluated = alike ? parts : new TreeMap<>();
    first = Program.compile(graph(model, rows), device, dtype, Program.Purpose.TRAINING);
    try {
      parts.put(rows, part(first, rows));
      for (int count : batches) {
        compile(parts, model, count % rows);
      }
      if (held >= rows) {
        compile(evaluated, evaluation, rows);
      }
      compile(evaluated, evaluation, held % rows);
      sum = new GradientSum(first);
    } catch (RuntimeException e) {
      closePrograms();
      throw e;
    }
    all = new int[held];
    for (int i = 0; i < held; i++) {
      all[i] = i;
    }
  }

  private static Graph graph(NamedModel model, int n) {
    Graph graph = new Graph();
    model.loss(n).record(graph, n);
    return graph;
  }

  private void compile(Map<Integer, Part> to, NamedModel model, int n) {
    if (n > 0 && !to.containsKey(n)) {
      to.put(n, part(Program.compile(graph(model, n), first), n));
    }
  }

  private Part part(Program program, int n) {
    return new Part(
        program,
        data(program, "x"),
        data(program, "y"),
        new double[n * shape.inputs()],
        new double[n * shape.targets()],
        new int[n]);
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

  /**
   * Mean loss and gradient over some samples; returns the loss. Running statistics follow each
   * pass.
   *
   * @param step names what is drawn: the masks of drop path
   */
  double gradient(Samples samples, int[] which, int count, long step) {
    sum.clear();
    long passes = Math.ceilDiv(which.length, rows);
    for (int from = 0; from < count; from += rows) {
      int n = Math.min(rows, count - from);
      Part part = parts.get(n);
      part.load(samples, which, from);
      model.network().draw(part.program, seed, passes * step + from / rows);
      part.program.gradientPass();
      part.program.advance();
      sum.add((double) n / count, part.program);
    }
    return sum.loss();
  }

  /**
   * One step by backtracking on the mean loss over some samples, all in one pass; returns its size.
   *
   * @param step names what is drawn, the same in all passes of the step
   */
  double search(LineSearch search, Samples samples, int[] which, int count, long step) {
    Part part = parts.get(count);
    part.load(samples, which, 0);
    model.network().draw(part.program, seed, step);
    double eta = search.step(part.program);
    part.program.advance();
    return eta;
  }

  /** Mean loss over all samples, and how many of them have their largest output at their class. */
  BatchLoss.Evaluation evaluate(Samples samples) {
    double loss = 0;
    int right = 0;
    for (int from = 0; from < samples.count(); from += rows) {
      int n = Math.min(rows, samples.count() - from);
      Part part = evaluated.get(n);
      part.load(samples, all, from);
      loss += part.program.value() * n / samples.count();
      right += model.sequential() ? 0 : right(part);
    }
    return new BatchLoss.Evaluation(loss, right, samples.count());
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

  private void closePrograms() {
    // The first program owns what the others share, and is closed last.
    Stream.concat(parts.values().stream(), evaluated.values().stream())
        .map(Part::program)
        .filter(program -> program != first)
        .distinct()
        .forEach(Program::close);
    first.close();
  }

  @Override
  public void close() {
    sum.close();
    closePrograms();
  }
}
