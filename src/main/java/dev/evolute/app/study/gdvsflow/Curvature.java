package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.UserException;
import dev.evolute.app.data.Dataset;
import dev.evolute.app.study.Progress;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import java.util.ArrayList;
import java.util.List;

/** The ends of the Hessian's spectrum along an eta0 run, beside the paper's bound. */
final class Curvature {
  /** Residual asked for at both ends, relative to the Hessian's norm; the values are far closer. */
  private static final double TOLERANCE = 1e-4;

  /** Share of a random vector in a warm start, lest a new extreme direction be missed. */
  private static final double RANDOM_SHARE = 0.05;

  /**
   * One probed point.
   *
   * @param point index of the recorded point
   * @param lambdaMax largest eigenvalue, and the residual of its pair
   * @param lambdaMin smallest eigenvalue, and the residual of its pair
   * @param bound the paper's lower bound on lambdaMin: (13) for the linear network, (17) for ReLU
   * @param products Hessian-vector products used
   * @param converged whether both residuals are as small as asked for
   */
  record Probe(
      int point,
      double lambdaMax,
      double maxResidual,
      double lambdaMin,
      double minResidual,
      double bound,
      int products,
      boolean converged) {}

  private Curvature() {}

  /** Steps of descent that a probe takes about as long as: tells the progress bar. */
  static final int PROBE_STEPS = 80;

  /** Probes the recorded points of an eta0 run in order; stops early if the user interrupts. */
  static List<Probe> along(
      Protocol protocol, Dataset data, Trajectory run, Device device, Progress progress) {
    List<Probe> probes = new ArrayList<>();
    Buffer start = null;
    try (Program program =
            run.network.compile(
                data, device, protocol.dtype(), Program.Purpose.CURVATURE, protocol.seed());
        LowerBound bound =
            new LowerBound(run.network.model(data), data, device, protocol.dtype())) {
      for (int i = 0; i < run.recorded() && !progress.interrupted(); i++) {
        if (!protocol.probed(i)) {
          continue;
        }
        program.theta().set(run.thetas[i]);
        Lanczos.Options options =
            Lanczos.Options.defaults().withTolerance(TOLERANCE).withSeed(protocol.seed());
        if (start != null) {
          options = options.withStart(start, RANDOM_SHARE);
        }
        try (Extremes ends = Lanczos.extremes(Point.of(program).hessian(), options)) {
          if (start != null) {
            start.close();
          }
          start = Lanczos.warmStart(ends);
          probes.add(
              new Probe(
                  i,
                  ends.max().value(),
                  ends.max().residual(),
                  ends.min().value(),
                  ends.min().residual(),
                  bound.at(program.theta()),
                  ends.products(),
                  ends.converged()));
        } catch (ArithmeticException e) {
          throw new UserException(
              "the curvature of "
                  + run.label()
                  + " cannot be probed at point "
                  + i
                  + ": "
                  + e.getMessage());
        }
        progress.add(PROBE_STEPS);
      }
    } finally {
      if (start != null) {
        start.close();
      }
    }
    return probes;
  }
}
