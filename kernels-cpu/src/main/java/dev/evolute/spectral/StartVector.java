package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;

/** Draws the vectors that Krylov runs start from: every one from a stream of its own. */
final class StartVector {
  private static final long STREAM = 0x6c616e637a6f73L;

  private final Kernels kernels;
  private final long seed;
  private long drawn;

  StartVector(Kernels kernels, long seed) {
    this.kernels = kernels;
    this.seed = seed;
  }

  /** A direction drawn uniformly from the sphere. */
  void random(Buffer v) {
    CounterRandom.fillGaussian(seed, STREAM + drawn++, 1, v);
    kernels.normalise(v);
  }

  /**
   * The direction of {@code start / ||start|| + share g}, g uniform on the sphere.
   *
   * @return length of the random part of v, which has unit norm
   */
  double near(Buffer start, double share, Buffer v) {
    if (start.length() != v.length() || start.dtype() != v.dtype()) {
      throw new IllegalArgumentException(
          "lanczos: the start vector has "
              + start.length()
              + " elements of "
              + start.dtype()
              + ", the operator takes "
              + v.length()
              + " of "
              + v.dtype());
    }
    double norm = kernels.nrm2(start);
    if (!(norm > 0 && norm < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "lanczos: the start vector has norm " + norm + ", it must be a direction");
    }
    if (share > 0) {
      random(v);
    } else {
      kernels.fill(0, v);
    }
    kernels.axpby(1 / norm, start, share, v);
    return share / kernels.normalise(v);
  }
}
