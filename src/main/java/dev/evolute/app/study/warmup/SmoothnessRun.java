package dev.evolute.app.study.warmup;

import dev.evolute.app.study.Progress;
import dev.evolute.app.study.SavedRuns;
import dev.evolute.app.study.StudyRun;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.optim.Clipping;
import dev.evolute.autodiff.optim.Optimizer;
import dev.evolute.autodiff.optim.Sampler;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.LinearOperator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Section 3.2 of paper 000 for one {@link Watch}: at every step the local smoothness
 *
 * <pre>
 *   ||grad f_{S_k}(w_k) - grad f_{S_{k-1}}(w_{k-1})|| / ||w_k - w_{k-1}||      as the paper has it
 *   ||grad f_{S_k}(w_{k+1}) - grad f_{S_k}(w_k)|| / ||w_{k+1} - w_k||          of one mini-batch
 * </pre>
 *
 * <p>and at some steps both ends of the spectrum of {@code Hess f_{S_k}(w_k)}. In the first the
 * noise of two mini-batches is divided by the step; the second is a difference quotient of one
 * function, no larger than its largest curvature along the step.
 */
final class SmoothnessRun {
  /** What is known of a step. */
  enum Column {
    STEP("step"),
    LOSS("loss"),
    GRADIENT("gradientNorm"),
    CONSECUTIVE("smoothnessOfTwoBatches"),
    SAME("smoothnessOfOneBatch"),
    MAX("lambdaMax"),
    MAX_LOWER("lambdaMaxLower"),
    MAX_UPPER("lambdaMaxUpper"),
    MIN("lambdaMin"),
    MIN_LOWER("lambdaMinLower"),
    PRODUCTS("products");

    final String title;

    Column(String title) {
      this.title = title;
    }
  }

  static final int WIDTH = Column.values().length;

  /** Residual of the ends of the spectrum, relative to the norm. */
  private static final double TOLERANCE = 1e-2;

  private static final Clipping CLIPPING = new Clipping(1);

  private final Watch watch;
  private final Cost cost;
  private final SavedRuns saved;
  private final Progress progress;
  private final List<double[]> rows = new ArrayList<>();

  /**
   * One run.
   *
   * @param cost what its progress is counted in
   */
  SmoothnessRun(Watch watch, Cost cost, SavedRuns saved, Progress progress) {
    this.watch = watch;
    this.cost = cost;
    this.saved = saved;
    this.progress = progress;
  }

  /**
   * Rows of what was saved, or null for nothing; the first of them may be all there is to do.
   *
   * @param state as it was saved
   */
  static List<double[]> rows(double[][] state) {
    List<double[]> rows = new ArrayList<>();
    for (int at = 0; at < state[0].length; at += WIDTH) {
      rows.add(Arrays.copyOfRange(state[0], at, at + WIDTH));
    }
    return rows;
  }

  /**
   * Trains to the end, or until the user interrupts; what there is then is saved.
   *
   * @param state to go on from, or null
   * @return a row of {@link Column}s a step
   */
  List<double[]> run(Device device, double[][] state) {
    if (state != null) {
      rows.addAll(rows(state));
    }
    if (rows.size() == watch.steps()) {
      return rows;
    }
    try (Program program = watch.learner().compile(device, watch.seed());
        Optimizer optimizer = watch.optimizer(program);
        Buffer before = device.allocate(watch.learner().dtype(), program.size());
        Buffer moved = device.allocate(watch.learner().dtype(), program.size())) {
      Kernels kernels = program.kernels();
      if (state != null) {
        restore(state, program, optimizer, before, moved);
      }
      Learner.Loader loader = watch.learner().new Loader(program);
      int[] batch = new int[watch.learner().batch()];
      Sampler sampler =
          new Sampler(
              watch.learner().samples().count(), watch.learner().batch(), true, watch.seed());
      sampler.seek(rows.size());
      long savedAt = System.nanoTime();
      while (rows.size() < watch.steps() && !progress.interrupted()) {
        int step = rows.size();
        double[] row = new double[WIDTH];
        Arrays.fill(row, Double.NaN);
        put(row, Column.STEP, step);
        sampler.next(batch);
        loader.load(batch);
        if (watch.probedAt(step) && !probe(program, row)) {
          break;
        }
        program.gradientPass();
        double loss = program.loss();
        StudyRun.requireFinite(watch.label(), loss, step, watch.eta());
        put(row, Column.LOSS, loss);
        put(row, Column.GRADIENT, kernels.nrm2(program.gradient()));
        if (step > 0) {
          // moved is w_k - w_{k-1}, before the gradient there.
          kernels.axpby(1, program.gradient(), -1, before);
          put(row, Column.CONSECUTIVE, kernels.nrm2(before) / kernels.nrm2(moved));
        }
        kernels.copy(program.gradient(), before);
        kernels.copy(program.theta(), moved);
        double factor = CLIPPING.factor(kernels, program.gradient());
        optimizer.step(watch.eta(), factor, program.gradient(), program.theta());
        kernels.axpby(1, program.theta(), -1, moved);
        program.gradientPass();
        kernels.axpby(-1, before, 1, program.gradient());
        put(row, Column.SAME, kernels.nrm2(program.gradient()) / kernels.nrm2(moved));
        rows.add(row);
        progress.add(cost.ofStep(watch) + (watch.probedAt(step) ? cost.ofProbe(watch) : 0));
        if (System.nanoTime() - savedAt > SavedRuns.EVERY_NANOS) {
          save(program, optimizer, before, moved);
          savedAt = System.nanoTime();
        }
      }
      save(program, optimizer, before, moved);
    }
    return rows;
  }

  /**
   * Both ends of the Hessian's spectrum of the mini-batch that is loaded.
   *
   * @return false where the user interrupted
   */
  private boolean probe(Program program, double[] row) {
    Lanczos.Options options =
        Lanczos.Options.defaults()
            .withTolerance(TOLERANCE)
            .withVectors(false)
            .withSeed(watch.seed());
    LinearOperator whole = Point.of(program).hessian();
    LinearOperator hessian =
        LinearOperator.of(
            whole.device(),
            whole.dtype(),
            whole.size(),
            (x, y) -> {
              progress.requireGoingOn();
              whole.apply(x, y);
            });
    try (Extremes ends = Lanczos.extremes(hessian, options)) {
      put(row, Column.MAX, ends.max().value());
      put(row, Column.MAX_LOWER, ends.max().lower());
      put(row, Column.MAX_UPPER, ends.max().upper());
      put(row, Column.MIN, ends.min().value());
      put(row, Column.MIN_LOWER, ends.min().lower());
      put(row, Column.PRODUCTS, ends.products());
      return true;
    } catch (Progress.Ended e) {
      return false;
    }
  }

  private static void put(double[] row, Column column, double value) {
    row[column.ordinal()] = value;
  }

  /** A finished run is kept without what it would go on from. */
  private void save(Program program, Optimizer optimizer, Buffer before, Buffer moved) {
    double[] flat = rows.stream().flatMapToDouble(Arrays::stream).toArray();
    if (rows.size() == watch.steps()) {
      saved.save(watch.label(), flat);
      return;
    }
    List<double[]> state = new ArrayList<>();
    state.add(flat);
    state.add(program.theta().toArray());
    state.add(before.toArray());
    state.add(moved.toArray());
    optimizer.state().values().forEach(v -> state.add(v.toArray()));
    program.state().values().forEach(v -> state.add(v.toArray()));
    saved.save(watch.label(), state.toArray(new double[0][]));
  }

  private void restore(
      double[][] state, Program program, Optimizer optimizer, Buffer before, Buffer moved) {
    program.theta().set(state[1]);
    before.set(state[2]);
    moved.set(state[3]);
    int at = 4;
    for (Buffer v : optimizer.state().values()) {
      v.set(state[at++]);
    }
    for (Buffer v : program.state().values()) {
      v.set(state[at++]);
    }
    optimizer.resume(rows.size());
  }
}
