package dev.evolute.bench;

import dev.evolute.kernels.DType;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.mkl.global.mkl_rt;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures {@code cblas_sgemm} and {@code cblas_dgemm} of oneMKL through its Java binding.
 *
 * <p>Against: {@link GemmBenchmark#plain} on the same shapes and memory.
 *
 * <p>What would fool it: its slower code paths on processors of another maker; its threads, set to
 * the same number as ours; the call through JNI, which is part of it and counts in the smallest
 * shape.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class OneMklGemmBenchmark extends BlasGemmProblem {
  @Benchmark
  public void plain(Work work) {
    product();
    work.add(this);
  }

  @Override
  public String describe() {
    return version();
  }

  static String version() {
    byte[] version = new byte[200];
    mkl_rt.MKL_Get_Version_String(version, version.length);
    return new String(version, StandardCharsets.US_ASCII)
        .replace('\0', ' ')
        .replaceAll("Intel.*Version (\\S+).*", "oneMKL $1")
        .strip();
  }

  @Override
  void batch(int order, int opA, int opB, int lda, int ldb) {
    if (dtype == DType.F32) {
      mkl_rt.cblas_sgemm_batch_strided(
          order, opA, opB, m, n, k, 1, aFloats, lda, m * k, bFloats, ldb, k * n, 0, cFloats, n,
          m * n, batch);
    } else {
      mkl_rt.cblas_dgemm_batch_strided(
          order, opA, opB, m, n, k, 1, aDoubles, lda, m * k, bDoubles, ldb, k * n, 0, cDoubles, n,
          m * n, batch);
    }
  }

  @Override
  void useThreads(int count) {
    mkl_rt.MKL_Set_Num_Threads(count);
  }

  @Override
  void sgemm(
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
      int ldc) {
    mkl_rt.cblas_sgemm(order, opA, opB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  }

  @Override
  void dgemm(
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
      int ldc) {
    mkl_rt.cblas_dgemm(order, opA, opB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  }
}
