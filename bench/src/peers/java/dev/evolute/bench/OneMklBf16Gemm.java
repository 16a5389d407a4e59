package dev.evolute.bench;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Precision;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.ShortPointer;
import org.bytedeco.mkl.global.mkl_rt;

/**
 * Measures products of f32 as products of BF16 by oneMKL, one, three or six calls of {@code
 * cblas_gemm_bf16bf16f32}, which runs on AMX where there is one. On a CPU that is all oneMKL offers
 * of the kind: {@code float_to_bf16x2} and its like are modes of its products on GPUs, its sgemm
 * knows no other unit than that of f32, and {@code MKL_BLAS_COMPUTE_MODE} changes none of its bits.
 *
 * <p>Against: {@link GemmBenchmark#plain} on the same shapes and precisions.
 *
 * <p>What would fool it: its operands are split before it is measured, ours in every call. It is
 * not charged for what its users would have to write themselves, and is faster here than there.
 */
public final class OneMklBf16Gemm extends GemmProblem {
  private static final int FRACTION_BITS_LOST = 16;

  private ShortPointer[] aParts;
  private ShortPointer[] bParts;
  private FloatPointer c;

  @Override
  public String describe() {
    return OneMklGemmBenchmark.version() + ", products of BF16, operands split beforehand";
  }

  @Override
  void prepareProduct() {
    if (precision == Precision.F32 || batch > 1) {
      throw new IllegalArgumentException(
          "shape: '"
              + shape
              + "' given; products of BF16 are single ones, such as 'F32_SPLIT6 256x256x256 nn'");
    }
    mkl_rt.MKL_Set_Num_Threads(threads);
    int parts =
        switch (precision) {
          case BF16X6 -> 3;
          case BF16X3 -> 2;
          default -> 1;
        };
    aParts = split(aMemory, parts);
    bParts = split(bMemory, parts);
    c = Pointers.floats(cMemory);
  }

  /** Each part is the rest rounded to BF16, to nearest, ties to even. */
  private ShortPointer[] split(Buffer memory, int parts) {
    double[] rest = memory.toArray();
    short[] part = new short[rest.length];
    ShortPointer[] pointers = new ShortPointer[parts];
    for (int p = 0; p < parts; p++) {
      for (int i = 0; i < part.length; i++) {
        int bits = Float.floatToRawIntBits((float) rest[i]);
        int rounded = bits + 0x7FFF + (bits >>> FRACTION_BITS_LOST & 1) >>> FRACTION_BITS_LOST;
        part[i] = (short) rounded;
        rest[i] -= Float.intBitsToFloat(rounded << FRACTION_BITS_LOST);
      }
      pointers[p] = own(new ShortPointer(part));
    }
    return pointers;
  }

  /** The smallest products first; those of which both sides are small are left out. */
  @Override
  void product() {
    int opA = BlasGemmProblem.transposition(transposeA);
    int opB = BlasGemmProblem.transposition(transposeB);
    int lda = transposeA ? m : k;
    int ldb = transposeB ? k : n;
    float beta = 0;
    for (int order = aParts.length - 1; order >= 0; order--) {
      for (int part = 0; part <= order; part++) {
        mkl_rt.cblas_gemm_bf16bf16f32(
            BlasGemmProblem.ROW_MAJOR,
            opA,
            opB,
            m,
            n,
            k,
            1,
            aParts[part],
            lda,
            bParts[order - part],
            ldb,
            beta,
            c,
            n);
        beta = 1;
      }
    }
  }
}
