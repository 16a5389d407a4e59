package dev.evolute.app.study.gdvsflow;

import java.util.function.LongToDoubleFunction;

/** The largest step of descent with which something measured of its run stays within a limit. */
final class LargestStep {
  private LargestStep() {}

  /**
   * By doubling and bisection of the number of steps K that a time is cut into.
   *
   * @param end the time
   * @param measured of the run with K steps: falls as K grows, at least on the whole
   * @param limit what it may be at most
   * @param fineness K is found to one part in this
   * @return {@code end / K}
   */
  static double within(double end, LongToDoubleFunction measured, double limit, int fineness) {
    long high = 1;
    while (measured.applyAsDouble(high) > limit) {
      high *= 2;
    }
    long low = high / 2;
    while (high - low > Math.max(1, high / fineness)) {
      long middle = (low + high) / 2;
      if (measured.applyAsDouble(middle) > limit) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return end / high;
  }
}
