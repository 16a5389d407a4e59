package dev.evolute.app.study.rsc;

import dev.evolute.app.study.Progress;
import dev.evolute.autodiff.curvature.LinearMap;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.BinaryCrossEntropy;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.autodiff.optim.GradientDescent;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.CounterRandom;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gradient descent in the scaling of the theory, with everything the paper bounds measured at some
 * points on the way, in f64.
 */
final class BoundsRun {
  /** Coefficient of the square that makes the logistic loss strongly convex. */
  static final double LOGISTIC_SQUARE = 0.25;

  /** How far the targets of {@link Kind#OFFSET} are from the outputs at the start. */
  static final double OFFSET = 0.03;

  private static final double CURVATURE_TOLERANCE = 1e-3;

  /** Steps of gradient descent that are tried, over eta: the last within 2 / beta of the paper. */
  private static final double[] STEPS = {1, 1.0 / 16, 1.0 / 1024};

  /** Share of gbar in the slanted directions that are tried. */
  private static final double SLANT = 0.5;

  /** What is trained. */
  enum Kind {
    /** Two classes as 1 and -1, squared error. */
    LABELS("labels", "labels ±1", 2, 2),
    /** Targets a little above the outputs at the start: near a minimum from the beginning. */
    OFFSET("offset", "targets near the start", 2, 2),
    /** Two classes, logistic loss with a square of the output: assumption 3 with a < b. */
    LOGISTIC("logistic", "logistic loss", 2 * LOGISTIC_SQUARE, 2 * LOGISTIC_SQUARE + 0.25),
    /** Ten outputs, one a class, squared error. */
    OUTPUTS("outputs", "ten outputs", 2, 2);

    private final String label;
    private final String title;
    private final double a;
    private final double b;

    Kind(String label, String title, double a, double b) {
      this.label = label;
      this.title = title;
      this.a = a;
      this.b = b;
    }

    String label() {
      return label;
    }

    String title() {
      return title;
    }
  }

  /**
   * One step that was tried from theta_t.
   *
   * @param eta learning rate where it is a step of gradient descent, else 0
   * @param loss where it leads
   * @param slope {@code <step, grad L>}
   * @param square {@code |step|^2}
   * @param cosine {@code |cos(step, gbar_t)|}: the largest kappa whose cone it lies in
   */
  record Trial(double eta, double loss, double slope, double square, double cosine) {
    /** Twice what the loss is above its tangent, over the square. */
    double coefficient(double from) {
      return 2 * (loss - from - slope) / square;
    }
  }

  /**
   * One point on the way.
   *
   * @param rootLambda {@code sqrt((1/n) sum_i sum_h l'_ih^2)}
   * @param square mean over samples of {@code |y_i|^2}
   * @param cosine {@code |cos(grad L, gbar)|}
   * @param along {@code <gbar, Hess L gbar> / |gbar|^2}
   * @param lambdaMax largest eigenvalue of the loss's Hessian
   * @param rho {@code max_l ||W_l - W_l(0)||_2}
   * @param rho1 {@code max_h |v_h - v_h(0)|}
   * @param kernelMin smallest eigenvalue of the tangent kernel, NaN for several outputs
   * @param kernelMax largest one
   * @param trials steps tried, that of gradient descent first
   */
  record Probe(
      int iteration,
      double loss,
      double rootLambda,
      double square,
      double gradient,
      double gbar,
      double cosine,
      double along,
      double lambdaMax,
      double rho,
      double rho1,
      double kernelMin,
      double kernelMax,
      Snapshot snapshot,
      List<Trial> trials) {
    /** Length of the step of gradient descent; none that was tried is longer. */
    double rho2() {
      return Math.sqrt(trials.get(0).square());
    }
  }

  final String name;
  final Kind kind;
  final Network network;
  final double eta;
  final List<Probe> probes = new ArrayList<>();
  private final Protocol protocol;
  private final TrainingSet data;
  private final int n;

  BoundsRun(Protocol protocol, String name, Kind kind, TrainingSet data, int width, double eta) {
    this.protocol = protocol;
    this.name = name;
    this.kind = kind;
    this.data = data;
    int outputs = kind == Kind.OUTPUTS ? data.classes() : 1;
    network =
        new Network(
            Parametrisation.SCALED,
            data.inputs(),
            width,
            protocol.depth(),
            outputs,
            Activation.TANH);
    this.eta = eta;
    n = data.samples();
  }

  /** The name in files: {@code labels-m256}. */
  String label() {
    return name + "-m" + network.width();
  }

  int samples() {
    return n;
  }

  /** Whether the paper's assumption m >= d holds. */
  boolean wide() {
    return network.width() >= network.inputs();
  }

  /** Million multiplications, about. */
  long cost() {
    long steps = protocol.boundIterations() * CurveRun.cost(data, network.depth(), network.width());
    long hessians = HessianScaling.cost(protocol, network.width()) * network.outputs();
    long rest = 40 * CurveRun.cost(data, network.depth(), network.width());
    return steps + protocol.probes() * (hessians + rest);
  }

  private int iteration(int probe) {
    double share = (double) probe / (protocol.probes() - 1);
    return (int) Math.round(protocol.boundIterations() * share * share);
  }

  /** The trials' Convexity at a probe, from the layers' norms there and the steps' length. */
  LayerBounds.Convexity local(Probe probe) {
    LayerBounds around = probe.snapshot().bounds().grown(probe.rho2());
    int k = network.outputs();
    double gradient = around.gradient();
    double rootLambda = probe.rootLambda() + kind.b * Math.sqrt(k) * gradient * probe.rho2();
    return new LayerBounds.Convexity(kind.a, kind.b, k, around.hessian(), gradient, rootLambda);
  }

  /** The smallest ball around the start that holds the run and all trials, as the theory has it. */
  LayerBounds ball() {
    double rho = 0;
    double rho1 = 0;
    for (Probe probe : probes) {
      rho = Math.max(rho, probe.rho() + probe.rho2());
      rho1 = Math.max(rho1, probe.rho1() + probe.rho2());
    }
    double gamma = Protocol.SIGMA1 + rho / Math.sqrt(network.width());
    return LayerBounds.ball(network.depth(), network.width(), gamma, rho1);
  }

  /** The convexity of theorems 5.1, 5.2, C.2, C.3 in that ball, with {@code c_H} of (6). */
  LayerBounds.Convexity paper() {
    LayerBounds ball = ball();
    double hessian = ball.paperConstant().value() / Math.sqrt(network.width());
    return inBall(ball, hessian);
  }

  /** The same with the direct constant for {@code c_H}. */
  LayerBounds.Convexity direct() {
    return inBall(ball(), ball().hessian());
  }

  private LayerBounds.Convexity inBall(LayerBounds ball, double hessian) {
    int k = network.outputs();
    double rootLambda = Double.NaN;
    if (kind != Kind.LOGISTIC) {
      rootLambda = 2 * Math.sqrt(ball.loss(probes.get(0).square(), k));
    } else {
      // l'(z) = s(z) - y + 2 mu z
      rootLambda = 1 + 2 * LOGISTIC_SQUARE * ball.output();
    }
    return new LayerBounds.Convexity(kind.a, kind.b, k, hessian, ball.gradient(), rootLambda);
  }

  /** Runs to the end, or until the user interrupts. */
  void run(Device device, Progress progress) {
    int k = network.outputs();
    Graph graph = new Graph();
    Value x = graph.data("x", n, data.inputs());
    Value y = graph.data("y", n, k);
    Value zero = kind == Kind.LOGISTIC ? graph.data("zero", n, k) : null;
    Value z = network.model().record(graph, x);
    if (kind == Kind.LOGISTIC) {
      graph.loss(BinaryCrossEntropy.mean(n), z, y);
      graph.loss(new SquaredError(LOGISTIC_SQUARE / n), z, zero);
    } else {
      graph.loss(SquaredError.mean(n), z, y);
    }
    int looked = Math.min(n, protocol.hessianSamples());
    try (Program program = Program.compile(graph, device, DType.F64, Program.Purpose.CURVATURE);
        SampleDerivatives all = new SampleDerivatives(network, n, device, DType.F64);
        SampleDerivatives few = new SampleDerivatives(network, looked, device, DType.F64);
        Work work = new Work(program)) {
      network.initialise(program, protocol.seed() + 1, Protocol.SIGMA1);
      program.set(x, data.x());
      work.program.kernels().copy(program.theta(), work.start);
      double[] targets = targets(all, program.theta());
      program.set(y, targets);
      if (zero != null) {
        program.set(zero, new double[n * k]);
      }
      GradientDescent descent = new GradientDescent(eta);
      long units = CurveRun.cost(data, network.depth(), network.width());
      int next = 0;
      for (int t = 0; !progress.interrupted(); t++) {
        while (next < protocol.probes() && iteration(next) == t) {
          probes.add(work.probe(t, z, targets, all, few));
          progress.add((cost() - protocol.boundIterations() * units) / protocol.probes());
          next++;
        }
        if (t == protocol.boundIterations()) {
          break;
        }
        descent.step(program);
        progress.add(units);
      }
    }
  }

  private double[] targets(SampleDerivatives all, Buffer theta) {
    return switch (kind) {
      case LABELS -> data.signs();
      case LOGISTIC -> Arrays.stream(data.signs()).map(s -> (s + 1) / 2).toArray();
      case OUTPUTS -> data.oneHot();
      case OFFSET -> {
        all.at(theta, data.x(), 0);
        yield Arrays.stream(all.outputs()).map(f -> f + OFFSET).toArray();
      }
    };
  }

  /** The vectors that a probe needs. */
  private final class Work implements AutoCloseable {
    private final Program program;
    private final Kernels kernels;
    private final Device device;
    private final List<Buffer> owned = new ArrayList<>();
    private final Buffer start;
    private final Buffer theta;
    private final Buffer gradient;
    private final Buffer gbar;
    private final Buffer step;
    private final Buffer even;

    Work(Program program) {
      this.program = program;
      device = program.device();
      kernels = program.kernels();
      start = vector(program.size());
      theta = vector(program.size());
      gradient = vector(program.size());
      gbar = vector(program.size());
      step = vector(program.size());
      even = vector((long) n * network.outputs());
      kernels.fill(1.0 / (n * network.outputs()), even);
    }

    private Buffer vector(long length) {
      Buffer buffer = device.allocate(DType.F64, length);
      owned.add(buffer);
      return buffer;
    }

    Probe probe(
        int iteration, Value z, double[] targets, SampleDerivatives all, SampleDerivatives few) {
      Point point = Point.of(program);
      double loss = point.loss();
      kernels.copy(point.gradient(), gradient);
      kernels.copy(program.theta(), theta);
      LinearMap jacobian = point.predictor(z).jacobian();
      jacobian.applyTransposed(even, gbar);
      double gradientNorm = kernels.nrm2(gradient);
      double gbarNorm = kernels.nrm2(gbar);
      double cosine = Math.abs(kernels.dot(gradient, gbar)) / (gradientNorm * gbarNorm);
      point.hessian().apply(gbar, step);
      double along = kernels.dot(gbar, step) / (gbarNorm * gbarNorm);
      double lambdaMax;
      Lanczos.Options top =
          Lanczos.Options.defaults()
              .withEnd(Lanczos.End.MAX)
              .withTolerance(CURVATURE_TOLERANCE)
              .withSeed(protocol.seed());
      try (Extremes extremes = Lanczos.extremes(point.hessian(), top)) {
        lambdaMax = extremes.max().value();
      }
      double[] kernel = {Double.NaN, Double.NaN};
      if (network.outputs() == 1) {
        all.at(theta, data.x(), 0);
        kernel = KernelEnds.of(all, protocol.seed());
      }
      double[] x = Arrays.copyOf(data.x(), few.count() * data.inputs());
      Snapshot snapshot = Snapshot.of(network, theta, x, few, protocol.seed());
      double rootLambda = rootLambda(all, targets);
      double[] distances = distances();
      List<Trial> trials = trials(loss, eta * gradientNorm, gbarNorm);
      kernels.copy(theta, program.theta());
      return new Probe(
          iteration,
          loss,
          rootLambda,
          Arrays.stream(targets).map(t -> t * t).sum() / n,
          gradientNorm,
          gbarNorm,
          cosine,
          along,
          lambdaMax,
          distances[0],
          distances[1],
          kernel[0],
          kernel[1],
          snapshot,
          trials);
    }

    private double rootLambda(SampleDerivatives all, double[] targets) {
      int k = network.outputs();
      double sum = 0;
      for (int h = 0; h < k; h++) {
        all.at(theta, data.x(), h);
        double[] f = all.outputs();
        for (int i = 0; i < n; i++) {
          double target = targets[i * k + h];
          double slope =
              kind == Kind.LOGISTIC
                  ? 1 / (1 + Math.exp(-f[i])) - target + 2 * LOGISTIC_SQUARE * f[i]
                  : 2 * (f[i] - target);
          sum += slope * slope;
        }
      }
      return Math.sqrt(sum / n);
    }

    /** {@code rho_t} and {@code rho1_t}. */
    private double[] distances() {
      kernels.copy(theta, step);
      kernels.axpby(-1, start, 1, step);
      List<Matrix> moved = new ArrayList<>(network.weights(step));
      Matrix v = moved.remove(network.depth());
      double rho = 0;
      if (kernels.nrm2(step) > 0) {
        for (Matrix w : moved) {
          rho = Math.max(rho, Snapshot.spectralNorm(w, protocol.seed()));
        }
      }
      return new double[] {rho, Snapshot.largestRow(v)};
    }

    /** The step of gradient descent and shorter ones, along gbar and back, and two that slant. */
    private List<Trial> trials(double loss, double length, double gbarNorm) {
      List<Trial> trials = new ArrayList<>();
      for (double share : STEPS) {
        trials.add(trial(share * eta, gradient, 0, gbar, gbarNorm));
      }
      double unit = length / gbarNorm;
      trials.add(trial(0, gradient, unit, gbar, gbarNorm));
      trials.add(trial(0, gradient, -unit, gbar, gbarNorm));
      for (int sign = -1; sign <= 1; sign += 2) {
        try (Buffer random = device.allocate(DType.F64, program.size())) {
          CounterRandom.fillGaussian(protocol.seed(), 77 + sign, 1, random);
          double share = kernels.dot(random, gbar) / (gbarNorm * gbarNorm);
          kernels.axpby(-share, gbar, 1, random);
          double aside = Math.sqrt(1 - SLANT * SLANT) * length / kernels.nrm2(random);
          trials.add(trial(aside, random, sign * SLANT * unit, gbar, gbarNorm));
        }
      }
      return trials;
    }

    private Trial trial(double eta, Buffer a, double r, Buffer b, double gbarNorm) {
      kernels.axpby(a == gradient ? -eta : eta, a, 0, step);
      kernels.axpby(r, b, 1, step);
      double square = kernels.dot(step, step);
      double slope = kernels.dot(step, gradient);
      double cosine = Math.abs(kernels.dot(step, gbar)) / (Math.sqrt(square) * gbarNorm);
      kernels.copy(theta, program.theta());
      kernels.axpby(1, step, 1, program.theta());
      return new Trial(
          a == gradient ? eta : 0, program.value(), slope, square, Math.min(1, cosine));
    }

    @Override
    public void close() {
      owned.forEach(Buffer::close);
    }
  }
}
