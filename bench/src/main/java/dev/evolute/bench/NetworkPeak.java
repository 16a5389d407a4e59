package dev.evolute.bench;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.bench.duel.Case;
import dev.evolute.bench.duel.Contender;

/**
 * How often a second {@link FmaPeak} would do the arithmetic of a network's products. What knows
 * the structure of a network, as of a deep linear one, may do with less.
 */
public abstract class NetworkPeak implements Contender {
  private final FmaPeak peak = new FmaPeak();
  private double gflop;

  /** Of gradients. */
  public static final class Gradient extends NetworkPeak {
    @Override
    double gflop(Graph graph) {
      return Arithmetic.gradient(graph);
    }
  }

  /** Of steps of training, which are counted by their samples or tokens. */
  public static final class Train extends NetworkPeak {
    @Override
    double gflop(Graph graph) {
      return Arithmetic.gradient(graph);
    }

    @Override
    double scale(Workload workload) {
      return workload.units();
    }
  }

  /** Of Hessian-vector products. */
  public static final class Hvp extends NetworkPeak {
    @Override
    double gflop(Graph graph) {
      return Arithmetic.hvp(graph);
    }
  }

  abstract double gflop(Graph graph);

  /** What is counted in one call. */
  double scale(Workload workload) {
    return 1;
  }

  @Override
  public final String describe() {
    return peak.describe();
  }

  @Override
  public final boolean take(Case which) {
    Workload workload = Workload.parse(which.what());
    gflop = gflop(workload.graph()) / scale(workload);
    return peak.take(which);
  }

  @Override
  public final void call() {
    peak.call();
  }

  @Override
  public final double work() {
    return peak.work() / gflop;
  }

  @Override
  public final void release() {
    peak.release();
  }
}
