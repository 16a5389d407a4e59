package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.cpu.Warmup;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Copies blocks of operands to where the register tile reads them fastest. */
public final class Packing {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int NR = Gemm.NR;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final long BYTES = Float.BYTES;
  private static final MemorySegment ALL = Memory.ALL;

  /** Elements between copied rows, so that they do not all fall into one set of the cache. */
  static final int PAD = 16;

  /** Rows below which a copy is left to the system's. */
  private static final int FEW = 8;

  /** Squares are transposed element by element until C2 has compiled them. */
  private static final Warmup SQUARES = new Squares();

  private Packing() {}

  private static final class Squares extends Warmup {
    private static final long SIZE = L * L * BYTES;
    private static final long ROOM = Arena.global().allocate(2 * SIZE, 64).address();

    @Override
    protected void run() {
      Transpose.run(L, L, ROOM, L * BYTES, ROOM + SIZE, L * BYTES);
    }
  }

  /**
   * A block {@code [mc x kc]} of A without gaps: row by row where it stands so, else k by k, {@link
   * #PAD} elements after each.
   */
  static void block(
      MemorySegment a, long ao, long ar, long ak, int mc, int kc, MemorySegment block) {
    boolean byRows = ak == BYTES;
    int lines = byRows ? mc : kc;
    long length = (byRows ? kc : mc) * BYTES;
    long step = byRows ? ar : ak;
    for (int i = 0; i < lines; i++) {
      MemorySegment.copy(a, ao + i * step, block, i * (length + PAD * BYTES), length);
    }
  }

  /**
   * Inner indices {@code [p, p + kc)} and columns {@code [j0, j1)} of B {@code [k x n]} as panels
   * {@code [kc][NR]}.
   */
  static void panels(Matrix b, long offset, int p, int kc, int j0, int j1, MemorySegment panels) {
    for (int j = j0; j < j1; j += NR) {
      long at = (long) (j - j0) * kc * BYTES;
      panel(b, offset, p, kc, j, Math.min(NR, j1 - j), panels, at, NR);
    }
  }

  /**
   * One panel from byte {@code at} on, {@code row} bytes from one k to the next, each filled up
   * with zeros to whole vectors: what they compute is never used, but old bits there might be
   * denormal and slow.
   */
  public static void panel(
      Matrix b,
      long offset,
      int p,
      int kc,
      int j,
      int width,
      MemorySegment panels,
      long at,
      int nr) {
    MemorySegment source = b.buffer().segment();
    long row = nr * BYTES;
    long stride = b.stride() * BYTES;
    if (b.transposed()) {
      long from = offset + j * stride + p * BYTES;
      transpose(source, from, stride, width, kc, panels, at, row);
      return;
    }
    if (width % L != 0) {
      clear(panels, at + width / L * L * BYTES, kc, row);
    }
    copyRows(source, offset + p * stride + j * BYTES, stride, width, kc, panels, at, row);
  }

  private static void clear(MemorySegment panels, long at, int kc, long row) {
    for (int k = 0; k < kc; k++) {
      for (int j = 0; j < L; j++) {
        panels.set(E, at + j * BYTES, 0);
      }
      at += row;
    }
  }

  private static void copyRows(
      MemorySegment source,
      long from,
      long step,
      int width,
      int kc,
      MemorySegment to,
      long at,
      long row) {
    if (kc < FEW) {
      // C2 compiles a loop that it sees run, and vectors outside of it are objects.
      for (int k = 0; k < kc; k++) {
        MemorySegment.copy(source, from + k * step, to, at + k * row, width * BYTES);
      }
      return;
    }
    int whole = width / L * L;
    for (int k = 0; k < kc; k++) {
      for (int j = 0; j < whole; j += L) {
        FloatVector.fromMemorySegment(S, source, from + j * BYTES, LE)
            .intoMemorySegment(to, at + j * BYTES, LE);
      }
      for (int j = whole; j < width; j++) {
        to.set(E, at + j * BYTES, source.get(E, from + j * BYTES));
      }
      from += step;
      at += row;
    }
  }

  /** Stored rows become panel columns, as many rows at a time as a vector has lanes. */
  private static void transpose(
      MemorySegment source,
      long from,
      long step,
      int width,
      int kc,
      MemorySegment to,
      long at,
      long row) {
    boolean reached = Memory.reaches(source);
    for (int j = 0; j < width; j += L) {
      int rows = Math.min(L, width - j);
      long room = reached && kc > 0 ? source.byteSize() - from - (j + rows - 1) * step : 0;
      // A square reads whole vectors: beyond a row stands the next, beyond the last perhaps
      // nothing.
      int squares =
          Gemm.WIDE && SQUARES.isWarm() ? (int) Math.min((kc + L - 1) / L, room / (L * BYTES)) : 0;
      int done = Math.min(kc, squares * L);
      for (int k = 0; k < done; k += L) {
        long read = source.address() + from + j * step + k * BYTES;
        long write = to.address() + at + k * row + j * BYTES;
        Transpose.run(rows, Math.min(L, kc - k), read, step, write, row);
      }
      if (done < kc) {
        long write = at + done * row + j * BYTES;
        columns(
            source, from + j * step + done * BYTES, step, rows, kc - done, reached, to, write, row);
      }
    }
  }

  /** At most L rows element by element; eight k at a time so that the writes stay in L1. */
  private static void columns(
      MemorySegment source,
      long from,
      long step,
      int rows,
      int kc,
      boolean reached,
      MemorySegment to,
      long at,
      long row) {
    if (rows < L) {
      clear(to, at, kc, row);
    }
    int whole = reached ? kc / 8 * 8 : 0;
    for (int k = 0; k < whole; k += 8) {
      long read = source.address() + from + k * BYTES;
      eight(rows, read, step, to.address() + at + k * row, row);
    }
    for (int k = whole; k < kc; k++) {
      for (int j = 0; j < rows; j++) {
        to.set(E, at + k * row + j * BYTES, source.get(E, from + j * step + k * BYTES));
      }
    }
  }

  /** Eight elements of each of so many rows, in native memory: as fast as it can store. */
  private static void eight(int rows, long from, long step, long to, long row) {
    row &= Memory.STEP;
    for (int j = 0; j < rows; j++) {
      long read = from & Memory.PLACE;
      long write = to & Memory.PLACE;
      ALL.set(E, write, ALL.get(E, read));
      ALL.set(E, write + row, ALL.get(E, read + BYTES));
      ALL.set(E, write + 2 * row, ALL.get(E, read + 2 * BYTES));
      ALL.set(E, write + 3 * row, ALL.get(E, read + 3 * BYTES));
      ALL.set(E, write + 4 * row, ALL.get(E, read + 4 * BYTES));
      ALL.set(E, write + 5 * row, ALL.get(E, read + 5 * BYTES));
      ALL.set(E, write + 6 * row, ALL.get(E, read + 6 * BYTES));
      ALL.set(E, write + 7 * row, ALL.get(E, read + 7 * BYTES));
      from += step;
      to += BYTES;
    }
  }
}
