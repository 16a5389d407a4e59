package dev.evolute.bench;

import dev.evolute.kernels.DType;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.mkl.global.mkl_rt;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures dot, axpy, nrm2 and gemv of oneMKL through its Java binding.
 *
 * <p>Against: {@link VectorBenchmark} on the same vectors.
 *
 * <p>What would fool it: what would fool {@link OneMklGemmBenchmark}.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class OneMklVectorBenchmark extends VectorProblem {
  private FloatPointer xFloats;
  private FloatPointer yFloats;
  private FloatPointer zFloats;
  private DoublePointer xDoubles;
  private DoublePointer yDoubles;
  private DoublePointer zDoubles;

  @Override
  public String describe() {
    return OneMklGemmBenchmark.version();
  }

  @Override
  void prepareOperation() {
    mkl_rt.MKL_Set_Num_Threads(threads);
    if (dtype == DType.F32) {
      xFloats = Pointers.floats(x);
      yFloats = Pointers.floats(y);
      zFloats = Pointers.floats(z);
    } else {
      xDoubles = Pointers.doubles(x);
      yDoubles = Pointers.doubles(y);
      zDoubles = Pointers.doubles(z);
    }
  }

  @Override
  public void call() {
    if (dtype == DType.F32) {
      floats();
    } else {
      doubles();
    }
  }

  private void floats() {
    switch (operation) {
      case DOT:
        returned = mkl_rt.cblas_sdot(length, xFloats, 1, yFloats, 1);
        break;
      case AXPY:
        mkl_rt.cblas_saxpy(length, (float) alpha(), xFloats, 1, yFloats, 1);
        break;
      case NRM2:
        returned = mkl_rt.cblas_snrm2(length, xFloats, 1);
        break;
      default:
        mkl_rt.cblas_sgemv(
            BlasGemmProblem.ROW_MAJOR,
            BlasGemmProblem.transposition(operation == Operation.GEMVT),
            rows(),
            COLS,
            1,
            xFloats,
            COLS,
            yFloats,
            1,
            0,
            zFloats,
            1);
    }
  }

  private void doubles() {
    switch (operation) {
      case DOT:
        returned = mkl_rt.cblas_ddot(length, xDoubles, 1, yDoubles, 1);
        break;
      case AXPY:
        mkl_rt.cblas_daxpy(length, alpha(), xDoubles, 1, yDoubles, 1);
        break;
      case NRM2:
        returned = mkl_rt.cblas_dnrm2(length, xDoubles, 1);
        break;
      default:
        mkl_rt.cblas_dgemv(
            BlasGemmProblem.ROW_MAJOR,
            BlasGemmProblem.transposition(operation == Operation.GEMVT),
            rows(),
            COLS,
            1,
            xDoubles,
            COLS,
            yDoubles,
            1,
            0,
            zDoubles,
            1);
    }
  }

  @Benchmark
  public void operation(Work work) {
    call();
    work.add(this);
  }
}
