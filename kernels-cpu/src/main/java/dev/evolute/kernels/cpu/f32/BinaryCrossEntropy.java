package dev.evolute.kernels.cpu.f32;

import static dev.evolute.kernels.cpu.f32.Elementary.ONE;
import static dev.evolute.kernels.cpu.f32.Elementary.aboveZero;
import static dev.evolute.kernels.cpu.f32.Lanes.BYTES;
import static dev.evolute.kernels.cpu.f32.Lanes.L;
import static dev.evolute.kernels.cpu.f32.Lanes.LE;
import static dev.evolute.kernels.cpu.f32.Lanes.S;
import static dev.evolute.kernels.cpu.f32.Lanes.across;
import static dev.evolute.kernels.cpu.f32.Lanes.get;
import static dev.evolute.kernels.cpu.f32.Lanes.put;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.evolute.kernels.Activation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * Binary cross-entropy of logits with its two derivatives, element by element; the formulas stand
 * in {@link dev.evolute.kernels.LossKernels}.
 *
 * <pre>
 *   a = -|z|, e = softplus(a), t = sigmoid(a), h = [z > 0]
 *   softplus(z) - y z = e + max(z, 0) - y z       no term is negative for y in [0, 1]
 *   sigmoid(z) - y    = (h - y) - (2h - 1) t      exact where y is 0 or 1, up to the error of t
 *   sigmoid'(z)       = t (1 - t)
 * </pre>
 *
 * Nothing large is taken from something large, so the loss and both derivatives of a confident
 * prediction keep their relative precision where {@code 1 - sigmoid(z)} would be 0. Elements come
 * in blocks that are copied into the cache, each with its row's weight. Bound by softplus.
 */
final class BinaryCrossEntropy {
  /** Elements a block. */
  static final int BLOCK = 512;

  /** What a thread needs beside its operands. */
  private static final class Room {
    static final ThreadLocal<Room> OF_THREAD = ThreadLocal.withInitial(Room::new);

    final MemorySegment z = block();
    final MemorySegment y = block();
    final MemorySegment weight = block();
    final MemorySegment a = block();
    final MemorySegment e = block();
    final MemorySegment t = block();
    final MemorySegment bend = block();
    final double[] lanes = new double[L];

    private static MemorySegment block() {
      return Arena.ofAuto().allocate(BLOCK * BYTES, 64);
    }
  }

  private BinaryCrossEntropy() {}

  /**
   * Elements {@code [at, at + count)}, at most a block; first, second and weights may be null.
   *
   * @return the sum of their losses by weight
   */
  static double run(
      double scale,
      MemorySegment z,
      MemorySegment y,
      MemorySegment weights,
      int c,
      MemorySegment first,
      MemorySegment second,
      long at,
      int count) {
    Room room = Room.OF_THREAD.get();
    int whole = (count + L - 1) / L * L;
    lay(z, y, weights, c, at, count, whole, room);
    negativeMagnitudes(room.z, room.a, whole);
    Activations.run(
        Activation.SOFTPLUS,
        room.a,
        0,
        room.e,
        first == null ? null : room.t,
        second == null ? null : room.bend,
        0,
        whole);
    if (first != null) {
      residuals((float) scale, room, whole);
      MemorySegment.copy(room.t, 0, first, at * BYTES, count * BYTES);
    }
    if (second != null) {
      weigh((float) scale, room.weight, room.bend, whole);
      MemorySegment.copy(room.bend, 0, second, at * BYTES, count * BYTES);
    }
    return loss(room, whole);
  }

  /** A block with its weights; what is left out, and what fills the last vector, is all zero. */
  private static void lay(
      MemorySegment z,
      MemorySegment y,
      MemorySegment weights,
      int c,
      long at,
      int count,
      int whole,
      Room room) {
    MemorySegment.copy(z, at * BYTES, room.z, 0, count * BYTES);
    MemorySegment.copy(y, at * BYTES, room.y, 0, count * BYTES);
    if (weights == null) {
      Elementwise.fill(1, room.weight, 0, count);
    } else {
      long row = at / c;
      int column = (int) (at - row * c);
      for (int j = 0; j < count; j++) {
        float weight = get(weights, row);
        put(weight, room.weight, j);
        if (weight == 0) {
          clear(room, j);
        }
        column++;
        if (column == c) {
          column = 0;
          row++;
        }
      }
    }
    for (int j = count; j < whole; j++) {
      put(0, room.weight, j);
      clear(room, j);
    }
  }

  private static void clear(Room room, int j) {
    put(0, room.z, j);
    put(0, room.y, j);
  }

  private static void negativeMagnitudes(MemorySegment z, MemorySegment a, int count) {
    for (int j = 0; j < count; j += L) {
      fromMemorySegment(S, z, j * BYTES, LE).abs().neg().intoMemorySegment(a, j * BYTES, LE);
    }
  }

  /** {@code t = scale w (sigmoid(z) - y)}. */
  private static void residuals(float scale, Room room, int count) {
    for (int j = 0; j < count; j += L) {
      FloatVector h = aboveZero(fromMemorySegment(S, room.z, j * BYTES, LE));
      FloatVector sign = ONE.sub(h).sub(h);
      FloatVector far = h.sub(fromMemorySegment(S, room.y, j * BYTES, LE));
      FloatVector residual = fromMemorySegment(S, room.t, j * BYTES, LE).fma(sign, far);
      FloatVector weight = fromMemorySegment(S, room.weight, j * BYTES, LE);
      residual.mul(weight.mul(broadcast(S, scale))).intoMemorySegment(room.t, j * BYTES, LE);
    }
  }

  /** {@code x = scale w (.) x}. */
  private static void weigh(float scale, MemorySegment weight, MemorySegment x, int count) {
    for (int j = 0; j < count; j += L) {
      FloatVector factor = fromMemorySegment(S, weight, j * BYTES, LE).mul(broadcast(S, scale));
      fromMemorySegment(S, x, j * BYTES, LE).mul(factor).intoMemorySegment(x, j * BYTES, LE);
    }
  }

  /** {@code sum w (e + max(z, 0) - y z)}. */
  private static double loss(Room room, int count) {
    DoubleVector sum = DoubleVector.zero(Wide.S);
    DoubleVector half = DoubleVector.broadcast(Wide.S, 0.5);
    for (int j = 0; j < count; j += Wide.L) {
      DoubleVector z = Wide.load(room.z, j);
      DoubleVector positive = z.abs().add(z).mul(half);
      DoubleVector miss = Wide.load(room.y, j).neg().fma(z, positive);
      sum = Wide.load(room.e, j).add(miss).fma(Wide.load(room.weight, j), sum);
    }
    return across(sum, room.lanes);
  }
}
