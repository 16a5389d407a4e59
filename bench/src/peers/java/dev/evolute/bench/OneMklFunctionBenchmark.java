package dev.evolute.bench;

import dev.evolute.kernels.DType;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.mkl.global.mkl_rt;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures the vector math of oneMKL in its high-accuracy mode ({@code VML_HA}, at most 1 ulp),
 * with error handling off, which is its fastest at that accuracy.
 *
 * <p>Against: {@link FunctionBenchmark} on the same vectors.
 *
 * <p>What would fool it: its slower code paths on processors of another maker.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class OneMklFunctionBenchmark extends FunctionProblem {
  private interface Floats {
    void apply(int n, FloatPointer x, FloatPointer y);
  }

  private interface Doubles {
    void apply(int n, DoublePointer x, DoublePointer y);
  }

  private record Pair(Floats floats, Doubles doubles) {}

  private static final Map<Function, Pair> FUNCTIONS =
      Map.of(
          Function.EXP, new Pair(mkl_rt::vsExp, mkl_rt::vdExp),
          Function.EXPM1, new Pair(mkl_rt::vsExpm1, mkl_rt::vdExpm1),
          Function.LOG, new Pair(mkl_rt::vsLn, mkl_rt::vdLn),
          Function.LOG1P, new Pair(mkl_rt::vsLog1p, mkl_rt::vdLog1p),
          Function.TANH, new Pair(mkl_rt::vsTanh, mkl_rt::vdTanh),
          Function.ERF, new Pair(mkl_rt::vsErf, mkl_rt::vdErf),
          Function.SQRT, new Pair(mkl_rt::vsSqrt, mkl_rt::vdSqrt),
          Function.RECIPROCAL, new Pair(mkl_rt::vsInv, mkl_rt::vdInv));

  private Pair pair;
  private FloatPointer xFloats;
  private FloatPointer yFloats;
  private DoublePointer xDoubles;
  private DoublePointer yDoubles;

  @Override
  public String describe() {
    return OneMklGemmBenchmark.version() + ", vector math at high accuracy, errors ignored";
  }

  @Override
  boolean has(Function function) {
    return FUNCTIONS.containsKey(function);
  }

  @Override
  void prepareFunction() {
    mkl_rt.MKL_Set_Num_Threads(threads);
    mkl_rt.vmlSetMode(mkl_rt.VML_HA | mkl_rt.VML_ERRMODE_IGNORE);
    pair = FUNCTIONS.get(function);
    if (dtype == DType.F32) {
      xFloats = Pointers.floats(x);
      yFloats = Pointers.floats(y);
    } else {
      xDoubles = Pointers.doubles(x);
      yDoubles = Pointers.doubles(y);
    }
  }

  @Override
  public void call() {
    if (dtype == DType.F32) {
      pair.floats.apply(length, xFloats, yFloats);
    } else {
      pair.doubles.apply(length, xDoubles, yDoubles);
    }
  }

  @Benchmark
  public void value(Work work) {
    call();
    work.add(length);
  }
}
