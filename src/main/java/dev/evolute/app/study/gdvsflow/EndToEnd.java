package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.StudyResult;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.DeepLinear;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.CounterRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Deep linear networks on whitened digits from the balanced start of procedure 13 (paper 002,
 * section 5): all weights by automatic differentiation, integrated along gradient flow or stepped
 * by descent, beside the dynamics of the end-to-end matrix alone, the closed form for one output,
 * and the three numbers that stand for all weights there.
 */
final class EndToEnd implements Part {
  private static final int HIDDEN = 10;
  private static final double NORM = 0.2;
  private static final double COSINE = 0.3;
  private static final int POINTS = 30;
  private static final double STEP = 0.05;

  /** Points from one to the next at which the curvature about the flow is looked at. */
  private static final int TUBE = 3;

  /** What two integrations to ten digits and more may differ by. */
  private static final double SAME = 1e-8;

  private static final double ROUNDING = 1e-11;

  private final Whitened data;
  private final int classes;
  private final List<Integer> depths;
  private final ClaimCheck identity =
      new ClaimCheck(
          "training loss on whitened data = ‖W_{n:1} − Λ_yx‖²/2 + c", "002, equation (20)");
  private final ClaimCheck start =
      new ClaimCheck("balanced start: W_{n:1} = A and (19), to rounding", "002, Procedure 13");
  private final ClaimCheck closed =
      new ClaimCheck("closed form = flow of all weights, to 10⁻⁸", "002, Section 5, Lemmas 40, 44");
  private final ClaimCheck dynamics =
      new ClaimCheck(
          "dynamics of the end-to-end matrix = flow of all weights, to 10⁻⁸",
          "002, proof of Proposition 14");
  private final ClaimCheck balanced =
      new ClaimCheck("balance is conserved along the flow, to 10⁻⁸", "002, equation (19)");
  private final ClaimCheck descent =
      new ClaimCheck(
          "descent of all weights = the recursion of three numbers, to 10⁻¹¹", "002, Section 5");
  private final ClaimCheck drifts =
      new ClaimCheck(
          "imbalance of descent falls in proportion to its step, to a tenth", "002, Appendix G");

  private final Tube tube = new Tube();

  /** Singular values of the end-to-end matrix along the flow, ten outputs. */
  private final List<double[]> singular = new ArrayList<>();

  private double[] singularTimes = {};

  EndToEnd(Whitened data, int classes, List<Integer> depths) {
    this.data = data;
    this.depths = depths;
    this.classes = classes;
  }

  private Program compile(DeepLinear model, double[] y, Device device) {
    Graph graph = new Graph();
    Value x = graph.data("x", data.samples(), data.inputs());
    int outputs = y.length / data.samples();
    Value targets = graph.data("y", data.samples(), outputs);
    graph.loss(SquaredError.halfMean(data.samples()), model.record(graph, x), targets);
    Program program = Program.compile(graph, device, DType.F64, Program.Purpose.CURVATURE);
    program.set(x, data.x());
    program.set(targets, y);
    return program;
  }

  /**
   * Measures everything.
   *
   * @throws GradientFlow.Stopped if the user interrupts; what was checked stays
   */
  void measure(Device device, BooleanSupplier interrupted) {
    for (int depth : depths) {
      oneOutput(device, depth, interrupted);
    }
    manyOutputs(device, interrupted);
  }

  private List<ClaimCheck> checks() {
    return List.of(
        identity, start, closed, dynamics, balanced, tube.curvature, tube.smooth, descent, drifts);
  }

  /** The checks, the times, and a row of singular values for each. */
  synchronized double[][] state() {
    List<double[]> state = new ArrayList<>(checks().stream().map(ClaimCheck::tally).toList());
    state.add(singularTimes);
    state.addAll(singular);
    return state.toArray(new double[0][]);
  }

  synchronized void restore(double[][] state) {
    int at = 0;
    for (ClaimCheck check : checks()) {
      check.add(state[at++]);
    }
    singularTimes = state[at++];
    singular.addAll(Arrays.asList(state).subList(at, state.length));
  }

  private DeepLinear model(int depth, int outputs) {
    int[] widths = new int[depth + 1];
    Arrays.fill(widths, HIDDEN);
    widths[0] = data.inputs();
    widths[depth] = outputs;
    return DeepLinear.of(widths);
  }

  private static double difference(double[] a, double[] b) {
    return Trajectory.distance(a, b) / Curvature.norm(b);
  }

  // One output

  /** {@code nu lambda + sqrt(1 - nu^2) e}, e a fixed unit vector normal to lambda, times a norm. */
  private static double[] vector(double[] lambda, double[] e, double norm, double nu, double sine) {
    double[] u = new double[lambda.length];
    for (int i = 0; i < u.length; i++) {
      u[i] = norm * (nu * lambda[i] + sine * e[i]);
    }
    return u;
  }

  private static double[] normal(double[] lambda) {
    double[] e = new double[lambda.length];
    CounterRandom.fillGaussian(5, 0, 0, e);
    double along = 0;
    for (int i = 0; i < e.length; i++) {
      along += e[i] * lambda[i];
    }
    for (int i = 0; i < e.length; i++) {
      e[i] -= along * lambda[i];
    }
    double norm = Curvature.norm(e);
    for (int i = 0; i < e.length; i++) {
      e[i] /= norm;
    }
    return e;
  }

  private synchronized void oneOutput(Device device, int depth, BooleanSupplier interrupted) {
    double[] y = data.parity();
    double[] lambda = data.target(y, 1);
    double[] e = normal(lambda);
    ClosedFlow flow = new ClosedFlow(depth, NORM, COSINE);
    double c = -0.5;
    for (double value : y) {
      c += value * value / (2 * data.samples());
    }
    DeepLinear model = model(depth, 1);
    try (Program program = compile(model, y, device)) {
      double[] a = vector(lambda, e, NORM, COSINE, flow.sine(0));
      model.balanced(program, a);
      double[] theta = program.theta().toArray();
      start.check(ROUNDING, difference(model.endToEnd(program), a));
      start.check(ROUNDING, model.imbalance(program));
      double end = flow.time(flow.whenGap(1e-4));
      double[] times = ClosedFlow.grid(end, POINTS);
      double[] when = flow.when(times);
      double[] at = theta;
      double[] w = a;
      for (int i = 0; i < POINTS; i++) {
        if (i > 0) {
          at =
              GradientFlow.advance(
                  GradientFlow.downhill(program, interrupted), at, times[i] - times[i - 1]);
          w = GradientFlow.advance(v -> row(v, lambda, depth), w, times[i] - times[i - 1]);
        }
        program.theta().set(at);
        double[] product = model.endToEnd(program);
        double[] exact =
            vector(lambda, e, flow.norm(when[i]), flow.nu(when[i]), flow.sine(when[i]));
        closed.check(SAME, difference(product, exact));
        dynamics.check(SAME, difference(w, product));
        double layer = Math.pow(flow.norm(when[i]), 1.0 / depth);
        for (double norm : Chain.of(model, at).norms()) {
          closed.check(SAME, Math.abs(norm / layer - 1));
        }
        balanced.check(SAME, model.imbalance(program));
        double gap = Trajectory.distance(product, lambda);
        identity.check(ROUNDING * program.value(), Math.abs(program.loss() - gap * gap / 2 - c));
      }
      at = theta;
      for (int i = 0; i < POINTS; i += TUBE) {
        if (i > 0) {
          at =
              GradientFlow.advance(
                  GradientFlow.downhill(program, interrupted), at, times[i] - times[i - TUBE]);
        }
        tube.check(new SectionFive(flow), program, at, when[i], 100 * depth + i);
      }
      descend(program, model, theta, flow, lambda, e, interrupted);
    }
  }

  /**
   * Dynamics of the end-to-end row vector: {@code -(||w||^(2-2/n) (g + (n-1) w w^T g / ||w||^2))}.
   */
  private static double[] row(double[] w, double[] lambda, int depth) {
    double square = 0;
    double along = 0;
    for (int i = 0; i < w.length; i++) {
      square += w[i] * w[i];
      along += w[i] * (w[i] - lambda[i]);
    }
    double factor = Math.pow(square, 1 - 1.0 / depth);
    double[] change = new double[w.length];
    for (int i = 0; i < w.length; i++) {
      change[i] = -factor * (w[i] - lambda[i] + (depth - 1) * along / square * w[i]);
    }
    return change;
  }

  private void descend(
      Program program,
      DeepLinear model,
      double[] theta,
      ClosedFlow flow,
      double[] lambda,
      double[] e,
      BooleanSupplier interrupted) {
    double[] imbalance = new double[2];
    for (int half = 0; half < 2; half++) {
      double eta = STEP / (1 + half);
      int steps = 100 * (1 + half);
      double[] at = theta.clone();
      RankOne three = flow.weights(0);
      for (int k = 0; k < steps; k++) {
        double[] down = GradientFlow.downhill(program, interrupted).at(at);
        for (int i = 0; i < at.length; i++) {
          at[i] += eta * down[i];
        }
        three = three.step(eta);
        if (k % 10 == 9) {
          program.theta().set(at);
          double product = Math.pow(three.s(), flow.depth() - 1);
          double[] expected = vector(lambda, e, product, three.p(), three.q());
          descent.check(ROUNDING, difference(model.endToEnd(program), expected));
        }
      }
      program.theta().set(at);
      imbalance[half] = model.imbalance(program);
    }
    drifts.check(0.1, Math.abs(2 * imbalance[1] / imbalance[0] - 1));
  }

  // Ten outputs

  private synchronized void manyOutputs(Device device, BooleanSupplier interrupted) {
    int depth = 3;
    double[] y = data.oneHot(classes);
    DMatrixRMaj lambda = DMatrixRMaj.wrap(classes, data.inputs(), data.target(y, classes));
    DeepLinear model = model(depth, classes);
    try (Program program = compile(model, y, device)) {
      double[] a = new double[classes * data.inputs()];
      CounterRandom.fillGaussian(6, 0, 0, a);
      double scale = NORM / Curvature.norm(a);
      for (int i = 0; i < a.length; i++) {
        a[i] *= scale;
      }
      model.balanced(program, a);
      start.check(ROUNDING, difference(model.endToEnd(program), a));
      start.check(ROUNDING, model.imbalance(program));
      double[] times = ClosedFlow.grid(60, POINTS);
      singularTimes = times;
      double[] at = program.theta().toArray();
      double[] w = a;
      for (int i = 0; i < POINTS; i++) {
        if (i > 0) {
          at =
              GradientFlow.advance(
                  GradientFlow.downhill(program, interrupted), at, times[i] - times[i - 1]);
          w = GradientFlow.advance(v -> matrix(v, lambda, depth), w, times[i] - times[i - 1]);
        }
        program.theta().set(at);
        double[] product = model.endToEnd(program);
        dynamics.check(SAME, difference(w, product));
        balanced.check(SAME, model.imbalance(program));
        singular.add(
            Powers.singularValues(DMatrixRMaj.wrap(classes, data.inputs(), product.clone())));
      }
    }
  }

  /** {@code -sum_j [W W^T]^((n-j)/n) grad phi(W) [W^T W]^((j-1)/n)}. */
  static double[] matrix(double[] w, DMatrixRMaj lambda, int depth) {
    DMatrixRMaj product = DMatrixRMaj.wrap(lambda.numRows, lambda.numCols, w.clone());
    DMatrixRMaj slope = CommonOps_DDRM.subtract(lambda, product, null);
    Powers.Sides sides = Powers.Sides.of(product);
    DMatrixRMaj sum = new DMatrixRMaj(lambda.numRows, lambda.numCols);
    for (int j = 1; j <= depth; j++) {
      DMatrixRMaj term =
          CommonOps_DDRM.mult(
              CommonOps_DDRM.mult(sides.left((depth - j) / (double) depth), slope, null),
              sides.right((j - 1) / (double) depth),
              null);
      CommonOps_DDRM.addEquals(sum, term);
    }
    return sum.data;
  }

  // Claims and figures

  @Override
  public synchronized List<Claim> claims() {
    return List.of(
        identity.note("Digits of 4 x 4 averages, whitened; c of Appendix F.").claim(),
        start.note("Depths 2 to 4 with one output, depth 3 with ten.").claim(),
        closed.note("End-to-end vector and norms of all layers, depths 2 to 4.").claim(),
        dynamics.note("One output, depths 2 to 4, and ten outputs, depth 3.").claim(),
        balanced.note("Largest ‖W_{j+1}ᵀW_{j+1} − W_jW_jᵀ‖ along the integrated flow.").claim(),
        tube.curvature
            .note(
                "On the flow, where it is attained and so checked to 10⁻⁹ of the norm, and at a"
                    + " random point 1/(2n) away; depths 2 to 4, by Lanczos' method.")
            .claim(),
        tube.smooth.note("The constants with which section 5 applies Theorem 3.").claim(),
        descent.note("Which lets millions of steps be taken in no time.").claim(),
        drifts.note("Steps of 0.05 and half of it over the same time, depths 2 to 4.").claim());
  }

  @Override
  public synchronized List<Figure> figures() {
    Chart.Builder panel =
        Chart.titled("").x("time of the flow").y("singular values of the end-to-end matrix");
    int shown = singular.isEmpty() ? 0 : Math.min(5, singular.get(0).length);
    for (int k = 0; k < shown; k++) {
      int index = k;
      double[] values = singular.stream().mapToDouble(s -> s[index]).toArray();
      double[] times = Arrays.copyOf(singularTimes, values.length);
      panel.line(Line.solid("σ" + (k + 1), times, values, k));
    }
    return List.of(
        new Figure(
            "end-to-end",
            "A deep linear network learns one direction after the other",
            "The five largest singular values of the end-to-end matrix of a linear network of depth"
                + " 3 on whitened digits, ten outputs, along gradient flow from a balanced start of"
                + " norm 0.2. The flow of all weights and the dynamics of this matrix alone agree"
                + " to 10⁻⁸.",
            "",
            List.of(panel.build())));
  }

  @Override
  public synchronized void describe(StudyResult.Builder result) {
    result.more(
        "deepLinear",
        Row.of("inputs", data.inputs(), "hidden", HIDDEN, "norm", NORM, "cosine", COSINE));
  }
}
