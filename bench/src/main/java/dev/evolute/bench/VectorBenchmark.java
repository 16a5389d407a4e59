package dev.evolute.bench;

import dev.evolute.kernels.Matrix;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures dot, axpy, nrm2 and the matrix-vector product of {@code Kernels}, in GB/s moved.
 *
 * <p>Against: {@code OpenBlasVectorBenchmark} and {@code OneMklVectorBenchmark} in the profile
 * {@code peers}; and the bandwidth of memory, which {@link Bandwidth} measures.
 *
 * <p>What would fool it: sums of f32 are formed in fp64 here and in f32 there; a vector that fits
 * into the last-level cache, which the large one does not.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class VectorBenchmark extends VectorProblem {
  private Matrix a;
  private Matrix in;
  private Matrix out;

  @Override
  public String describe() {
    return "Java Vector API";
  }

  @Override
  void prepareOperation() {
    if (operation == Operation.GEMV || operation == Operation.GEMVT) {
      Matrix stored = Matrix.of(x, rows(), COLS);
      a = operation == Operation.GEMVT ? stored.t() : stored;
      in = Matrix.of(y, a.cols(), 1);
      out = Matrix.of(z, a.rows(), 1);
    }
  }

  @Override
  public void call() {
    switch (operation) {
      case DOT:
        returned = kernels.dot(x, y);
        break;
      case AXPY:
        kernels.axpby(alpha(), x, 1, y);
        break;
      case NRM2:
        returned = kernels.nrm2(x);
        break;
      default:
        kernels.gemm(1, a, in, 0, out);
    }
  }

  @Benchmark
  public void operation(Work work) {
    call();
    work.add(this);
  }
}
