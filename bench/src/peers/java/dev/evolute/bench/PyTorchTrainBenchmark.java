package dev.evolute.bench;

import dev.evolute.torch.TorchAdamW;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.TensorVector;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures one step of the same training in PyTorch, called from Java: a gradient, through its
 * fused attention, and its fused AdamW.
 *
 * <p>Against: {@link TrainBenchmark}.
 *
 * <p>What would fool it: what would fool {@link PyTorchGradientBenchmark}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class PyTorchTrainBenchmark extends PyTorchProblem {
  private final double[] losses = new double[TrainBenchmark.FIRST];
  private TorchAdamW optimizer;

  @Override
  void prepareTensors() {
    optimizer = new TorchAdamW(network, TrainBenchmark.DECAY);
    for (int k = 0; k < losses.length; k++) {
      losses[k] = optimizer.step(TrainBenchmark.ETA);
    }
  }

  @Override
  TensorVector derivative() {
    throw new UnsupportedOperationException("a step leaves no derivative");
  }

  @Override
  double[] result() {
    return losses;
  }

  @Override
  @Benchmark
  public void call() {
    optimizer.step(TrainBenchmark.ETA);
  }

  @Override
  public double work() {
    return workload.units();
  }
}
