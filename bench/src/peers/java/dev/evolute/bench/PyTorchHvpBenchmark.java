package dev.evolute.bench;

import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.TensorVector;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures one Hessian-vector product of the same network in PyTorch, called from Java: double
 * backward through a gradient whose graph was recorded once and is retained.
 *
 * <p>Against: {@link HvpBenchmark}, by the faster of the two BLAS libraries PyTorch can use.
 *
 * <p>What would fool it: what would fool {@link PyTorchGradientBenchmark}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class PyTorchHvpBenchmark extends PyTorchProblem {
  private TensorVector gradient;
  private TensorVector v;

  @Override
  void prepareTensors() {
    gradient = network.gradient(true);
    v = network.parts(direction());
  }

  @Override
  TensorVector derivative() {
    return network.hessian(gradient, v);
  }

  @Override
  @Benchmark
  public void call() {
    super.call();
  }
}
