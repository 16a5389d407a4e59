package dev.evolute.bench;

import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.optim.Optimizer;
import dev.evolute.kernels.Adam;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures one step of training with AdamW: a gradient and the update of all parameters. Losses of
 * the first steps are the result, which tells other updates from ours.
 *
 * <p>Against: {@code PyTorchTrainBenchmark} in the profile {@code peers}, with its fused AdamW and
 * its fused attention.
 *
 * <p>What would fool it: the same batch over and over, whose loss falls; copying the next batch,
 * which takes no time beside a step, is left out on either side.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class TrainBenchmark extends NetworkProblem {
  static final double DECAY = 0.01;
  static final double ETA = 1e-4;
  static final int FIRST = 3;

  private final double[] losses = new double[FIRST];
  private Optimizer optimizer;

  @Override
  void prepareNetwork() {
    compile(Program.Purpose.TRAINING);
    optimizer = own(Optimizer.of(Adam.w(DECAY), program));
    for (int k = 0; k < FIRST; k++) {
      call();
      losses[k] = program.loss();
    }
  }

  @Override
  @Benchmark
  public void call() {
    program.gradientPass();
    optimizer.step(ETA, program);
  }

  @Override
  double[] result() {
    return losses;
  }

  @Override
  public double work() {
    return workload.units();
  }

  @Override
  public long memory() {
    return program.bytes();
  }
}
