package dev.evolute.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures one Hessian-vector product at a kept point, as an eigenvalue solver asks for it: the
 * same theta many times.
 *
 * <p>Against: {@code PyTorchHvpBenchmark} in the profile {@code peers}, which differentiates a
 * retained graph of the gradient, its fastest way; and {@link GradientBenchmark}: three dense
 * layers should take at most 1.75 gradients.
 *
 * <p>What would fool it: making the point, which costs about a gradient, is not part of it, on
 * either side; a peer whose graph is built anew for each product would pay for that too.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class HvpBenchmark extends HvpProblem {
  @Override
  @Benchmark
  public void call() {
    super.call();
  }
}
