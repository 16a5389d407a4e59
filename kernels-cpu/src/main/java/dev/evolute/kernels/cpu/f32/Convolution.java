package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.ConvolutionShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * 2-D convolution of {@code x [n x h x w x c]} with {@code w [kh x kw x c x f]} to {@code y [n x h'
 * x w' x f]}, x zero outside the image:
 *
 * <pre>
 *   outputs  y_(o,f)  = sum_(k,c) x_(s o - p + d k, c) w_(k,c,f)      o, i, k are pixels (row, column)
 *   inputs   dx_(i,c) = sum_(o,k,f: s o - p + d k = i) dy_(o,f) w_(k,c,f)
 *   weights  dw_(k,c,f) = sum_(n,o) x_(s o - p + d k, c) dy_(o,f)
 * </pre>
 *
 * Bilinear, so these three give every derivative. All are products of a matrix of patches with a
 * dense one, and a patch is never copied out: element (o, (k, c)) of that matrix stands at {@code
 * pixels_o + taps_(k,c)} in the image, a sum of two offsets, and the register tile {@link Patch10}
 * reads it there. Outputs have a row for each pixel and sum over taps; weights have a row for each
 * tap and sum over pixels. Inputs are outputs once more: the pixels with one remainder modulo the
 * stride see dy through a kernel of their own, without gaps and with stride 1 (s^2 small
 * convolutions in place of a scatter). Each thread copies the rows it works on into a window of its
 * own on the heap, with the zeros around them.
 */
final class Convolution {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final long BYTES = Float.BYTES;

  /** Only AVX-512 (and SVE) have the 32 registers that ten rows need. */
  private static final boolean WIDE = S.vectorBitSize() >= 512;

  private static final int NR = 2 * L;
  private static final int MR = WIDE ? Patch10.MR : Patch4.MR;

  /** Elements of a window: it stays in L2 while every panel of weights passes over it. */
  private static final int WINDOW = 65_536;

  /** Pixels of a window: their panel of dy stays in L2 while every tap passes over it. */
  private static final int PIXELS = 1024;

  /** Register tiles of weights to share out between threads. */
  private static final int TILES = 64;

  /** What the threads of a call share: where the patches of one image meet which weights. */
  static final class Plan {
    // Source images [sourceHeight x sourceWidth x depth], and what target pixels read of them.
    int sourceHeight;
    int sourceWidth;
    int depth;

    /** Source pixel of the first tap of target pixel (0, 0). */
    int top;

    int left;

    /** Source pixels from one target pixel to the next. */
    int step;

    /** Source rows and columns that a patch reaches over. */
    int reachY;

    int reachX;

    // Targets: pixels [height x width] of each image, standing this far apart in memory.
    int height;
    int width;
    int origin;
    int imageStride;
    int rowStride;
    int pixelStride;

    /** Offsets in a window of the elements of a patch. */
    int[] taps = new int[0];

    int patch;

    // The right side [patch x columns] in panels, and the row added to each result.
    int columns;
    MemorySegment panels = MemorySegment.NULL;
    float[] bias = new float[0];

    /** Sums of tiles of weights: split by split, panel by panel, tap by tap. */
    float[] sums = new float[0];

    int tiles;
    int splits;

    int windowWidth() {
      return (width - 1) * step + reachX;
    }

    int windowHeight(int rows) {
      return (rows - 1) * step + reachY;
    }

    /** Whether the results of neighbouring pixels are neighbours in memory. */
    boolean closed() {
      return pixelStride == columns && rowStride == width * columns;
    }
  }

  /** What one thread works with. */
  private static final class Scratch {
    final float[] tile = new float[MR * NR];
    float[] window = new float[0];
    MemorySegment panels = MemorySegment.NULL;

    /** Offsets of pixels in the window and in the target, padded to whole tiles. */
    int[] pixels = new int[0];

    int[] places = new int[0];
  }

  private static final ThreadLocal<Plan> PLAN = ThreadLocal.withInitial(Plan::new);
  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private Convolution() {}

  // Plans, made by the calling thread.

  /** The plan of {@code y = conv(x, w) + bias}; no weights are packed where w is null. */
  static Plan outputs(ConvolutionShape s, MemorySegment w, MemorySegment bias) {
    Plan p = PLAN.get();
    p.sourceHeight = s.height();
    p.sourceWidth = s.width();
    p.depth = s.channels();
    p.top = -s.padding();
    p.left = -s.padding();
    p.step = s.stride();
    p.reachY = (s.kernelHeight() - 1) * s.dilation() + 1;
    p.reachX = (s.kernelWidth() - 1) * s.dilation() + 1;
    p.height = s.outputHeight();
    p.width = s.outputWidth();
    p.columns = s.filters();
    p.origin = 0;
    p.pixelStride = p.columns;
    p.rowStride = p.width * p.columns;
    p.imageStride = p.height * p.rowStride;
    p.patch = s.patch();
    p.taps = atLeast(p.taps, p.patch + MR);
    int t = 0;
    for (int ky = 0; ky < s.kernelHeight(); ky++) {
      for (int kx = 0; kx < s.kernelWidth(); kx++) {
        int at = (ky * p.windowWidth() + kx) * s.dilation() * p.depth;
        for (int c = 0; c < p.depth; c++) {
          p.taps[t++] = at + c;
        }
      }
    }
    Arrays.fill(p.taps, t, t + MR, 0);
    if (w != null) {
      p.panels = atLeast(p.panels, panels(p.columns) * p.patch * (NR * BYTES));
      pack(w, 0, p.patch, p.columns, 0, panels(p.columns), p.panels);
      bias(p, bias);
    }
    return p;
  }

  /**
   * The plan of those pixels of {@code dx} whose row and column are {@code phaseY} and {@code
   * phaseX} modulo the stride.
   */
  static Plan inputs(ConvolutionShape s, MemorySegment w, int phaseY, int phaseX) {
    Plan p = PLAN.get();
    p.sourceHeight = s.outputHeight();
    p.sourceWidth = s.outputWidth();
    p.depth = s.filters();
    p.step = 1;
    // Tap k of pixel s m + phase is dy at m + (phase + p - d k) / s, where that is whole.
    p.top = Math.floorDiv(s.padding() - (s.kernelHeight() - 1) * s.dilation(), s.stride());
    p.left = Math.floorDiv(s.padding() - (s.kernelWidth() - 1) * s.dilation(), s.stride());
    int last = Math.floorDiv(s.stride() - 1 + s.padding(), s.stride());
    p.reachY = last - p.top + 1;
    p.reachX = last - p.left + 1;
    p.height = Math.max(0, Math.ceilDiv(s.height() - phaseY, s.stride()));
    p.width = Math.max(0, Math.ceilDiv(s.width() - phaseX, s.stride()));
    p.columns = s.channels();
    p.origin = (phaseY * s.width() + phaseX) * p.columns;
    p.pixelStride = s.stride() * p.columns;
    p.rowStride = s.stride() * s.width() * p.columns;
    p.imageStride = s.height() * s.width() * p.columns;
    p.taps = atLeast(p.taps, (int) (s.weightsLength() / p.columns) + MR);
    p.panels = atLeast(p.panels, panels(p.columns) * (s.weightsLength() / p.columns) * NR * BYTES);
    p.patch = 0;
    int rows = taps(s, s.kernelHeight(), phaseY) * taps(s, s.kernelWidth(), phaseX) * p.depth;
    for (int ky = 0; ky < s.kernelHeight(); ky++) {
      int y = phaseY + s.padding() - ky * s.dilation();
      for (int kx = 0; kx < s.kernelWidth(); kx++) {
        int x = phaseX + s.padding() - kx * s.dilation();
        if (Math.floorMod(y, s.stride()) == 0 && Math.floorMod(x, s.stride()) == 0) {
          int row = Math.floorDiv(y, s.stride()) - p.top;
          int column = Math.floorDiv(x, s.stride()) - p.left;
          long weights = (long) (ky * s.kernelWidth() + kx) * p.columns * p.depth;
          packTransposed(w, weights, p.depth, p.columns, p.patch, rows, p.panels);
          for (int f = 0; f < p.depth; f++) {
            p.taps[p.patch++] = (row * p.windowWidth() + column) * p.depth + f;
          }
        }
      }
    }
    bias(p, null);
    return p;
  }

  /** Taps of a kernel's rows or columns that pixels of this phase see. */
  private static int taps(ConvolutionShape s, int kernel, int phase) {
    int count = 0;
    for (int k = 0; k < kernel; k++) {
      if (Math.floorMod(phase + s.padding() - k * s.dilation(), s.stride()) == 0) {
        count++;
      }
    }
    return count;
  }

  /**
   * The plan of {@code dw}. Where there are few tiles of weights for many threads, the pixels are
   * split too, into parts that depend on the shape alone; their sums are added in order.
   */
  static Plan weights(ConvolutionShape s) {
    Plan p = outputs(s, null, null);
    p.tiles = panels(p.columns) * ((p.patch + MR - 1) / MR);
    long pixels = (long) s.batch() * p.height * p.width;
    p.splits = Math.clamp(pixels / PIXELS, 1, (TILES + p.tiles - 1) / p.tiles);
    p.sums = atLeast(p.sums, p.splits * p.tiles * MR * NR);
    return p;
  }

  /** A row as long as the panels; repeated, where a whole tile is stored as one row. */
  private static void bias(Plan p, MemorySegment bias) {
    int length = p.columns < NR ? MR * p.columns : panels(p.columns) * NR;
    p.bias = atLeast(p.bias, length);
    for (int j = 0; j < length; j++) {
      boolean there = bias != null && (p.columns < NR || j < p.columns);
      p.bias[j] = there ? bias.get(E, j % p.columns * BYTES) : 0;
    }
  }

  private static int panels(int columns) {
    return (columns + NR - 1) / NR;
  }

  private static int[] atLeast(int[] array, int length) {
    return array.length < length ? new int[length] : array;
  }

  private static float[] atLeast(float[] array, int length) {
    return array.length < length ? new float[length] : array;
  }

  private static MemorySegment atLeast(MemorySegment memory, long bytes) {
    return memory.byteSize() < bytes ? Arena.ofAuto().allocate(bytes, 64) : memory;
  }

  // Work, split over threads.

  /**
   * {@code target = alpha patches panels + bias + beta target} on target rows {@code [from, to)} of
   * all images together.
   */
  static void rows(
      Plan p,
      float alpha,
      MemorySegment source,
      float beta,
      MemorySegment target,
      long from,
      long to) {
    Scratch scratch = SCRATCH.get();
    int most = reserve(p, scratch, from, to);
    for (long at = from; at < to; ) {
      int rows = next(p, most, at, to);
      window(p, source, at, rows, scratch.window);
      long image = at / p.height;
      long base = p.origin + image * p.imageStride + (at - image * p.height) * p.rowStride;
      block(p, scratch, alpha, rows * p.width, beta, target, base);
      at += rows;
    }
  }

  /** All results of the first {@code count} pixels of a window. */
  private static void block(
      Plan p, Scratch s, float alpha, int count, float beta, MemorySegment target, long base) {
    boolean close = p.columns < NR && p.closed();
    for (int j = 0; j < p.columns; j += NR) {
      int columns = Math.min(NR, p.columns - j);
      long panel = (long) j * p.patch * BYTES;
      for (int i = 0; i < count; i += MR) {
        tile(s.window, s.pixels, i, p.taps, p.patch, p.panels, panel, columns, s.tile);
        int rows = Math.min(MR, count - i);
        if (close) {
          close(s.tile, rows, columns);
          long place = (base + s.places[i]) * BYTES;
          store(s.tile, 0, rows * columns, alpha, p.bias, 0, beta, target, place);
        } else {
          for (int r = 0; r < rows; r++) {
            long place = (base + s.places[i + r] + j) * BYTES;
            store(s.tile, r * NR, columns, alpha, p.bias, j, beta, target, place);
          }
        }
      }
    }
  }

  /** Sums of the tiles {@code [from, to)}, counted through all splits, over their pixels. */
  static void sums(Plan p, MemorySegment x, MemorySegment dy, long images, long from, long to) {
    Scratch s = SCRATCH.get();
    Arrays.fill(p.sums, (int) from * MR * NR, (int) to * MR * NR, 0);
    int down = (p.patch + MR - 1) / MR;
    for (long split = from / p.tiles; split * p.tiles < to; split++) {
      int first = (int) Math.max(0, from - split * p.tiles);
      int last = (int) Math.min(p.tiles, to - split * p.tiles);
      long begin = images * p.height * split / p.splits;
      long end = images * p.height * (split + 1) / p.splits;
      int most = reserve(p, s, begin, end);
      for (long at = begin; at < end; ) {
        int rows = next(p, most, at, end);
        int count = rows * p.width;
        int panel = first / down;
        int panels = (last + down - 1) / down;
        window(p, x, at, rows, s.window);
        s.panels = atLeast(s.panels, (long) (panels - panel) * NR * count * BYTES);
        pack(dy, at * p.rowStride, count, p.columns, panel, panels, s.panels);
        for (int t = first; t < last; t++) {
          int columns = Math.min(NR, p.columns - t / down * NR);
          long b = (long) (t / down - panel) * NR * count * BYTES;
          tile(s.window, p.taps, t % down * MR, s.pixels, count, s.panels, b, columns, s.tile);
          add(s.tile, p.sums, ((int) split * p.tiles + t) * MR * NR);
        }
        at += rows;
      }
    }
  }

  /** {@code dw = alpha sums + beta dw}, the splits added in order. */
  static void total(Plan p, float alpha, float beta, MemorySegment dw) {
    int length = p.tiles * MR * NR;
    for (int split = 1; split < p.splits; split++) {
      for (int i = 0; i < length; i += L) {
        FloatVector part = FloatVector.fromArray(S, p.sums, split * length + i);
        FloatVector.fromArray(S, p.sums, i).add(part).intoArray(p.sums, i);
      }
    }
    bias(p, null);
    int down = (p.patch + MR - 1) / MR;
    for (int k = 0; k < p.patch; k++) {
      for (int j = 0; j < p.columns; j += NR) {
        int from = ((j / NR * down + k / MR) * MR + k % MR) * NR;
        long place = ((long) k * p.columns + j) * BYTES;
        int count = Math.min(NR, p.columns - j);
        store(p.sums, from, count, alpha, p.bias, 0, beta, dw, place);
      }
    }
  }

  // Windows.

  /**
   * Makes room for the largest window within {@code [from, to)} and lists its pixels; a smaller one
   * has the first of them. Returns its rows.
   */
  private static int reserve(Plan p, Scratch s, long from, long to) {
    long image = (long) p.windowHeight(p.height) * p.windowWidth() * p.depth;
    long pixels = (long) p.height * p.width;
    long images = Math.min(WINDOW / image, PIXELS / Math.max(1, pixels));
    images = Math.min(images, Integer.MAX_VALUE / p.imageStride);
    int row = p.windowWidth() * p.depth;
    long rows =
        images > 0
            ? images * p.height
            : Math.clamp(
                ((WINDOW / row) - p.reachY) / p.step + 1, 1, Math.max(1, PIXELS / p.width));
    rows = Math.min(rows, to - from);
    int most = (int) rows;
    int whole = Math.max(1, (most + p.height - 1) / p.height);
    int high = p.windowHeight(Math.min(most, p.height));
    s.window = atLeast(s.window, whole * high * row);
    s.pixels = atLeast(s.pixels, most * p.width + MR);
    s.places = atLeast(s.places, most * p.width + MR);
    int at = 0;
    for (int i = 0; i < most; i++) {
      int g = i / p.height;
      int y = i % p.height;
      for (int x = 0; x < p.width; x++) {
        s.pixels[at] = (g * high + y * p.step) * row + x * p.step * p.depth;
        s.places[at++] = g * p.imageStride + y * p.rowStride + x * p.pixelStride;
      }
    }
    Arrays.fill(s.pixels, at, at + MR, 0);
    return most;
  }

  /** Rows of the next window: whole images, or part of one. */
  private static int next(Plan p, int most, long at, long to) {
    long left = Math.min(most, to - at);
    long row = at % p.height;
    return (int)
        (row == 0 && left >= p.height ? left - left % p.height : Math.min(left, p.height - row));
  }

  /** Copies what target rows {@code [at, at + rows)} read, zeros outside the image included. */
  private static void window(Plan p, MemorySegment source, long at, int rows, float[] window) {
    int ofImage = Math.min(rows, p.height);
    int high = p.windowHeight(ofImage);
    int wide = p.windowWidth();
    int from = Math.max(0, p.left);
    int to = Math.min(p.sourceWidth, p.left + wide);
    long image = at / p.height;
    int top = p.top + (int) (at % p.height) * p.step;
    int y0 = Math.max(0, top);
    int y1 = Math.min(p.sourceHeight, top + high);
    boolean inside = to - from == wide && y1 - y0 == high;
    for (int g = 0; g * ofImage < rows; g++) {
      int base = g * high * wide * p.depth;
      if (!inside) {
        Arrays.fill(window, base, base + high * wide * p.depth, 0);
      }
      if (to <= from || y1 <= y0) {
        continue;
      }
      long start = (image + g) * p.sourceHeight;
      if (to - from == wide && wide == p.sourceWidth) {
        int count = (y1 - y0) * wide * p.depth;
        copy(
            source,
            (start + y0) * wide * p.depth,
            window,
            base + (y0 - top) * wide * p.depth,
            count);
        continue;
      }
      for (int y = y0; y < y1; y++) {
        long read = ((start + y) * p.sourceWidth + from) * p.depth;
        int write = base + ((y - top) * wide + from - p.left) * p.depth;
        copy(source, read, window, write, (to - from) * p.depth);
      }
    }
  }

  private static void copy(MemorySegment source, long from, float[] to, int at, int count) {
    MemorySegment.copy(source, E, from * BYTES, to, at, count);
  }

  // Panels.

  /**
   * Rows of a dense {@code [rows x columns]} matrix from element {@code from} on, in panels {@code
   * [panel, panels)} of {@code [rows][NR]}. What a panel has beyond the last column is never used;
   * the elements that happen to follow in memory are as good as zeros.
   */
  private static void pack(
      MemorySegment x, long from, int rows, int columns, int panel, int panels, MemorySegment to) {
    long safe = x.byteSize() - NR * BYTES;
    for (int b = panel; b < panels; b++) {
      long read = (from + b * NR) * BYTES;
      long write = (long) (b - panel) * rows * NR * BYTES;
      int whole = Math.clamp(Math.floorDiv(safe - read, columns * BYTES) + 1, 0, rows);
      copyRows(x, read, columns * BYTES, whole, to, write);
      for (int i = whole; i < rows; i++) {
        for (int j = 0; j < NR; j++) {
          float value =
              b * NR + j < columns ? x.get(E, read + (i * (long) columns + j) * BYTES) : 0;
          to.set(E, write + (i * NR + j) * BYTES, value);
        }
      }
    }
  }

  private static void copyRows(
      MemorySegment x, long read, long stride, int rows, MemorySegment to, long write) {
    for (int i = 0; i < rows; i++) {
      FloatVector.fromMemorySegment(S, x, read, LE).intoMemorySegment(to, write, LE);
      FloatVector.fromMemorySegment(S, x, read + L * BYTES, LE)
          .intoMemorySegment(to, write + L * BYTES, LE);
      read += stride;
      write += NR * BYTES;
    }
  }

  /**
   * A dense {@code [columns x depth]} matrix, transposed, into the rows {@code [row, row + depth)}
   * of panels {@code [rows][NR]}.
   */
  private static void packTransposed(
      MemorySegment w, long from, int depth, int columns, int row, int rows, MemorySegment to) {
    for (int j0 = 0; j0 < columns; j0 += NR) {
      for (int f = 0; f < depth; f++) {
        long read = (from + (long) j0 * depth + f) * BYTES;
        long write = ((long) j0 * rows + (long) (row + f) * NR) * BYTES;
        int count = Math.min(NR, columns - j0);
        for (int j = 0; j < count; j++) {
          to.set(E, write + j * BYTES, w.get(E, read + j * depth * BYTES));
        }
        for (int j = count; j < NR; j++) {
          to.set(E, write + j * BYTES, 0);
        }
      }
    }
  }

  // Tiles.

  private static void tile(
      float[] a,
      int[] rows,
      int at,
      int[] steps,
      int kc,
      MemorySegment b,
      long bo,
      int columns,
      float[] tile) {
    if (!WIDE) {
      Patch4.run(a, rows, at, steps, kc, b, bo, tile);
    } else if (columns > L) {
      Patch10.run(a, rows, at, steps, kc, b, bo, tile);
    } else {
      Patch10.runHalf(a, rows, at, steps, kc, b, bo, tile);
    }
  }

  private static void add(float[] tile, float[] sums, int at) {
    for (int i = 0; i < MR * NR; i += L) {
      FloatVector sum = FloatVector.fromArray(S, sums, at + i);
      sum.add(FloatVector.fromArray(S, tile, i)).intoArray(sums, at + i);
    }
  }

  /**
   * Moves rows of few columns together, so that they are stored as one; front to back, in place.
   */
  private static void close(float[] tile, int rows, int columns) {
    for (int r = 1; r < rows; r++) {
      FloatVector first = FloatVector.fromArray(S, tile, r * NR);
      FloatVector second = FloatVector.fromArray(S, tile, r * NR + L);
      first.intoArray(tile, r * columns);
      second.intoArray(tile, r * columns + L);
    }
  }

  /** {@code target = alpha x + bias + beta target} on one row. */
  private static void store(
      float[] x,
      int from,
      int count,
      float alpha,
      float[] bias,
      int at,
      float beta,
      MemorySegment target,
      long place) {
    FloatVector scale = FloatVector.broadcast(S, alpha);
    FloatVector keep = FloatVector.broadcast(S, beta);
    int j = 0;
    for (; j <= count - L; j += L) {
      FloatVector y =
          FloatVector.fromArray(S, x, from + j).fma(scale, FloatVector.fromArray(S, bias, at + j));
      if (beta != 0) {
        y = FloatVector.fromMemorySegment(S, target, place + j * BYTES, LE).fma(keep, y);
      }
      y.intoMemorySegment(target, place + j * BYTES, LE);
    }
    for (; j < count; j++) {
      float y = Math.fma(x[from + j], alpha, bias[at + j]);
      if (beta != 0) {
        y = Math.fma(target.get(E, place + j * BYTES), beta, y);
      }
      target.set(E, place + j * BYTES, y);
    }
  }
}
