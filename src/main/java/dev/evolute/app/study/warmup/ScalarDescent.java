package dev.evolute.app.study.warmup;

import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;

/**
 * Descent on functions of one variable: counts of iterations, and what the lemmas say on the way.
 */
final class ScalarDescent {
  /** More iterations than any run here takes. */
  private static final long MOST = 50_000_000;

  private static final double ROUNDING = 1e-13;
  private static final int SEGMENT = 16;

  final ClaimCheck decrease =
      new ClaimCheck("f falls by η‖∇f‖²/2 at least", "000, equations (41), (42)");
  final ClaimCheck growing = new ClaimCheck("the step (1) never shrinks", "000, Theorem F.1");
  final ClaimCheck closer =
      new ClaimCheck("dist² falls by θη (f − f*) at least", "000, equation (43)");
  final ClaimCheck segment = new ClaimCheck("largest value along a step", "000, Lemma 1");
  final ClaimCheck slopes = new ClaimCheck("‖∇f‖² ≤ 9/4 (H₀ + 3H₁Δ) Δ", "000, Lemma 2");
  final ClaimCheck lemma3 = new ClaimCheck("decrease in one step", "000, Lemma 3");
  final ClaimCheck stationary =
      new ClaimCheck("least squared gradient norm of K iterates", "000, Theorem F.1");
  final ClaimCheck linear = new ClaimCheck("linear decrease above H₀/(2H₁)", "000, Theorem F.2");
  final ClaimCheck aiming = new ClaimCheck("iterations to a gap, Aiming", "000, Theorem 4.2");
  final ClaimCheck dominated = new ClaimCheck("iterations to a gap, PL", "000, Theorem 4.3");

  /** What was checked so far. */
  List<Claim> claims() {
    return Stream.of(
            segment,
            slopes,
            lemma3,
            decrease,
            growing,
            closer,
            stationary,
            aiming,
            linear,
            dominated)
        .map(ClaimCheck::claim)
        .toList();
  }

  /**
   * Iterations of a step rule until the gap is small enough.
   *
   * @param eta step for a gap
   * @param most iterations after which it is given up
   * @return -1 where it is given up or runs away
   */
  static long iterations(Scalar f, double start, DoubleUnaryOperator eta, double gap, long most) {
    double w = start;
    double far = 4 * Math.abs(start) + 4;
    for (long k = 0; k <= most; k++) {
      double now = f.gap(w);
      if (now <= gap) {
        return k;
      }
      w -= eta.applyAsDouble(now) * f.slope(w);
      if (!(Math.abs(w) < far)) {
        return -1;
      }
    }
    return -1;
  }

  /** The most iterations from any of several starts; -1 where one of them does not arrive. */
  static long worst(Scalar f, double[] starts, DoubleUnaryOperator eta, double gap, long most) {
    long worst = 0;
    for (double start : starts) {
      long count = iterations(f, start, eta, gap, most);
      if (count < 0) {
        return -1;
      }
      worst = Math.max(worst, count);
    }
    return worst;
  }

  /**
   * A constant step and the iterations it takes in the worst of several starts.
   *
   * @param eta NaN where none was found
   */
  record Constant(double eta, long iterations) {}

  /** The constant step of least iterations in the worst of several starts, by search. */
  static Constant best(Scalar f, double[] starts, double gap) {
    double far = 0;
    for (double start : starts) {
      far = Math.max(far, start);
    }
    // Four times the step to the minimum: descent on functions that grow so fast runs away.
    double high = 4 * far / f.slope(far);
    Constant best = new Constant(Double.NaN, MOST);
    for (int j = 0; j <= 80; j++) {
      best = better(f, starts, gap, high * Math.pow(10, -j / 20.0), best);
    }
    double middle = best.eta();
    for (int j = -10; j <= 10; j++) {
      best = better(f, starts, gap, middle * Math.pow(10, j / 200.0), best);
    }
    return best;
  }

  private static Constant better(Scalar f, double[] starts, double gap, double eta, Constant best) {
    long count = worst(f, starts, g -> eta, gap, best.iterations() - 1);
    return count < 0 ? best : new Constant(eta, count);
  }

  /** The course of a step rule: the gap before each step, up to {@code most} of them. */
  static double[] gaps(Scalar f, double start, DoubleUnaryOperator eta, double gap, int most) {
    double[] gaps = new double[most];
    double w = start;
    int count = 0;
    while (count < most) {
      gaps[count++] = f.gap(w);
      if (gaps[count - 1] <= gap) {
        break;
      }
      w -= eta.applyAsDouble(gaps[count - 1]) * f.slope(w);
    }
    return Arrays.copyOf(gaps, count);
  }

  /** Descends with theta times the step (1) and checks every lemma at every iterate. */
  void check(Scalar f, double start, double gap) {
    Bound bound = f.bound();
    double theta = f.aiming();
    double w = start;
    double startGap = f.gap(w);
    double turn = bound.h0() / (2 * bound.h1());
    double leastSlope = Double.POSITIVE_INFINITY;
    double lastEta = 0;
    double factor = Rates.linear(bound, start, theta);
    long k = 0;
    while (k < MOST) {
      double now = f.gap(w);
      double slope = Math.abs(f.slope(w));
      double rounding = ROUNDING * (now + Math.abs(f.least()) + 1e-3);
      slopes.check(2.25 * (bound.h0() + 3 * bound.h1() * now) * now + rounding, slope * slope);
      leastSlope = Math.min(leastSlope, slope * slope);
      if (now <= gap) {
        break;
      }
      double eta = Rates.step(bound, now, theta);
      growing.check(eta, lastEta);
      lastEta = eta;
      double next = w - eta * f.slope(w);
      double after = f.gap(next);
      decrease.check(now - eta / 2 * slope * slope + rounding, after);
      closer.check(w * w - theta * eta * now + ROUNDING * w * w, next * next);
      if (eta * slope <= 1 / Math.sqrt(bound.h1())) {
        double more = (bound.h0() + bound.h1() * now) * eta * eta * slope * slope;
        lemma3.check(now - eta * slope * slope + more + rounding, after);
      }
      if (now >= turn) {
        linear.check(factor * now + rounding, after);
      }
      if (k % 16 == 0) {
        alongStep(f, w, now, rounding);
      }
      k++;
      // F.1 speaks of the first k iterates.
      stationary.check(Rates.stationary(bound, startGap, k) * (1 + ROUNDING), leastSlope);
      w = next;
    }
    aiming.check(Rates.aiming(bound, start, theta, gap), k);
    if (f.mu() > 0 && theta == 1) {
      dominated.check(Rates.gradientDominated(bound, f.mu(), startGap, gap), k);
    }
  }

  /** Theorem 4.3 with the step (1) itself, where the step above was smaller by theta. */
  void checkDominated(Scalar f, double start, double gap) {
    long count = iterations(f, start, g -> Rates.step(f.bound(), g, 1), gap, MOST);
    dominated.check(Rates.gradientDominated(f.bound(), f.mu(), f.gap(start), gap), count);
  }

  private void alongStep(Scalar f, double w, double now, double rounding) {
    double length = 1 / Math.sqrt(f.bound().h1());
    double most =
        (now + f.bound().h0() * length * length / 2) / (1 - f.bound().h1() * length * length / 2);
    double largest = 0;
    for (int i = 0; i <= SEGMENT; i++) {
      largest = Math.max(largest, f.gap(w - Math.signum(f.slope(w)) * length * i / SEGMENT));
    }
    segment.check(most + rounding, largest);
  }
}
