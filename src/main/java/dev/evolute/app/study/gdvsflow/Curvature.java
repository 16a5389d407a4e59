package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.UserException;
import dev.evolute.app.data.Dataset;
import dev.evolute.app.study.Progress;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The ends of the Hessian's spectrum at the points of a trajectory, each started from the last one,
 * beside what the paper says of them.
 */
final class Curvature implements AutoCloseable {
  /** Residual asked for at both ends, relative to the Hessian's norm; the values are far closer. */
  private static final double TOLERANCE = 1e-4;

  /** Share of a random vector in a warm start, lest a new extreme direction be missed. */
  private static final double RANDOM_SHARE = 0.05;

  /** Steps of descent that a probe takes about as long as: tells the progress bar. */
  static final int PROBE_STEPS = 80;

  /**
   * One probed point.
   *
   * @param point index of the recorded point
   * @param loss training loss
   * @param slope norm of the gradient
   * @param lambdaMax largest eigenvalue, and the residual of its pair
   * @param lambdaMin smallest eigenvalue, and the residual of its pair
   * @param bounds the paper's lower bounds on lambdaMin; null where its theory says nothing
   * @param form {@code x^T H x} for the eigenvector x of lambdaMin by the paper's second-order form
   *     (12), (16) or (30); NaN where its theory says nothing
   * @param products Hessian-vector products used
   * @param converged whether both residuals are as small as asked for
   */
  record Probe(
      int point,
      double loss,
      double slope,
      double lambdaMax,
      double maxResidual,
      double lambdaMin,
      double minResidual,
      HomogeneousNet.Bounds bounds,
      double form,
      int products,
      boolean converged) {

    /** All of it, for a checkpoint; {@code [10]}, or {@code [13]} with bounds. */
    double[] numbers() {
      double[] common = {
        point,
        loss,
        slope,
        lambdaMax,
        maxResidual,
        lambdaMin,
        minResidual,
        form,
        products,
        converged ? 1 : 0
      };
      if (bounds == null) {
        return common;
      }
      double[] all = Arrays.copyOf(common, 13);
      all[10] = bounds.anywhere();
      all[11] = bounds.sharp();
      all[12] = bounds.onFlow();
      return all;
    }

    /** A probe of its {@link #numbers()}. */
    static Probe of(double[] n) {
      HomogeneousNet.Bounds bounds =
          n.length == 10 ? null : new HomogeneousNet.Bounds(n[10], n[11], n[12]);
      return new Probe(
          (int) n[0], n[1], n[2], n[3], n[4], n[5], n[6], bounds, n[7], (int) n[8], n[9] == 1);
    }
  }

  private final Network network;
  private final long seed;
  private final Program program;
  private final HomogeneousNet net;
  private Buffer start;

  Curvature(Network network, Dataset data, Device device, DType dtype, long seed) {
    this.network = network;
    this.seed = seed;
    program = network.compile(data, device, dtype, Program.Purpose.CURVATURE, seed);
    net = network.covered() ? new HomogeneousNet(network, data, device, dtype) : null;
  }

  /** Probes the points of a trajectory in order as far as the user does not interrupt. */
  static List<Probe> along(
      Protocol protocol, Dataset data, Trajectory run, Device device, Progress progress) {
    List<Probe> probes = new ArrayList<>();
    try (Curvature curvature =
        new Curvature(run.network, data, device, protocol.dtype(), protocol.seed())) {
      double eps = norm(run.thetas[0]);
      for (int i = 0; i < run.recorded() && !progress.interrupted(); i++) {
        if (protocol.probed(i)) {
          probes.add(curvature.probe(i, run.thetas[i], eps));
        }
      }
    }
    return probes;
  }

  static double norm(double[] theta) {
    return Trajectory.distance(theta, new double[theta.length]);
  }

  /**
   * Probes one point.
   *
   * @param point its number
   * @param eps norm of the theta that the trajectory started from
   */
  Probe probe(int point, double[] theta, double eps) {
    program.theta().set(theta);
    Lanczos.Options options = Lanczos.Options.defaults().withTolerance(TOLERANCE).withSeed(seed);
    if (start != null) {
      options = options.withStart(start, RANDOM_SHARE);
    }
    Point at = Point.of(program);
    try (Extremes ends = Lanczos.extremes(at.hessian(), options)) {
      if (start != null) {
        start.close();
      }
      start = Lanczos.warmStart(ends);
      HomogeneousNet.Bounds bounds = null;
      double form = Double.NaN;
      if (net != null) {
        net.at(program.theta());
        bounds = net.bounds(eps);
        form = net.form(ends.min().vector());
      }
      return new Probe(
          point,
          at.loss(),
          program.kernels().nrm2(at.gradient()),
          ends.max().value(),
          ends.max().residual(),
          ends.min().value(),
          ends.min().residual(),
          bounds,
          form,
          ends.products(),
          ends.converged());
    } catch (ArithmeticException e) {
      throw new UserException(
          "the curvature of "
              + network.title()
              + " cannot be probed at point "
              + point
              + ": "
              + e.getMessage());
    }
  }

  @Override
  public void close() {
    if (start != null) {
      start.close();
    }
    if (net != null) {
      net.close();
    }
    program.close();
  }
}
