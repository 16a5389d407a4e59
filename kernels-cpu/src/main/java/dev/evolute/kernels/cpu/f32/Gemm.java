package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Operand;
import dev.evolute.kernels.cpu.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@code C = alpha A B + beta C}, after Goto and van de Geijn and BLIS: loops over blocks around
 * one register tile. A is cut into panels of MR rows (broadcast, on the heap: scalar reads from a
 * segment make the tile too big for C1), B into panels of NR columns (vectors, off the heap and
 * aligned).
 *
 * <pre>
 *   A [m x k] -> panels [k][MR]      B [k x n] -> panels [k][NR]      tile [MR x NR] -> C
 * </pre>
 *
 * Transposes vanish in packing. Which operand is called B is free, since C^T = B^T A^T: the packed
 * one is, else the choice that pads less.
 */
final class Gemm {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final ValueLayout.OfFloat E = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final long BYTES = Float.BYTES;

  /** Only AVX-512 (and SVE) have the 32 registers that ten rows need. */
  private static final boolean WIDE = S.vectorBitSize() >= 512;

  static final int NR = 2 * L;
  static final int MR = WIDE ? Micro10.MR : Micro4.MR;

  /**
   * Panel depth. C is read and written once a block of this depth, and L2 feeds a panel of B to the
   * register tile as fast as L1 would: 1024 beat 256 by 8 % on products 784 and 1000 deep, and by
   * up to 78 % where C is stored transposed (Zen 4).
   */
  static final int KC = 1024;

  /**
   * Rows of A packed at a time: MC * KC elements take half of a 1 MiB L2 in f32, all of it in f64.
   */
  static final int MC = MR * (120 / MR);

  /** Columns of B packed at a time, for operands that are not packed already. */
  static final int NC = NR * (1024 / NR);

  /** Below this many multiply-adds a second thread costs more than it brings. */
  private static final long PARALLEL = 400_000;

  /** What one thread packs into; grows to the largest product seen. */
  private static final class Scratch {
    float[] a = new float[0];
    MemorySegment b = MemorySegment.NULL;
    final float[] tile = new float[MR * NR];

    void reserve(int aLength, long bBytes) {
      if (a.length < aLength) {
        a = new float[aLength];
      }
      if (b.byteSize() < bBytes) {
        b = Arena.ofAuto().allocate(bBytes, 64);
      }
    }
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private Gemm() {}

  /** The product; shapes are checked by the caller. */
  static void run(Workers workers, double alpha, Operand a, Operand b, double beta, Matrix c) {
    if (c.rows() == 0 || c.cols() == 0) {
      return;
    }
    boolean packedA = a instanceof Packed;
    boolean packedB = b instanceof Packed;
    if (packedA || (!packedB && padding(c.cols(), c.rows()) < padding(c.rows(), c.cols()))) {
      Operand swapped = a.t();
      a = b.t();
      b = swapped;
      c = c.t();
    }
    Matrix left = (Matrix) a;
    Matrix right = b instanceof Matrix plain ? plain : null;
    Packed packed = b instanceof Packed panels ? panels : null;
    int m = c.rows();
    int n = c.cols();
    int k = alpha == 0 ? 0 : left.cols();
    int parts = (long) m * n * k < PARALLEL ? 1 : workers.count();
    int rowTiles = (m + MR - 1) / MR;
    int colTiles = (n + NR - 1) / NR;
    float scale = (float) alpha;
    float keep = (float) beta;
    if (parts == 1) {
      block(scale, left, right, packed, keep, c, 0, m, 0, n, k);
    } else if (colTiles >= rowTiles) {
      Matrix target = c;
      workers.run(
          parts,
          part -> {
            int from = (int) ((long) colTiles * part / parts) * NR;
            int to = Math.min(n, (int) ((long) colTiles * (part + 1) / parts) * NR);
            block(scale, left, right, packed, keep, target, 0, m, from, to, k);
          });
    } else {
      Matrix target = c;
      workers.run(
          parts,
          part -> {
            int from = (int) ((long) rowTiles * part / parts) * MR;
            int to = Math.min(m, (int) ((long) rowTiles * (part + 1) / parts) * MR);
            block(scale, left, right, packed, keep, target, from, to, 0, n, k);
          });
    }
  }

  /**
   * Elements computed, padding included, for {@code m} broadcast rows and {@code n} vector columns.
   */
  private static long padding(int m, int n) {
    return ((m + MR - 1L) / MR * MR) * ((n + NR - 1L) / NR * NR);
  }

  /** One thread's part: rows {@code [i0, i1)} and columns {@code [j0, j1)} of C. */
  private static void block(
      float alpha,
      Matrix a,
      Matrix b,
      Packed packed,
      float beta,
      Matrix c,
      int i0,
      int i1,
      int j0,
      int j1,
      int k) {
    if (i0 >= i1 || j0 >= j1) {
      return;
    }
    if (k == 0) {
      store(SCRATCH.get().tile, 0, beta, c, i0, i1, j0, j1);
      return;
    }
    Scratch scratch = SCRATCH.get();
    int mc = Math.min(MC, (i1 - i0 + MR - 1) / MR * MR);
    int nc = Math.min(NC, (j1 - j0 + NR - 1) / NR * NR);
    // Equal depths: a short last block would pay a whole pass over C for little work.
    int blocks = (k + KC - 1) / KC;
    int depth = (k + blocks - 1) / blocks;
    scratch.reserve(mc * depth, packed == null ? (long) nc * depth * BYTES : 0);
    float[] tile = scratch.tile;
    for (int jc = j0; jc < j1; jc += nc) {
      int jEnd = Math.min(j1, jc + nc);
      for (int pc = 0; pc < k; pc += depth) {
        int kc = Math.min(depth, k - pc);
        float keep = pc == 0 ? beta : 1;
        MemorySegment panels;
        if (packed == null) {
          panels = scratch.b;
          Packing.columns(b, pc, kc, jc, jEnd, panels, 0, kc);
        } else {
          panels = packed.panels();
        }
        for (int ic = i0; ic < i1; ic += mc) {
          int iEnd = Math.min(i1, ic + mc);
          Packing.rows(a, ic, iEnd, pc, kc, scratch.a);
          for (int jr = jc; jr < jEnd; jr += NR) {
            long panel =
                packed == null
                    ? (long) (jr - jc) * kc * BYTES
                    : ((long) jr * k + (long) pc * NR) * BYTES;
            for (int ir = ic; ir < iEnd; ir += MR) {
              int ao = (ir - ic) * kc;
              if (WIDE) {
                Micro10.run(kc, scratch.a, ao, panels, panel, tile);
              } else {
                Micro4.run(kc, scratch.a, ao, panels, panel, tile);
              }
              store(tile, alpha, keep, c, ir, Math.min(iEnd, ir + MR), jr, Math.min(jEnd, jr + NR));
            }
          }
        }
      }
    }
  }

  /** {@code C = alpha tile + beta C} on rows {@code [i0, i1)}, columns {@code [j0, j1)}. */
  private static void store(
      float[] tile, float alpha, float beta, Matrix c, int i0, int i1, int j0, int j1) {
    MemorySegment target = c.buffer().segment();
    long stride = c.stride();
    if (c.transposed()) {
      for (int j = j0; j < j1; j++) {
        scatterColumn(tile, j - j0, i1 - i0, alpha, beta, target, (j * stride + i0) * BYTES);
      }
    } else if (alpha == 0) {
      for (int i = i0; i < i1; i++) {
        scaleRow(beta, target, (i * stride + j0) * BYTES, j1 - j0);
      }
    } else {
      for (int i = i0; i < i1; i++) {
        storeRow(tile, (i - i0) * NR, j1 - j0, alpha, beta, target, (i * stride + j0) * BYTES);
      }
    }
  }

  private static void storeRow(
      float[] tile, int at, int count, float alpha, float beta, MemorySegment c, long offset) {
    FloatVector keep = FloatVector.broadcast(S, beta);
    int j = 0;
    if (beta == 0) {
      for (; j <= count - L; j += L) {
        FloatVector.fromArray(S, tile, at + j)
            .mul(alpha)
            .intoMemorySegment(c, offset + j * BYTES, LE);
      }
    } else {
      for (; j <= count - L; j += L) {
        FloatVector old = FloatVector.fromMemorySegment(S, c, offset + j * BYTES, LE);
        FloatVector x = FloatVector.fromArray(S, tile, at + j).mul(alpha);
        old.fma(keep, x).intoMemorySegment(c, offset + j * BYTES, LE);
      }
    }
    for (; j < count; j++) {
      float x = tile[at + j] * alpha;
      long place = offset + j * BYTES;
      c.set(E, place, beta == 0 ? x : Math.fma(c.get(E, place), beta, x));
    }
  }

  /** What remains of C where there is nothing to add; 0 clears, NaN too. */
  private static void scaleRow(float beta, MemorySegment c, long offset, int count) {
    for (int j = 0; j < count; j++) {
      long place = offset + j * BYTES;
      c.set(E, place, beta == 0 ? 0 : beta * c.get(E, place));
    }
  }

  private static void scatterColumn(
      float[] tile, int at, int count, float alpha, float beta, MemorySegment c, long offset) {
    for (int i = 0; i < count; i++) {
      float x = alpha == 0 ? 0 : alpha * tile[at + i * NR];
      long place = offset + i * BYTES;
      c.set(E, place, beta == 0 ? x : Math.fma(c.get(E, place), beta, x));
    }
  }
}
