package dev.evolute.kernels.cpu.f32;

import static dev.evolute.kernels.cpu.f32.Lanes.BYTES;
import static dev.evolute.kernels.cpu.f32.Lanes.L;
import static dev.evolute.kernels.cpu.f32.Lanes.LE;
import static dev.evolute.kernels.cpu.f32.Lanes.S;
import static dev.evolute.kernels.cpu.f32.Lanes.get;
import static dev.evolute.kernels.cpu.f32.Lanes.put;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.evolute.kernels.cpu.Call;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * {@code y = silu(a) (.) b}, element by element, in chunks whose exponentials stay in the cache.
 *
 * <pre>
 *   e = exp(-a),  s = 1 / (1 + e),  t = 1 - s = e s
 *   silu = a s,  silu' = s (1 + a t),  silu'' = s t (2 + a (t - s))
 * </pre>
 *
 * With a held within {@link #FAR} of 0, where e is finite and positive, no term cancels; beyond it
 * silu is 0, or a, to rounding. Bound by memory beyond the caches, within them by exp.
 */
final class SwiGlu {
  /** Where {@code exp(-a)} is near the smallest, or largest, normal number. */
  private static final float FAR = Float.BYTES == 4 ? 87 : 708;

  private static final int CHUNK = 4096 / Float.BYTES;
  private static final ThreadLocal<float[]> ROOM = ThreadLocal.withInitial(() -> new float[CHUNK]);

  private SwiGlu() {}

  private static float held(float a) {
    return Math.min(Math.max(a, -FAR), FAR);
  }

  /** {@code e = exp(-a)}. */
  private static void exponentials(MemorySegment a, long at, int count, float[] e) {
    int j = 0;
    for (; j <= count - L; j += L) {
      fromMemorySegment(S, a, (at + j) * BYTES, LE)
          .max(broadcast(S, -FAR))
          .min(broadcast(S, FAR))
          .neg()
          .intoArray(e, j);
    }
    for (; j < count; j++) {
      e[j] = -held(get(a, at + j));
    }
    Lanes.exp(e, count);
  }

  /**
   * {@code y = silu(a) (.) b} for {@code count} elements of a and b from {@code at} on and of y
   * from {@code yAt} on; the call holds a, b, y.
   */
  static void forward(Call c, long at, long yAt, long count) {
    float[] e = ROOM.get();
    for (long from = 0; from < count; from += CHUNK) {
      int some = (int) Math.min(CHUNK, count - from);
      exponentials(c.a, at + from, some, e);
      forward(e, c.a, c.b, at + from, c.c, yAt + from, some);
    }
  }

  private static void forward(
      float[] e, MemorySegment a, MemorySegment b, long at, MemorySegment y, long yAt, int count) {
    int j = 0;
    for (; j <= count - L; j += L) {
      FloatVector s = broadcast(S, 1).div(FloatVector.fromArray(S, e, j).add(broadcast(S, 1)));
      FloatVector silu =
          fromMemorySegment(S, a, (at + j) * BYTES, LE).max(broadcast(S, -FAR)).mul(s);
      silu.mul(fromMemorySegment(S, b, (at + j) * BYTES, LE))
          .intoMemorySegment(y, (yAt + j) * BYTES, LE);
    }
    for (; j < count; j++) {
      float s = 1 / (e[j] + 1);
      float silu = Math.max(get(a, at + j), -FAR) * s;
      put(silu * get(b, at + j), y, yAt + j);
    }
  }

  /** The call holds a, b, dy, da, db. */
  static void vjp(Call c, long at, long yAt, long count) {
    float[] e = ROOM.get();
    float beta = (float) c.beta;
    for (long from = 0; from < count; from += CHUNK) {
      int some = (int) Math.min(CHUNK, count - from);
      exponentials(c.a, at + from, some, e);
      vjp(e, c.a, c.b, at + from, c.c, yAt + from, beta, c.d, c.e, some);
    }
  }

  private static void vjp(
      float[] e,
      MemorySegment a,
      MemorySegment b,
      long at,
      MemorySegment dy,
      long yAt,
      float beta,
      MemorySegment da,
      MemorySegment db,
      int count) {
    int j = 0;
    for (; j <= count - L; j += L) {
      FloatVector x = fromMemorySegment(S, a, (at + j) * BYTES, LE);
      FloatVector decay = FloatVector.fromArray(S, e, j);
      FloatVector s = broadcast(S, 1).div(decay.add(broadcast(S, 1)));
      FloatVector silu = x.max(broadcast(S, -FAR)).mul(s);
      FloatVector slope =
          x.max(broadcast(S, -FAR))
              .min(broadcast(S, FAR))
              .fma(decay.mul(s), broadcast(S, 1))
              .mul(s);
      FloatVector y = fromMemorySegment(S, dy, (yAt + j) * BYTES, LE);
      FloatVector forA = y.mul(fromMemorySegment(S, b, (at + j) * BYTES, LE)).mul(slope);
      if (beta == 0) {
        forA.intoMemorySegment(da, (at + j) * BYTES, LE);
      } else {
        FloatVector old = fromMemorySegment(S, da, (at + j) * BYTES, LE);
        old.fma(broadcast(S, beta), forA).intoMemorySegment(da, (at + j) * BYTES, LE);
      }
      FloatVector forB = y.mul(silu);
      if (beta == 0) {
        forB.intoMemorySegment(db, (at + j) * BYTES, LE);
      } else {
        FloatVector old = fromMemorySegment(S, db, (at + j) * BYTES, LE);
        old.fma(broadcast(S, beta), forB).intoMemorySegment(db, (at + j) * BYTES, LE);
      }
    }
    for (; j < count; j++) {
      float x = get(a, at + j);
      float s = 1 / (e[j] + 1);
      float silu = Math.max(x, -FAR) * s;
      float slope = Math.fma(held(x), e[j] * s, 1) * s;
      float y = get(dy, yAt + j);
      put(y * get(b, at + j) * slope, beta, da, at + j);
      put(y * silu, beta, db, at + j);
    }
  }

  /** The call holds a, b, a', b', y'. */
  static void jvp(Call c, long at, long yAt, long count) {
    float[] e = ROOM.get();
    for (long from = 0; from < count; from += CHUNK) {
      int some = (int) Math.min(CHUNK, count - from);
      exponentials(c.a, at + from, some, e);
      jvp(e, c.a, c.b, c.c, c.d, at + from, c.e, yAt + from, some);
    }
  }

  private static void jvp(
      float[] e,
      MemorySegment a,
      MemorySegment b,
      MemorySegment aTangent,
      MemorySegment bTangent,
      long at,
      MemorySegment yTangent,
      long yAt,
      int count) {
    int j = 0;
    for (; j <= count - L; j += L) {
      FloatVector x = fromMemorySegment(S, a, (at + j) * BYTES, LE);
      FloatVector decay = FloatVector.fromArray(S, e, j);
      FloatVector s = broadcast(S, 1).div(decay.add(broadcast(S, 1)));
      FloatVector silu = x.max(broadcast(S, -FAR)).mul(s);
      FloatVector slope =
          x.max(broadcast(S, -FAR))
              .min(broadcast(S, FAR))
              .fma(decay.mul(s), broadcast(S, 1))
              .mul(s);
      FloatVector moved =
          slope
              .mul(fromMemorySegment(S, aTangent, (at + j) * BYTES, LE))
              .mul(fromMemorySegment(S, b, (at + j) * BYTES, LE));
      silu.fma(fromMemorySegment(S, bTangent, (at + j) * BYTES, LE), moved)
          .intoMemorySegment(yTangent, (yAt + j) * BYTES, LE);
    }
    for (; j < count; j++) {
      float x = get(a, at + j);
      float s = 1 / (e[j] + 1);
      float silu = Math.max(x, -FAR) * s;
      float slope = Math.fma(held(x), e[j] * s, 1) * s;
      float moved = slope * get(aTangent, at + j) * get(b, at + j);
      put(Math.fma(silu, get(bTangent, at + j), moved), yTangent, yAt + j);
    }
  }

  /** The call holds a, b, dy, a', b', dy', da', db'. */
  static void vjpTangent(Call c, long at, long yAt, long count) {
    float[] e = ROOM.get();
    float beta = (float) c.beta;
    for (long from = 0; from < count; from += CHUNK) {
      int some = (int) Math.min(CHUNK, count - from);
      long x = at + from;
      exponentials(c.a, x, some, e);
      vjpTangent(e, c.a, c.b, c.d, c.e, x, c.c, c.f, yAt + from, beta, c.g, c.h, some);
    }
  }

  private static void vjpTangent(
      float[] e,
      MemorySegment a,
      MemorySegment b,
      MemorySegment aTangent,
      MemorySegment bTangent,
      long at,
      MemorySegment dy,
      MemorySegment dyTangent,
      long yAt,
      float beta,
      MemorySegment daTangent,
      MemorySegment dbTangent,
      int count) {
    int j = 0;
    for (; j <= count - L; j += L) {
      FloatVector x = fromMemorySegment(S, a, (at + j) * BYTES, LE);
      FloatVector decay = FloatVector.fromArray(S, e, j);
      FloatVector s = broadcast(S, 1).div(decay.add(broadcast(S, 1)));
      FloatVector t = decay.mul(s);
      FloatVector silu = x.max(broadcast(S, -FAR)).mul(s);
      x = x.max(broadcast(S, -FAR)).min(broadcast(S, FAR));
      FloatVector slope = x.fma(t, broadcast(S, 1)).mul(s);
      FloatVector bend = x.fma(t.sub(s), broadcast(S, 2)).mul(s.mul(t));
      FloatVector xt = fromMemorySegment(S, aTangent, (at + j) * BYTES, LE);
      FloatVector g = fromMemorySegment(S, b, (at + j) * BYTES, LE);
      FloatVector y = fromMemorySegment(S, dy, (yAt + j) * BYTES, LE);
      FloatVector yt = fromMemorySegment(S, dyTangent, (yAt + j) * BYTES, LE);
      FloatVector moved =
          y.fma(fromMemorySegment(S, bTangent, (at + j) * BYTES, LE), yt.mul(g)).mul(slope);
      FloatVector forA = y.mul(g).mul(bend).fma(xt, moved);
      if (beta == 0) {
        forA.intoMemorySegment(daTangent, (at + j) * BYTES, LE);
      } else {
        FloatVector old = fromMemorySegment(S, daTangent, (at + j) * BYTES, LE);
        old.fma(broadcast(S, beta), forA).intoMemorySegment(daTangent, (at + j) * BYTES, LE);
      }
      FloatVector forB = y.mul(slope).fma(xt, yt.mul(silu));
      if (beta == 0) {
        forB.intoMemorySegment(dbTangent, (at + j) * BYTES, LE);
      } else {
        FloatVector old = fromMemorySegment(S, dbTangent, (at + j) * BYTES, LE);
        old.fma(broadcast(S, beta), forB).intoMemorySegment(dbTangent, (at + j) * BYTES, LE);
      }
    }
    for (; j < count; j++) {
      float x = get(a, at + j);
      float s = 1 / (e[j] + 1);
      float t = e[j] * s;
      float silu = Math.max(x, -FAR) * s;
      x = held(x);
      float slope = Math.fma(x, t, 1) * s;
      float bend = Math.fma(x, t - s, 2) * (s * t);
      float xt = get(aTangent, at + j);
      float g = get(b, at + j);
      float y = get(dy, yAt + j);
      float yt = get(dyTangent, yAt + j);
      float moved = Math.fma(y, get(bTangent, at + j), yt * g) * slope;
      put(Math.fma(y * g * bend, xt, moved), beta, daTangent, at + j);
      put(Math.fma(y * slope, xt, yt * silu), beta, dbTangent, at + j);
    }
  }
}
