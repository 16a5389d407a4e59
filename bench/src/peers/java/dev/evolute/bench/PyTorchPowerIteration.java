package dev.evolute.bench;

import dev.evolute.bench.duel.Goal;
import dev.evolute.bench.duel.Solution;
import java.util.List;
import java.util.function.DoublePredicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * PyHessian's recipe: power iteration until two successive Rayleigh quotients differ by less than
 * 1e-3 of the value, or 100 times, whose result is the one before the last. That finds the end that
 * is larger by magnitude; a second iteration with {@code H - lambda I} finds the other one. To find
 * out when its error is as small as another solver's, it then goes on.
 *
 * <p>In its favour: vectors are one tensor, where PyHessian has lists of them, and the 1e-6 that
 * PyHessian adds to norms, which alone moves the value by 2e-6 of itself, is left out.
 */
public final class PyTorchPowerIteration extends PyTorchSolver {
  private static final double TOLERANCE = 1e-3;
  private static final int MOST_ITERATIONS = 100;

  /** Where an iteration stood, with the time and the products until there. */
  private record Stand(double value, Tensor x, double seconds, int products) {}

  /**
   * One iteration.
   *
   * @param stop where its own rule stops it
   * @param end where the error was small enough or the time was up
   */
  private record Climb(Stand stop, Stand end) {}

  @Override
  public String describe() {
    return "power iteration over " + super.describe();
  }

  @Override
  public List<Solution> solve(Goal goal) {
    try (PointerScope memory = new PointerScope()) {
      Tensor start = Tensor.create(start(goal.seed()));
      memory.attach(start);
      Climb first =
          climb(
              start,
              goal,
              0,
              value -> value > 0 ? goal.maxReached(value) : goal.minReached(value),
              goal.mostSeconds());
      double shift = first.end.value;
      boolean upper = shift > 0;
      Climb second =
          climb(
              start,
              goal,
              shift,
              value -> upper ? goal.minReached(value) : goal.maxReached(value),
              goal.mostSeconds() - first.end.seconds);
      Solution stop = solution("change below 1e-3", first.stop, second.stop, upper);
      return goal.known()
          ? List.of(stop, solution("goes on", first.end, second.end, upper))
          : List.of(stop);
    }
  }

  private Solution solution(String rule, Stand first, Stand second, boolean upper) {
    Stand min = upper ? second : first;
    Stand max = upper ? first : second;
    return new Solution(
        rule,
        first.seconds + second.seconds,
        first.products + second.products,
        min.value,
        max.value,
        residual(min.x, min.value),
        residual(max.x, max.value));
  }

  /** With {@code H - shift I}; values are H's. */
  private Climb climb(
      Tensor from, Goal goal, double shift, DoublePredicate reached, double mostSeconds) {
    Tensor x = network.typed(from);
    x = x.div(scalar(norm(x)));
    Stand stop = null;
    Stand end = null;
    double before = 0;
    long start = System.nanoTime();
    for (int i = 1; ; i++) {
      double value;
      try (PointerScope scope = new PointerScope()) {
        Tensor y = product(x);
        scope.attach(y);
        if (shift != 0) {
          y = y.sub(x.mul(scalar(shift)));
        }
        value = x.mul(y).sum().item_double();
        x.copy_(y.div(scalar(norm(y))));
      }
      double seconds = 1e-9 * (System.nanoTime() - start);
      if (stop == null) {
        boolean still = i > 1 && Math.abs(before - value) / (Math.abs(before) + 1e-6) < TOLERANCE;
        if (still || i == MOST_ITERATIONS) {
          stop = new Stand((still ? before : value) + shift, x.clone(), seconds, i);
        }
        before = value;
      }
      // Its own stop is looked for even where the goal is reached before.
      if (end == null && (!goal.known() || reached.test(value + shift) || seconds > mostSeconds)) {
        end = new Stand(value + shift, x.clone(), seconds, i);
      }
      if (stop != null && end != null) {
        return new Climb(stop, end);
      }
    }
  }
}
