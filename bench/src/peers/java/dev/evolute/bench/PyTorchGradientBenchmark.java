package dev.evolute.bench;

import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.TensorVector;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures one gradient of the same network in PyTorch, called from Java: it records the graph and
 * goes back through it.
 *
 * <p>Against: {@link GradientBenchmark}, by the faster of the two BLAS libraries PyTorch can use.
 *
 * <p>What would fool it: OpenMP threads that spin on shared cores, unless {@code
 * OMP_WAIT_POLICY=PASSIVE KMP_BLOCKTIME=0} is set as {@code bench/run} and {@code evolute bench}
 * do; some twenty crossings from Java to C++, which are part of it; tensors freed by the garbage
 * collector rather than at the end of each pass.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class PyTorchGradientBenchmark extends PyTorchProblem {
  @Override
  void prepareTensors() {}

  @Override
  TensorVector derivative() {
    return network.gradient(false);
  }

  @Override
  @Benchmark
  public void call() {
    super.call();
  }
}
