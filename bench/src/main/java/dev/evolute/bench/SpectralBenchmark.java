package dev.evolute.bench;

import dev.evolute.bench.duel.Goal;
import dev.evolute.bench.duel.Solution;
import dev.evolute.bench.duel.Solver;
import dev.evolute.spectral.CounterRandom;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.PowerIteration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures both ends of the Hessian's spectrum to a residual of 1e-3 of its norm, from a random
 * start, at a kept point; and how many products with the Hessian that takes.
 *
 * <p>Against: {@link #powerIteration} is the peer of {@link #lanczos}, and what most tools use.
 * Both stop on the same residual, so neither may stop early because its value stands still. {@code
 * evolute bench spectral} holds Lanczos against what people do with PyTorch.
 *
 * <p>What would fool it: a run that has not converged, hence an error here; another theta or seed
 * has other gaps between its eigenvalues, and power iteration depends on them far more than Lanczos
 * does; both times are dominated by products, so their ratio says little about a cheap operator.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
public class SpectralBenchmark extends HvpProblem implements Solver {
  private static final double TOLERANCE = 1e-3;
  private static final int MOST_PRODUCTS = 100_000;
  private static final long SEED = 1;

  /**
   * Products with the Hessian, the same in every run, since the seed is. JMH adds them up over the
   * iterations: divide by their number.
   */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Work {
    public int products;
  }

  @Override
  public List<Solution> solve(Goal goal) {
    CounterRandom.fillGaussian(goal.seed(), Solver.START, 1, v);
    Lanczos.Options options = options(goal.tolerance()).withStart(v, 0);
    long start = System.nanoTime();
    try (Extremes ends = Lanczos.extremes(hessian, options)) {
      double seconds = 1e-9 * (System.nanoTime() - start);
      return List.of(
          new Solution(
              "residual " + goal.tolerance(),
              seconds,
              ends.products(),
              ends.min().value(),
              ends.max().value(),
              ends.min().residual(),
              ends.max().residual()));
    }
  }

  private static Lanczos.Options options(double tolerance) {
    return Lanczos.Options.defaults().withTolerance(tolerance).withMaxProducts(MOST_PRODUCTS);
  }

  @Benchmark
  public double lanczos(Work work) {
    try (Extremes ends = Lanczos.extremes(hessian, options(TOLERANCE).withSeed(SEED))) {
      return checked("Lanczos", ends, work);
    }
  }

  @Benchmark
  public double powerIteration(Work work) {
    try (Extremes ends = PowerIteration.extremes(hessian, TOLERANCE, MOST_PRODUCTS, SEED)) {
      return checked("power iteration", ends, work);
    }
  }

  private static double checked(String solver, Extremes ends, Work work) {
    if (!ends.converged()) {
      throw new IllegalStateException(
          solver
              + ": not converged after "
              + ends.products()
              + " products; its time means nothing");
    }
    work.products += ends.products();
    return ends.max().value() - ends.min().value();
  }
}
