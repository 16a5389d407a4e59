package dev.evolute.autodiff.optim;

/**
 * The step size of each step. It is a function of the step and of the loss at theta before it, and
 * keeps no state: a resumed run needs nothing of it. Combine them: {@code warmup(100, cosine(1e-3,
 * 1e-5, 900))} takes 1,000 steps.
 */
@FunctionalInterface
public interface Schedule {
  /**
   * The step size.
   *
   * @param step k = 0, 1, ...
   * @param loss {@code f(theta_k)}, of the mini-batch where there is one
   */
  double eta(long step, double loss);

  /** The same at every step. */
  static Schedule constant(double eta) {
    positive("eta", eta);
    return (step, loss) -> eta;
  }

  /**
   * Linear warm-up: {@code (k + 1) / steps} of the first step size of {@code after} for k below
   * steps, the last of them all of it; then {@code after}, which counts from 0.
   */
  static Schedule warmup(long steps, Schedule after) {
    count("warm-up", steps, 0);
    return (step, loss) ->
        step < steps ? after.eta(0, loss) * (step + 1) / steps : after.eta(step - steps, loss);
  }

  /**
   * Half a cosine from {@code peak} at step 0 to {@code end} at step {@code steps - 1}, and {@code
   * end} from there on: {@code end + (peak - end)(1 + cos(pi s)) / 2} (Loshchilov and Hutter 2017;
   * paper 000, section 5).
   */
  static Schedule cosine(double peak, double end, long steps) {
    fall("cosine", peak, end);
    count("cosine", steps, 1);
    return (step, loss) -> {
      double s = step >= steps - 1 ? 1 : (double) step / (steps - 1);
      return end + (peak - end) * (1 + StrictMath.cos(Math.PI * s)) / 2;
    };
  }

  /**
   * Warm-up-stable-decay without its warm-up, which {@link #warmup} adds: {@code peak}, and over
   * the last {@code decay} of the steps linearly down to {@code end}, reached at step {@code steps
   * - 1} (paper 000, section 5: decay over the last 20 % to 1e-5).
   */
  static Schedule stableDecay(double peak, double end, long steps, long decay) {
    fall("stable decay", peak, end);
    count("stable decay", steps, 1);
    if (decay < 0 || decay > steps) {
      throw new IllegalArgumentException(
          "stable decay: the last " + decay + " of " + steps + " steps; give 0 to " + steps);
    }
    long stable = steps - decay;
    return (step, loss) -> {
      if (step < stable) {
        return peak;
      }
      return step >= steps ? end : peak + (end - peak) * (step - stable + 1) / decay;
    };
  }

  /**
   * Paper 000's warm-up in practice (section 5): {@code eta_k / max(1, f(theta_k) / c)}. The step
   * grows by itself as the loss falls to c, and is never above that of {@code inner}.
   *
   * @param c the loss at which the warm-up ends, positive
   */
  static Schedule lossWarmup(double c, Schedule inner) {
    positive("loss warm-up: c", c);
    return (step, loss) -> inner.eta(step, loss) / Math.max(1, loss / c);
  }

  /**
   * Paper 000's step (1) for (H0, H1)-smooth losses: {@code theta / (10 H0 + 20 H1 (f(theta_k) -
   * f*))}. A loss below f* counts as f*.
   *
   * @param h0 not negative
   * @param h1 not negative, and not 0 together with h0
   * @param least f*, the least value of the loss
   * @param aiming the constant of the Aiming condition in (0, 1]; 1 where it is not used
   */
  static Schedule adaptive(double h0, double h1, double least, double aiming) {
    if (!(h0 >= 0 && h1 >= 0 && h0 + h1 > 0 && h0 + h1 < Double.POSITIVE_INFINITY)
        || !Double.isFinite(least)
        || !(aiming > 0 && aiming <= 1)) {
      throw new IllegalArgumentException(
          "adaptive: H0 "
              + h0
              + ", H1 "
              + h1
              + ", f* "
              + least
              + ", theta "
              + aiming
              + "; give finite H0 and H1 of 0 or more, one of them above, a finite f* and theta in"
              + " (0, 1]");
    }
    return (step, loss) -> aiming / (10 * h0 + 20 * h1 * Math.max(0, loss - least));
  }

  private static void fall(String what, double peak, double end) {
    positive(what + ": peak", peak);
    if (!(end >= 0 && end <= peak)) {
      throw new IllegalArgumentException(
          what + ": end is " + end + ", it must be from 0 to the peak, " + peak);
    }
  }

  private static void positive(String what, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          what + " is " + value + ", it must be finite and positive");
    }
  }

  private static void count(String what, long steps, int least) {
    if (steps < least) {
      throw new IllegalArgumentException(
          what + ": " + steps + " steps given, at least " + least + " needed");
    }
  }
}
