package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.PoolingShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Pooling of {@code x [n x h x w x c]} over windows of {@code kh x kw} pixels to {@code y [n x h' x
 * w' x c]}; i and o are pixels of x and y, {@code k = i - s o + p} is a tap of window o:
 *
 * <pre>
 *   maximum     y_o = x_i at the first largest tap k_o      vjp  dx_i = sum_o [k = k_o] dy_o
 *               jvp  y'_o = x'_i at k_o
 *   average     y_o = sum_k x_i / (kh kw)                   vjp  dx_i = sum_o dy_o / (kh kw)
 * </pre>
 *
 * All go row by row and tap by tap: one tap links a run of windows with a run of pixels that stand
 * a stride apart, and its loop has nothing but that to do (a loop over the taps of each window is
 * too short for C2: two to four times slower). Each result is written once, its additions in a
 * fixed order, by whichever thread has its row. Rows pass through arrays of the thread, where a
 * pixel takes whole vectors; what lies beyond its channels is computed and dropped. Bound by loads
 * and stores in L1.
 */
final class Pooling {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final long BYTES = Float.BYTES;

  /** C2 keeps masks in registers from four lanes on; with two it boxes them. */
  private static final boolean MASKS = L > 2;

  /** The row that one thread writes, and room for the last rows that it reads. */
  private static final class Scratch {
    float[] y = new float[0];
    float[] found = new float[0];
    MemorySegment x = MemorySegment.NULL;
    MemorySegment taps = MemorySegment.NULL;

    /** For each column kx of taps, the windows of a row whose tap lies inside the image. */
    int[] firstWindow = new int[0];

    int[] windows = new int[0];

    void reserve(PoolingShape s, int read, int written) {
      if (windows.length < s.windowWidth()) {
        firstWindow = new int[s.windowWidth()];
        windows = new int[s.windowWidth()];
      }
      for (int kx = 0; kx < s.windowWidth(); kx++) {
        int first = Math.max(0, Math.ceilDiv(s.padding() - kx, s.stride()));
        int fit = Math.floorDiv(s.width() - 1 + s.padding() - kx, s.stride()) + 1;
        firstWindow[kx] = first;
        windows[kx] = Math.min(s.outputWidth(), fit) - first;
      }
      if (y.length < written) {
        y = new float[written];
        found = new float[written];
      }
      if (x.byteSize() < (read + L) * BYTES) {
        x = Arena.ofAuto().allocate((read + L) * BYTES, 64);
        taps = Arena.ofAuto().allocate((read + L) * BYTES, 64);
      }
    }
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private Pooling() {}

  /** Maxima and their taps on output rows {@code [from, to)} of all images together. */
  static void maxima(
      PoolingShape s, MemorySegment x, MemorySegment y, MemorySegment taps, long from, long to) {
    Scratch scratch = SCRATCH.get();
    int c = s.channels();
    int pixel = padded(c);
    int row = s.width() * c;
    int count = s.outputWidth() * c;
    scratch.reserve(s, s.windowHeight() * row, s.outputWidth() * pixel);
    for (long o = from; o < to; o++) {
      int top = (int) (o % s.outputHeight()) * s.stride() - s.padding();
      int first = Math.max(0, -top);
      int last = Math.min(s.windowHeight(), s.height() - top);
      long begin = (o / s.outputHeight() * s.height() + top + first) * row;
      MemorySegment rows = whole(x, begin, (last - first) * row, pixel - c, scratch.x);
      long start = rows == x ? begin : 0;
      Arrays.fill(scratch.y, 0, s.outputWidth() * pixel, Float.NEGATIVE_INFINITY);
      // Where all taps are minus infinity, the first that lies inside the image counts.
      int corner = first * s.windowWidth();
      Arrays.fill(scratch.found, 0, s.outputWidth() * pixel, corner);
      for (int ox = 0; ox < s.outputWidth() && ox * s.stride() < s.padding(); ox++) {
        int tap = corner + s.padding() - ox * s.stride();
        Arrays.fill(scratch.found, ox * pixel, (ox + 1) * pixel, tap);
      }
      for (int ky = first; ky < last; ky++) {
        for (int kx = 0; kx < s.windowWidth(); kx++) {
          int ox = scratch.firstWindow[kx];
          long at = start + (ky - first) * row + (ox * s.stride() - s.padding() + kx) * c;
          int windows = scratch.windows[kx];
          int tap = ky * s.windowWidth() + kx;
          maximum(
              rows, at, s.stride() * c, scratch.y, scratch.found, ox * pixel, pixel, windows, tap);
        }
      }
      close(scratch.y, s.outputWidth(), c, pixel);
      close(scratch.found, s.outputWidth(), c, pixel);
      store(scratch.y, count, 1, 0, y, o * count);
      store(scratch.found, count, 1, 0, taps, o * count);
    }
  }

  /**
   * {@code y = alpha sum_k [k = k_o] x_i + beta y} on output rows {@code [from, to)}; where taps is
   * null, over all k.
   */
  static void outputs(
      PoolingShape s,
      float alpha,
      MemorySegment x,
      MemorySegment taps,
      float beta,
      MemorySegment y,
      long from,
      long to) {
    Scratch scratch = SCRATCH.get();
    int c = s.channels();
    int pixel = padded(c);
    int row = s.width() * c;
    int count = s.outputWidth() * c;
    scratch.reserve(s, Math.max(s.windowHeight() * row, count), s.outputWidth() * pixel);
    for (long o = from; o < to; o++) {
      int top = (int) (o % s.outputHeight()) * s.stride() - s.padding();
      int first = Math.max(0, -top);
      int last = Math.min(s.windowHeight(), s.height() - top);
      long begin = (o / s.outputHeight() * s.height() + top + first) * row;
      MemorySegment rows = whole(x, begin, (last - first) * row, pixel - c, scratch.x);
      long start = rows == x ? begin : 0;
      MemorySegment choice =
          taps == null ? null : whole(taps, o * count, count, pixel - c, scratch.taps);
      long choices = choice == taps ? o * count : 0;
      Arrays.fill(scratch.y, 0, s.outputWidth() * pixel, 0);
      for (int ky = first; ky < last; ky++) {
        for (int kx = 0; kx < s.windowWidth(); kx++) {
          int ox = scratch.firstWindow[kx];
          long at = start + (ky - first) * row + (ox * s.stride() - s.padding() + kx) * c;
          int windows = scratch.windows[kx];
          if (taps == null) {
            add(rows, at, s.stride() * c, scratch.y, ox * pixel, pixel, pixel, windows);
          } else {
            int tap = ky * s.windowWidth() + kx;
            select(
                rows,
                at,
                s.stride() * c,
                choice,
                choices + ox * c,
                c,
                scratch.y,
                ox * pixel,
                pixel,
                windows,
                tap);
          }
        }
      }
      close(scratch.y, s.outputWidth(), c, pixel);
      store(scratch.y, count, alpha, beta, y, o * count);
    }
  }

  /**
   * {@code dx = alpha sum_o [k = k_o] dy_o + beta dx} on input rows {@code [from, to)}; where taps
   * is null, over all windows o that hold the pixel.
   */
  static void inputs(
      PoolingShape s,
      float alpha,
      MemorySegment dy,
      MemorySegment taps,
      float beta,
      MemorySegment dx,
      long from,
      long to) {
    Scratch scratch = SCRATCH.get();
    int c = s.channels();
    int pixel = padded(c);
    int row = s.outputWidth() * c;
    int count = s.width() * c;
    scratch.reserve(s, row, s.width() * pixel);
    for (long i = from; i < to; i++) {
      int y = (int) (i % s.height()) + s.padding();
      int first = Math.max(0, Math.ceilDiv(y - s.windowHeight() + 1, s.stride()));
      int last = Math.min(s.outputHeight() - 1, y / s.stride());
      Arrays.fill(scratch.y, 0, s.width() * pixel, 0);
      for (int oy = first; oy <= last; oy++) {
        long begin = (i / s.height() * s.outputHeight() + oy) * row;
        MemorySegment windowRow = whole(dy, begin, row, pixel - c, scratch.x);
        MemorySegment choice =
            taps == null ? null : whole(taps, begin, row, pixel - c, scratch.taps);
        long start = windowRow == dy ? begin : 0;
        for (int kx = 0; kx < s.windowWidth(); kx++) {
          int ox = scratch.firstWindow[kx];
          int place = (ox * s.stride() - s.padding() + kx) * pixel;
          int windows = scratch.windows[kx];
          int step = s.stride() * pixel;
          if (taps == null) {
            add(windowRow, start + ox * c, c, scratch.y, place, step, pixel, windows);
          } else {
            int tap = (y - oy * s.stride()) * s.windowWidth() + kx;
            spread(
                windowRow, choice, start + ox * c, c, scratch.y, place, step, pixel, windows, tap);
          }
        }
      }
      close(scratch.y, s.width(), c, pixel);
      store(scratch.y, count, alpha, beta, dx, i * count);
    }
  }

  // One tap of a row of windows: x and y advance by their step from window to window.

  private static void maximum(
      MemorySegment x,
      long at,
      int step,
      float[] best,
      float[] found,
      int place,
      int pixel,
      int windows,
      int tap) {
    if (!MASKS) {
      maximumByOne(x, at, step, best, found, place, pixel, windows, tap);
      return;
    }
    for (int j = 0; j < pixel; j += L) {
      long read = at + j;
      int write = place + j;
      for (int o = 0; o < windows; o++) {
        FloatVector next = load(x, read);
        FloatVector old = FloatVector.fromArray(S, best, write);
        VectorMask<Float> number = old.compare(VectorOperators.EQ, old);
        VectorMask<Float> better = next.compare(VectorOperators.LE, old).not().and(number);
        old.blend(next, better).intoArray(best, write);
        FloatVector.fromArray(S, found, write).blend(tap, better).intoArray(found, write);
        read += step;
        write += pixel;
      }
    }
  }

  private static void maximumByOne(
      MemorySegment x,
      long at,
      int step,
      float[] best,
      float[] found,
      int place,
      int pixel,
      int windows,
      int tap) {
    for (int o = 0; o < windows; o++) {
      for (int j = 0; j < pixel; j++) {
        float next = get(x, at + (long) o * step + j);
        float old = best[place + o * pixel + j];
        if (!(next <= old) && old == old) {
          best[place + o * pixel + j] = next;
          found[place + o * pixel + j] = tap;
        }
      }
    }
  }

  private static void add(
      MemorySegment x, long at, int step, float[] y, int place, int stepY, int pixel, int windows) {
    for (int j = 0; j < pixel; j += L) {
      long read = at + j;
      int write = place + j;
      for (int o = 0; o < windows; o++) {
        FloatVector sum = FloatVector.fromArray(S, y, write);
        sum.add(load(x, read)).intoArray(y, write);
        read += step;
        write += stepY;
      }
    }
  }

  private static void select(
      MemorySegment x,
      long at,
      int step,
      MemorySegment taps,
      long choice,
      int stepChoice,
      float[] y,
      int place,
      int pixel,
      int windows,
      int tap) {
    for (int j = 0; MASKS && j < pixel; j += L) {
      long read = at + j;
      long chosen = choice + j;
      int write = place + j;
      for (int o = 0; o < windows; o++) {
        FloatVector next = load(x, read);
        VectorMask<Float> here = load(taps, chosen).compare(VectorOperators.EQ, tap);
        FloatVector.fromArray(S, y, write).blend(next, here).intoArray(y, write);
        read += step;
        chosen += stepChoice;
        write += pixel;
      }
    }
    for (int o = 0; !MASKS && o < windows; o++) {
      for (int j = 0; j < pixel; j++) {
        if (get(taps, choice + (long) o * stepChoice + j) == tap) {
          y[place + o * pixel + j] = get(x, at + (long) o * step + j);
        }
      }
    }
  }

  private static void spread(
      MemorySegment dy,
      MemorySegment taps,
      long at,
      int step,
      float[] dx,
      int place,
      int stepX,
      int pixel,
      int windows,
      int tap) {
    FloatVector zero = FloatVector.zero(S);
    for (int j = 0; MASKS && j < pixel; j += L) {
      long read = at + j;
      int write = place + j;
      for (int o = 0; o < windows; o++) {
        VectorMask<Float> here = load(taps, read).compare(VectorOperators.EQ, tap);
        FloatVector share = zero.blend(load(dy, read), here);
        FloatVector.fromArray(S, dx, write).add(share).intoArray(dx, write);
        read += step;
        write += stepX;
      }
    }
    for (int o = 0; !MASKS && o < windows; o++) {
      for (int j = 0; j < pixel; j++) {
        long read = at + (long) o * step + j;
        dx[place + o * stepX + j] += get(taps, read) == tap ? get(dy, read) : 0;
      }
    }
  }

  // Rows between memory and arrays.

  private static int padded(int channels) {
    return (channels + L - 1) / L * L;
  }

  /** x itself, or a copy of these elements where the last vector would run over the end of x. */
  private static MemorySegment whole(
      MemorySegment x, long from, int count, int slack, MemorySegment copy) {
    if ((from + count + slack) * BYTES <= x.byteSize()) {
      return x;
    }
    MemorySegment.copy(x, from * BYTES, copy, 0, count * BYTES);
    return copy;
  }

  private static FloatVector load(MemorySegment x, long i) {
    return FloatVector.fromMemorySegment(S, x, i * BYTES, LE);
  }

  private static float get(MemorySegment x, long i) {
    return x.get(E, i * BYTES);
  }

  /** Moves the channels of the pixels together, in place, front to back. */
  private static void close(float[] row, int pixels, int c, int pixel) {
    for (int i = 1; c < pixel && i < pixels; i++) {
      for (int j = 0; j < c; j += L) {
        FloatVector.fromArray(S, row, i * pixel + j).intoArray(row, i * c + j);
      }
    }
  }

  /** {@code out = alpha x + beta out} on {@code count} elements from {@code at} on. */
  private static void store(
      float[] x, int count, float alpha, float beta, MemorySegment out, long at) {
    FloatVector scale = FloatVector.broadcast(S, alpha);
    FloatVector keep = FloatVector.broadcast(S, beta);
    long place = at * BYTES;
    int j = 0;
    for (; j <= count - L; j += L) {
      FloatVector y = FloatVector.fromArray(S, x, j).mul(scale);
      if (beta != 0) {
        y = FloatVector.fromMemorySegment(S, out, place + j * BYTES, LE).fma(keep, y);
      }
      y.intoMemorySegment(out, place + j * BYTES, LE);
    }
    for (; j < count; j++) {
      float y = x[j] * alpha;
      if (beta != 0) {
        y = Math.fma(out.get(E, place + j * BYTES), beta, y);
      }
      out.set(E, place + j * BYTES, y);
    }
  }
}
