package dev.evolute.bench;

import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.PackedMatrix;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures the matrix product with one operand packed beforehand, the first of a batch alone.
 *
 * <p>Against: {@link GemmBenchmark#plain}, which packs inside each call as every BLAS has to; the
 * difference is what a fixed operand saves.
 *
 * <p>What would fool it: what would fool {@link GemmBenchmark}.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class PackedGemmBenchmark extends GemmProblem {
  private Matrix a;
  private Matrix b;
  private Matrix c;
  private PackedMatrix packedA;
  private PackedMatrix packedB;

  @Override
  void prepareProduct() {
    if (batch > 1) {
      throw new IllegalArgumentException(
          "shape: '" + shape + "' is a batch; give a single product");
    }
    a = a(aMemory);
    b = b(bMemory);
    c = Matrix.of(cMemory, m, n);
    packedA = own(kernels.pack(a.t())).t();
    packedB = own(kernels.pack(b));
  }

  @Override
  void product() {
    kernels.gemm(1, packedA, b, 0, c);
  }

  @Override
  public String describe() {
    return "Java Vector API, A packed";
  }

  /** A packed, as data are for a forward product; packing is not part of it. */
  @Benchmark
  public void packedLeft(Work work) {
    product();
    work.add(this);
  }

  /** B packed, as data are for a weight gradient; packing is not part of it. */
  @Benchmark
  public void packedRight(Work work) {
    kernels.gemm(1, a, packedB, 0, c);
    work.add(this);
  }
}
