package dev.evolute.bench;

import dev.evolute.kernels.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures {@code cblas_sgemm} and {@code cblas_dgemm} of OpenBLAS through its Java binding.
 *
 * <p>Against: {@link GemmBenchmark#plain} on the same shapes and memory.
 *
 * <p>What would fool it: a processor type or a cache size forced on OpenBLAS by the environment, an
 * error here; its own choice of kernel where it does not know the processor; its threads, set to
 * the same number as ours; the call through JNI, which is part of it and counts in the smallest
 * shape.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class OpenBlasGemmBenchmark extends BlasGemmProblem {
  @Benchmark
  public void plain(Work work) {
    product();
    work.add(this);
  }

  @Override
  public String describe() {
    return version();
  }

  /** With the processor whose kernels it has chosen, which the binding does not tell. */
  @SuppressWarnings("restricted")
  static String version() {
    openblas.blas_get_num_threads();
    Linker linker = Linker.nativeLinker();
    String library = Loader.load(openblas_nolapack.class);
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup symbols =
          SymbolLookup.libraryLookup(Path.of(library).resolveSibling("libopenblas.so.0"), arena);
      MemorySegment name =
          (MemorySegment)
              linker
                  .downcallHandle(
                      symbols.findOrThrow("openblas_get_corename"),
                      FunctionDescriptor.of(ValueLayout.ADDRESS))
                  .invokeExact();
      return openblas.OPENBLAS_VERSION.strip()
          + ", kernels for "
          + name.reinterpret(Long.MAX_VALUE).getString(0);
    } catch (Throwable notThere) {
      return openblas.OPENBLAS_VERSION.strip();
    }
  }

  /** One call each, since the binding has no batched one. */
  @Override
  void batch(int order, int opA, int opB, int lda, int ldb) {
    for (int i = 0; i < batch; i++) {
      long a = (long) i * m * k;
      long b = (long) i * k * n;
      long c = (long) i * m * n;
      if (dtype == DType.F32) {
        sgemm(
            order,
            opA,
            opB,
            m,
            n,
            k,
            1,
            aFloats.position(a),
            lda,
            bFloats.position(b),
            ldb,
            0,
            cFloats.position(c),
            n);
      } else {
        dgemm(
            order,
            opA,
            opB,
            m,
            n,
            k,
            1,
            aDoubles.position(a),
            lda,
            bDoubles.position(b),
            ldb,
            0,
            cDoubles.position(c),
            n);
      }
    }
  }

  @Override
  void useThreads(int count) {
    setThreads(count);
  }

  static void setThreads(int count) {
    for (String variable : new String[] {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"}) {
      if (System.getenv(variable) != null) {
        throw new IllegalStateException(
            variable + " is set and keeps OpenBLAS from its best; start with: env -u " + variable);
      }
    }
    openblas.blas_set_num_threads(count);
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
    openblas.cblas_sgemm(order, opA, opB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
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
    openblas.cblas_dgemm(order, opA, opB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  }
}
