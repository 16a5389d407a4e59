package dev.evolute.bench;

import dev.evolute.kernels.Activation;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures functions applied to every element of a vector, values only, in 10^9 elements a second.
 *
 * <p>Against: {@code OneMklFunctionBenchmark} in the profile {@code peers}, the same functions of
 * oneMKL's vector math in its most accurate mode.
 *
 * <p>What would fool it: arguments all in one branch of a function, which standard normal ones are
 * not; the memory, which is the limit of every function at the large length; the call, which is
 * part of it and counts at the small one.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class FunctionBenchmark extends FunctionProblem {
  private Activation activation;

  @Override
  public String describe() {
    return "Java Vector API";
  }

  @Override
  boolean has(Function function) {
    return Arrays.stream(Activation.Kind.values())
        .anyMatch(kind -> kind.name().equals(function.name()));
  }

  @Override
  void prepareFunction() {
    activation = new Activation(Activation.Kind.valueOf(function.name()), 0);
  }

  @Override
  public void call() {
    kernels.activation(activation, x, y, null, null);
  }

  @Benchmark
  public void value(Work work) {
    call();
    work.add(length);
  }
}
