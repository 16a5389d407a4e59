package dev.evolute.bench;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Matrix;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.ejml.EjmlVersion;
import org.ejml.concurrency.EjmlConcurrency;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.CommonOps_FDRM;
import org.ejml.dense.row.CommonOps_MT_DDRM;
import org.ejml.dense.row.CommonOps_MT_FDRM;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures the matrix product of EJML, plain Java that C2 vectorises where it can.
 *
 * <p>Against: {@link GemmBenchmark#plain} on the same shapes.
 *
 * <p>What would fool it: it works on heap arrays, so the operands are copies; its common fork-join
 * pool, set to the same number of threads as ours and used with more than one only.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class EjmlGemmBenchmark extends GemmProblem {
  private FMatrixRMaj[][] floats;
  private DMatrixRMaj[][] doubles;

  @Override
  public String describe() {
    return "EJML " + EjmlVersion.VERSION + ", on the heap";
  }

  @Override
  void prepareProduct() {
    EjmlConcurrency.setMaxThreads(threads);
    floats = new FMatrixRMaj[dtype == DType.F32 ? batch : 0][];
    doubles = new DMatrixRMaj[dtype == DType.F64 ? batch : 0][];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = new FMatrixRMaj[] {floats(a(ofA(i))), floats(b(ofB(i))), new FMatrixRMaj(m, n)};
    }
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] =
          new DMatrixRMaj[] {doubles(a(ofA(i))), doubles(b(ofB(i))), new DMatrixRMaj(m, n)};
    }
  }

  private Buffer ofA(int index) {
    return aMemory.view((long) index * m * k, (long) m * k);
  }

  private Buffer ofB(int index) {
    return bMemory.view((long) index * k * n, (long) k * n);
  }

  /** The matrix as it is stored, without its transposition. */
  private static FMatrixRMaj floats(Matrix matrix) {
    Matrix stored = matrix.transposed() ? matrix.t() : matrix;
    float[] values = VectorBlasGemmBenchmark.floats(stored.buffer());
    return FMatrixRMaj.wrap(stored.rows(), stored.cols(), values);
  }

  private static DMatrixRMaj doubles(Matrix matrix) {
    Matrix stored = matrix.transposed() ? matrix.t() : matrix;
    return DMatrixRMaj.wrap(stored.rows(), stored.cols(), stored.buffer().toArray());
  }

  @Override
  double[] result() {
    return dtype == DType.F64
        ? Arrays.stream(doubles).flatMapToDouble(p -> Arrays.stream(p[2].data)).toArray()
        : Arrays.stream(floats)
            .flatMapToDouble(p -> IntStream.range(0, m * n).mapToDouble(j -> p[2].data[j]))
            .toArray();
  }

  @Override
  void product() {
    for (FMatrixRMaj[] p : floats) {
      multiply(p[0], p[1], p[2]);
    }
    for (DMatrixRMaj[] p : doubles) {
      multiply(p[0], p[1], p[2]);
    }
  }

  private void multiply(FMatrixRMaj a, FMatrixRMaj b, FMatrixRMaj c) {
    if (threads > 1) {
      if (transposeA) {
        CommonOps_MT_FDRM.multTransA(a, b, c);
      } else if (transposeB) {
        CommonOps_MT_FDRM.multTransB(a, b, c);
      } else {
        CommonOps_MT_FDRM.mult(a, b, c);
      }
    } else if (transposeA) {
      CommonOps_FDRM.multTransA(a, b, c);
    } else if (transposeB) {
      CommonOps_FDRM.multTransB(a, b, c);
    } else {
      CommonOps_FDRM.mult(a, b, c);
    }
  }

  private void multiply(DMatrixRMaj a, DMatrixRMaj b, DMatrixRMaj c) {
    if (threads > 1) {
      if (transposeA) {
        CommonOps_MT_DDRM.multTransA(a, b, c);
      } else if (transposeB) {
        CommonOps_MT_DDRM.multTransB(a, b, c);
      } else {
        CommonOps_MT_DDRM.mult(a, b, c);
      }
    } else if (transposeA) {
      CommonOps_DDRM.multTransA(a, b, c);
    } else if (transposeB) {
      CommonOps_DDRM.multTransB(a, b, c);
    } else {
      CommonOps_DDRM.mult(a, b, c);
    }
  }

  @Benchmark
  public void plain(Work work) {
    product();
    work.add(this);
  }
}
