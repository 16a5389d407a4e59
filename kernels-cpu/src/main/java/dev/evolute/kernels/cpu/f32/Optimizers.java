package dev.evolute.kernels.cpu.f32;

import static dev.evolute.kernels.cpu.f32.Lanes.BYTES;
import static dev.evolute.kernels.cpu.f32.Lanes.L;
import static dev.evolute.kernels.cpu.f32.Lanes.LE;
import static dev.evolute.kernels.cpu.f32.Lanes.S;
import static dev.evolute.kernels.cpu.f32.Lanes.get;
import static dev.evolute.kernels.cpu.f32.Lanes.put;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** Parameter updates on {@code [from, to)}. Bound by memory beyond the caches. */
final class Optimizers {
  private Optimizers() {}

  /** {@code theta -= eta (factor g + decay theta)}. */
  static void descend(
      float eta,
      float factor,
      float decay,
      MemorySegment gradient,
      MemorySegment theta,
      long from,
      long to) {
    long i = from;
    for (; i <= to - L; i += L) {
      FloatVector x = fromMemorySegment(S, theta, i * BYTES, LE);
      FloatVector d =
          x.fma(
              broadcast(S, decay),
              fromMemorySegment(S, gradient, i * BYTES, LE).mul(broadcast(S, factor)));
      d.fma(broadcast(S, -eta), x).intoMemorySegment(theta, i * BYTES, LE);
    }
    for (; i < to; i++) {
      float x = get(theta, i);
      float d = Math.fma(x, decay, get(gradient, i) * factor);
      put(Math.fma(d, -eta, x), theta, i);
    }
  }

  /**
   * {@code d = factor g + decay theta, v = momentum v + d, theta -= eta (ahead v + share d)}:
   * Nesterov takes ahead = momentum and share = 1, the heavy ball 1 and 0.
   */
  static void roll(
      float eta,
      float factor,
      float decay,
      float momentum,
      boolean nesterov,
      MemorySegment gradient,
      MemorySegment theta,
      MemorySegment velocity,
      long from,
      long to) {
    float ahead = nesterov ? momentum : 1;
    float share = nesterov ? 1 : 0;
    long i = from;
    for (; i <= to - L; i += L) {
      FloatVector x = fromMemorySegment(S, theta, i * BYTES, LE);
      FloatVector d =
          x.fma(
              broadcast(S, decay),
              fromMemorySegment(S, gradient, i * BYTES, LE).mul(broadcast(S, factor)));
      FloatVector v = fromMemorySegment(S, velocity, i * BYTES, LE).fma(broadcast(S, momentum), d);
      v.intoMemorySegment(velocity, i * BYTES, LE);
      v.fma(broadcast(S, ahead), d.mul(broadcast(S, share)))
          .fma(broadcast(S, -eta), x)
          .intoMemorySegment(theta, i * BYTES, LE);
    }
    for (; i < to; i++) {
      float x = get(theta, i);
      float d = Math.fma(x, decay, get(gradient, i) * factor);
      float v = Math.fma(get(velocity, i), momentum, d);
      put(v, velocity, i);
      put(Math.fma(Math.fma(v, ahead, d * share), -eta, x), theta, i);
    }
  }

  /**
   * {@code d = factor g + decay theta, m = beta1 m + (1 - beta1) d, v = beta2 v + (1 - beta2) d^2,
   * theta = keep theta - eta m / (spread sqrt(v) + eps)}: eta and spread carry the bias correction,
   * one of decay and keep the weight decay.
   */
  static void adam(
      float factor,
      float decay,
      float beta1,
      float rest1,
      float beta2,
      float rest2,
      float eta,
      float spread,
      float eps,
      float keep,
      MemorySegment gradient,
      MemorySegment theta,
      MemorySegment m,
      MemorySegment v,
      long from,
      long to) {
    long i = from;
    for (; i <= to - L; i += L) {
      FloatVector x = fromMemorySegment(S, theta, i * BYTES, LE);
      FloatVector d =
          x.fma(
              broadcast(S, decay),
              fromMemorySegment(S, gradient, i * BYTES, LE).mul(broadcast(S, factor)));
      FloatVector first =
          fromMemorySegment(S, m, i * BYTES, LE)
              .fma(broadcast(S, beta1), d.mul(broadcast(S, rest1)));
      FloatVector second =
          fromMemorySegment(S, v, i * BYTES, LE)
              .fma(broadcast(S, beta2), d.mul(d).mul(broadcast(S, rest2)));
      first.intoMemorySegment(m, i * BYTES, LE);
      second.intoMemorySegment(v, i * BYTES, LE);
      FloatVector step =
          first
              .mul(broadcast(S, eta))
              .div(second.sqrt().fma(broadcast(S, spread), broadcast(S, eps)));
      x.mul(broadcast(S, keep)).sub(step).intoMemorySegment(theta, i * BYTES, LE);
    }
    for (; i < to; i++) {
      float x = get(theta, i);
      float d = Math.fma(x, decay, get(gradient, i) * factor);
      float first = Math.fma(get(m, i), beta1, d * rest1);
      float second = Math.fma(get(v, i), beta2, d * d * rest2);
      put(first, m, i);
      put(second, v, i);
      float step = first * eta / Math.fma((float) Math.sqrt(second), spread, eps);
      put(x * keep - step, theta, i);
    }
  }
}
