package dev.evolute.bench;

import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.kernels.Buffer;
import dev.evolute.spectral.LinearOperator;
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
public class HvpBenchmark extends NetworkProblem {
  private LinearOperator hessian;
  private Buffer v;
  private Buffer product;

  @Override
  void prepareNetwork() {
    compile(Program.Purpose.CURVATURE);
    hessian = Point.of(program).hessian();
    v = zeros(program.size());
    v.set(direction());
    product = zeros(program.size());
  }

  @Override
  @Benchmark
  public void call() {
    hessian.apply(v, product);
  }

  @Override
  double[] result() {
    return product.toArray();
  }

  @Override
  public long memory() {
    return program.bytes();
  }
}
