package dev.evolute.kernels.cpu;

/**
 * The complementary error function to a few ulp: near zero the series of erf with positive terms
 * (Abramowitz and Stegun 7.1.6), further out the continued fraction of erfc (7.1.14) from the tail.
 */
public final class Erf {
  private static final double TWO_BY_SQRT_PI = 2 / Math.sqrt(Math.PI);

  /** Where the series and 60 levels of the fraction are both exact to rounding. */
  private static final double SWITCH = 2;

  private Erf() {}

  /** {@code 1 - erf(x)}, without cancellation for large x. */
  public static double erfc(double x) {
    if (Double.isNaN(x)) {
      return x;
    }
    double a = Math.abs(x);
    double tail = a < SWITCH ? 1 - series(a) : fraction(a);
    return x >= 0 ? tail : 2 - tail;
  }

  /** {@code erf(x) = 2/sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (1 3 5 .. (2n+1))}. */
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; term > sum * 1e-18; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return TWO_BY_SQRT_PI * Math.exp(-x * x) * sum;
  }

  /** {@code erfc(x) = exp(-x^2)/sqrt(pi) / (x + (1/2)/(x + 1/(x + (3/2)/(x + ...))))}. */
  private static double fraction(double x) {
    if (x > 30) {
      return 0;
    }
    double tail = x;
    for (int n = 60; n >= 1; n--) {
      tail = x + n / 2.0 / tail;
    }
    return TWO_BY_SQRT_PI / 2 * Math.exp(-x * x) / tail;
  }
}
