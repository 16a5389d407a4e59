package dev.evolute.bench;

import dev.evolute.kernels.DType;

/** A peer that computes something else measures nothing: it is held against ours beforehand. */
final class Agreement {
  private Agreement() {}

  /**
   * @throws IllegalStateException if the relative distance of the results is beyond rounding
   */
  static void require(String peer, DType dtype, double[] ours, double[] theirs) {
    double distance = 0;
    double norm = 0;
    for (int i = 0; i < ours.length; i++) {
      distance += (ours[i] - theirs[i]) * (ours[i] - theirs[i]);
      norm += ours[i] * ours[i];
    }
    double relative = Math.sqrt(distance / norm);
    if (!(relative <= (dtype == DType.F32 ? 1e-4 : 1e-12))) {
      throw new IllegalStateException(
          peer
              + ": its result differs from ours by "
              + relative
              + " of its norm, so it does not compute the same thing");
    }
  }
}
