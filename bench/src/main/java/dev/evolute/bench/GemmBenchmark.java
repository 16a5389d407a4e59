package dev.evolute.bench;

import dev.evolute.kernels.Matrix;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures the matrix product of {@code Kernels} from plain operands, in products a second and in
 * GFLOP/s.
 *
 * <p>Against: {@code OpenBlasGemmBenchmark}, {@code OneMklGemmBenchmark}, {@code
 * VectorBlasGemmBenchmark} and {@code EjmlGemmBenchmark} in the profile {@code peers}, on the same
 * shapes; and {@link PackedGemmBenchmark}.
 *
 * <p>What would fool it: operands stay in cache between invocations up to 256; another program on
 * the core; a clock that falls when wide vectors run, so that later rows are slower than earlier
 * ones; comparing rows of different runs, which {@code evolute bench gemm} is there to avoid.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class GemmBenchmark extends GemmProblem {
  private Matrix a;
  private Matrix b;
  private Matrix c;

  @Override
  void prepareProduct() {
    device.precision(precision);
    a = a(aMemory);
    b = b(bMemory);
    c = Matrix.of(cMemory, m, n);
  }

  @Override
  void product() {
    if (batch == 1) {
      kernels.gemm(1, a, b, 0, c);
    } else {
      kernels.gemmBatch(batch, 1, a, (long) m * k, b, (long) k * n, 0, c, (long) m * n);
    }
  }

  @Override
  public String describe() {
    return "Java Vector API, and machine code for AMX where precision is traded";
  }

  @Benchmark
  public void plain(Work work) {
    product();
    work.add(this);
  }
}
