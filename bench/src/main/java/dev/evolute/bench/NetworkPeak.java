package dev.evolute.bench;

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
    double gflop(Network network) {
      return network.gradientGflop();
    }
  }

  /** Of Hessian-vector products. */
  public static final class Hvp extends NetworkPeak {
    @Override
    double gflop(Network network) {
      return network.hvpGflop();
    }
  }

  abstract double gflop(Network network);

  @Override
  public final String describe() {
    return peak.describe();
  }

  @Override
  public final boolean take(Case which) {
    gflop = gflop(Network.parse(which.what()));
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
