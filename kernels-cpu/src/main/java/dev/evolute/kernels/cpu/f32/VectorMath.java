package dev.evolute.kernels.cpu.f32;

import static dev.evolute.kernels.cpu.f32.Elementary.EXP_LIMIT;
import static dev.evolute.kernels.cpu.f32.Elementary.S;
import static dev.evolute.kernels.cpu.f32.Elementary.ZERO;
import static dev.evolute.kernels.cpu.f32.Elementary.octaves;
import static dev.evolute.kernels.cpu.f32.Elementary.rescale;
import static dev.evolute.kernels.cpu.f32.Elementary.scale;
import static jdk.incubator.vector.FloatVector.broadcast;

import jdk.incubator.vector.FloatVector;

/**
 * Elementary functions of a vector for the loops of other kernels: within 2 ulp, specials as {@link
 * Math} has them, the same bits in every lane, at every vector width, interpreted or compiled. To
 * be called first in a loop: {@link Elementary} says why.
 */
final class VectorMath {
  private VectorMath() {}

  /** {@code exp(x)}, also where it is denormal; NaN goes through all of it. */
  static FloatVector exp(FloatVector x) {
    FloatVector y = x.max(broadcast(S, -EXP_LIMIT)).min(broadcast(S, EXP_LIMIT));
    FloatVector n = octaves(y);
    FloatVector p = Elementary.expm1(y, ZERO, n);
    FloatVector scale = scale(n);
    return p.fma(scale, scale).mul(rescale(n));
  }
}
