package dev.evolute.app.study.rsc;

import dev.evolute.app.study.Progress;
import dev.evolute.app.study.SavedRuns;
import dev.evolute.app.study.StudyRun;
import dev.evolute.autodiff.curvature.LinearMap;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.autodiff.optim.GradientDescent;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Device;

/** Full-batch gradient descent on the mean squared error, for one {@link Curve}. */
final class CurveRun {
  private final Protocol protocol;
  private final TrainingSet data;
  private final SavedRuns saved;
  private final Progress progress;

  CurveRun(Protocol protocol, TrainingSet data, SavedRuns saved, Progress progress) {
    this.protocol = protocol;
    this.data = data;
    this.saved = saved;
    this.progress = progress;
  }

  /** Million multiplications of one iteration, at least 1: what the progress counts. */
  static long cost(TrainingSet data, int depth, int width) {
    long below = (long) data.inputs() * width;
    long hidden = (depth - 1L) * width * width;
    return Math.max(1, data.samples() * (2 * below + 3 * hidden) / 1_000_000);
  }

  /**
   * Runs to the end or until the user interrupts, and saves its state either way.
   *
   * @param theta to go on from, or null to start at the initialisation
   */
  void run(Device device, Curve curve, double[] theta) {
    if (curve.finished) {
      return;
    }
    int n = data.samples();
    Network network =
        Network.tanh(curve.parametrisation, data.inputs(), curve.width, protocol.depth());
    Graph graph = new Graph();
    Value x = graph.data("x", n, data.inputs());
    Value y = graph.data("y", n, 1);
    graph.loss(SquaredError.mean(n), network.model().record(graph, x), y);
    double eta = curve.parametrisation.eta(curve.width);
    GradientDescent descent = new GradientDescent(eta);
    long units = cost(data, protocol.depth(), curve.width);
    try (Program program =
            Program.compile(graph, device, protocol.dtype(), Program.Purpose.CURVATURE);
        Buffer even = device.allocate(protocol.dtype(), n);
        Buffer gbar = device.allocate(protocol.dtype(), program.size())) {
      program.set(x, data.x());
      program.set(y, data.signs());
      program.kernels().fill(1.0 / n, even);
      if (theta == null) {
        network.initialise(program, protocol.seed() + curve.seed, Protocol.SIGMA1);
      } else {
        program.theta().set(theta);
      }
      long savedAt = System.nanoTime();
      while (!progress.interrupted()) {
        if (curve.done % protocol.every() == 0) {
          Point point = Point.of(program);
          LinearMap jacobian = point.predictor().jacobian();
          jacobian.applyTransposed(even, gbar);
          record(curve, point.loss(), program.kernels().nrm2(gbar), eta);
        } else {
          program.gradientPass();
        }
        if (program.loss() < protocol.lowEnough() || curve.done == protocol.iterations()) {
          progress.add(units * (protocol.iterations() - curve.done));
          curve.finished = true;
          break;
        }
        descent.update(program);
        curve.done++;
        progress.add(units);
        if (System.nanoTime() - savedAt > SavedRuns.EVERY_NANOS) {
          saved.save(curve.label(), curve.state(program.theta().toArray()));
          savedAt = System.nanoTime();
        }
      }
      saved.save(curve.label(), curve.state(program.theta().toArray()));
    }
  }

  private void record(Curve curve, double loss, double gbar, double eta) {
    StudyRun.requireFinite(curve.label(), loss, curve.done, eta);
    int at = curve.done / protocol.every();
    curve.loss[at] = loss;
    curve.gbar[at] = gbar;
  }
}
