package dev.evolute.bench;

import dev.evolute.kernels.DType;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;

/**
 * The products of {@link GemmProblem} through the C interface of a BLAS library, on the same
 * memory. Two such libraries in one process resolve each other's {@code cblas_} symbols, so each
 * has a benchmark class of its own, which JMH runs in its own JVM; never run them with {@code -f
 * 0}.
 */
public abstract class BlasGemmProblem extends GemmProblem {
  static final int ROW_MAJOR = 101;
  private static final int NOT_TRANSPOSED = 111;
  private static final int TRANSPOSED = 112;

  FloatPointer aFloats;
  FloatPointer bFloats;
  FloatPointer cFloats;
  DoublePointer aDoubles;
  DoublePointer bDoubles;
  DoublePointer cDoubles;

  @Override
  final void prepareProduct() {
    useThreads(threads);
    if (dtype == DType.F32) {
      aFloats = Pointers.floats(aMemory);
      bFloats = Pointers.floats(bMemory);
      cFloats = Pointers.floats(cMemory);
    } else {
      aDoubles = Pointers.doubles(aMemory);
      bDoubles = Pointers.doubles(bMemory);
      cDoubles = Pointers.doubles(cMemory);
    }
  }

  @Override
  final void product() {
    int opA = transposition(transposeA);
    int opB = transposition(transposeB);
    int lda = transposeA ? m : k;
    int ldb = transposeB ? k : n;
    if (batch > 1) {
      batch(ROW_MAJOR, opA, opB, lda, ldb);
    } else if (dtype == DType.F32) {
      sgemm(ROW_MAJOR, opA, opB, m, n, k, 1, aFloats, lda, bFloats, ldb, 0, cFloats, n);
    } else {
      dgemm(ROW_MAJOR, opA, opB, m, n, k, 1, aDoubles, lda, bDoubles, ldb, 0, cDoubles, n);
    }
  }

  static int transposition(boolean transposed) {
    return transposed ? TRANSPOSED : NOT_TRANSPOSED;
  }

  abstract void useThreads(int count);

  /** All products of a batch. */
  abstract void batch(int order, int opA, int opB, int lda, int ldb);

  /** {@code cblas_sgemm}. */
  abstract void sgemm(
      int order,
      int opA,
      int opB,
      int m,
      int n,
      int k,
      float alpha,
      FloatPointer a,
      int lda,
      FloatPointer b,
      int ldb,
      float beta,
      FloatPointer c,
      int ldc);

  /** {@code cblas_dgemm}. */
  abstract void dgemm(
      int order,
      int opA,
      int opB,
      int m,
      int n,
      int k,
      double alpha,
      DoublePointer a,
      int lda,
      DoublePointer b,
      int ldb,
      double beta,
      DoublePointer c,
      int ldc);
}
