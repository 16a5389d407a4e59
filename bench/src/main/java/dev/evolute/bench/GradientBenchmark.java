package dev.evolute.bench;

import dev.evolute.autodiff.graph.Program;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Measures one gradient over all samples: forward and reverse, a training step without its update.
 *
 * <p>Against: {@code PyTorchGradientBenchmark} in the profile {@code peers}, which has to record
 * its graph in every pass, since that is how PyTorch works.
 *
 * <p>What would fool it: theta never moves, so a branch on the data would be predicted better than
 * in training; PyTorch with its default number of threads on cores that are shared, or without
 * passive waiting.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class GradientBenchmark extends NetworkProblem {
  @Override
  void prepareNetwork() {
    compile(Program.Purpose.TRAINING);
  }

  @Override
  @Benchmark
  public void call() {
    program.gradientPass();
  }

  @Override
  double[] result() {
    return program.gradient().toArray();
  }

  @Override
  public long memory() {
    return program.bytes();
  }
}
