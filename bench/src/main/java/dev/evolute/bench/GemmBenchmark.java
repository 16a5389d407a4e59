package dev.evolute.bench;

import dev.evolute.kernels.PackedMatrix;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures the matrix product of {@code Kernels}, in products a second and in GFLOP/s, from plain
 * operands and with one of them packed beforehand.
 *
 * <p>Against: {@code OpenBlasGemmBenchmark} and {@code OneMklGemmBenchmark} in the profile {@code
 * peers}, on the same shapes; both have to pack inside each call, so {@link #plain} is the fair
 * comparison and the packed ones show what a fixed operand saves.
 *
 * <p>What would fool it: operands stay in cache between invocations up to 256; another program on
 * the core; a clock that falls when wide vectors run, so that later rows are slower than earlier
 * ones; comparing rows of different runs.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class GemmBenchmark extends GemmProblem {
  private PackedMatrix packedA;
  private PackedMatrix packedB;

  @Override
  void prepareProduct() {
    packedA = own(kernels.pack(a.t())).t();
    packedB = own(kernels.pack(b));
  }

  @Benchmark
  public void plain(Work work) {
    kernels.gemm(1, a, b, 0, c);
    work.add(this);
  }

  /** A packed, as data are for a forward product; packing is not part of it. */
  @Benchmark
  public void packedLeft(Work work) {
    kernels.gemm(1, packedA, b, 0, c);
    work.add(this);
  }

  /** B packed, as data are for a weight gradient; packing is not part of it. */
  @Benchmark
  public void packedRight(Work work) {
    kernels.gemm(1, a, packedB, 0, c);
    work.add(this);
  }
}
