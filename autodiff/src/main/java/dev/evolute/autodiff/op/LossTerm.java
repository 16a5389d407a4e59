package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Op;

/**
 * A term of the loss: a scalar whose cotangent is 1, and from whose tangent nothing follows. So its
 * {@code jvp} is empty and its {@code vjpTangent} is a Hessian product, {@code dx' = (Hess l) x'}.
 */
interface LossTerm extends Op {
  @Override
  default boolean isLoss() {
    return true;
  }

  @Override
  default void jvp(Node n) {}

  /** Refuses a factor that would make every loss NaN. */
  static void finite(String what, double factor) {
    if (!Double.isFinite(factor)) {
      throw new IllegalArgumentException(what + " is " + factor + "; it must be finite");
    }
  }

  /** {@code 1 / samples}. */
  static double reciprocal(String name, int samples) {
    if (samples < 1) {
      throw new IllegalArgumentException(
          name + ": a mean over " + samples + " samples; there must be at least 1");
    }
    return 1.0 / samples;
  }
}
