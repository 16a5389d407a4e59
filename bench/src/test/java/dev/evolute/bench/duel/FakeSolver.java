package dev.evolute.bench.duel;

import java.util.List;

/** A solver that finds what its name says; the truth, in f64, is -1 to 2. */
public class FakeSolver extends FakeContender implements Solver {
  private boolean exact;

  @Override
  public boolean take(Case which) throws Exception {
    exact = which.dtype().equals("f64");
    return super.take(which);
  }

  /** Its error in f32. */
  double error() {
    return 1e-3;
  }

  /** Seconds until it stops, and until it has our error. */
  double seconds() {
    return 1;
  }

  @Override
  public List<Solution> solve(Goal goal) {
    double error = exact ? 0 : error();
    Solution stop = found(seconds(), 2 * error);
    return goal.known() ? List.of(stop, found(3 * seconds(), error)) : List.of(found(1, error));
  }

  private static Solution found(double seconds, double error) {
    return new Solution("a rule", seconds, 10, -1 + error, 2 - error, error, error);
  }

  /** As exact, and slower. */
  public static final class Slow extends FakeSolver {
    @Override
    double seconds() {
      return 2;
    }
  }

  /** Never as exact. */
  public static final class Rough extends FakeSolver {
    @Override
    double error() {
      return 2e-3;
    }
  }

  /** Wrong in f64 too. */
  public static final class Liar extends FakeSolver {
    @Override
    public List<Solution> solve(Goal goal) {
      return List.of(found(1, 1e-3));
    }
  }
}
