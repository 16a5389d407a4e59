package dev.evolute.app.study.twolayer;

import dev.evolute.app.study.Dense;

/**
 * The loss on the ray {@code theta - e grad L}, a function of e: there {@code W - W* = E - e C_1 +
 * e^2 C_2} with {@code C_1 = G W_2 W_2^T + W_1 W_1^T G}, {@code C_2 = G W^T G} and {@code G = grad
 * l(W)}, equation (61) of the paper. Its second derivative over {@code ||grad L||^2} is the
 * curvature {@code <g, H g> / <g, g>} of L along g.
 *
 * <p>Under squared error it is a polynomial of degree 4, whose coefficients are found once.
 * Otherwise it reads the arrays of a {@link Batch} in place, and so is good until its next step.
 */
final class Along {
  private static final int SAMPLES = 9;
  private static final int MOST_TRIALS = 200;

  private final Batch batch;
  private final int repetition;
  private final Problem problem;

  /** A row of {@code a - e b + e^2 c} at the present e, and its two derivatives in e. */
  private final double[] shift;

  private final double[] slope;
  private final double[] bend;
  private final double[] scratch;

  /** Of {@code 1, e, ..., e^4}, under squared error; or else null. */
  private final double[] quartic;

  Along(Batch batch, int repetition) {
    this.batch = batch;
    this.repetition = repetition;
    problem = batch.problem(repetition);
    shift = new double[problem.m()];
    slope = new double[problem.m()];
    bend = new double[problem.m()];
    scratch = new double[problem.m()];
    quartic = problem.kind() == Kind.SQUARED ? quartic() : null;
  }

  /** {@code 1/2 ||A - e B + e^2 C||^2} of the outputs, and of the deviation by its penalty. */
  private double[] quartic() {
    double[] sum = new double[5];
    int count = problem.samples() * problem.m();
    add(sum, 1, batch.outputs, batch.outputs1, batch.outputs2, repetition * count, count);
    if (problem.penalty() > 0) {
      count = problem.n() * problem.m();
      add(
          sum,
          problem.penalty(),
          batch.deviation,
          batch.deviation1,
          batch.deviation2,
          repetition * count,
          count);
    }
    return sum;
  }

  private static void add(
      double[] sum, double factor, double[] a, double[] b, double[] c, int at, int count) {
    sum[0] += factor * 0.5 * Dense.dot(a, at, a, at, count);
    sum[1] -= factor * Dense.dot(a, at, b, at, count);
    sum[2] += factor * (0.5 * Dense.dot(b, at, b, at, count) + Dense.dot(a, at, c, at, count));
    sum[3] -= factor * Dense.dot(b, at, c, at, count);
    sum[4] += factor * 0.5 * Dense.dot(c, at, c, at, count);
  }

  /** L at e. */
  double value(double e) {
    return derivative(0, e);
  }

  /** dL/de at e. */
  double first(double e) {
    return derivative(1, e);
  }

  /** {@code d^2 L / de^2} at e. */
  double second(double e) {
    return derivative(2, e);
  }

  private double derivative(int order, double e) {
    if (quartic != null) {
      double[] q = quartic;
      return switch (order) {
        case 0 -> q[0] + e * (q[1] + e * (q[2] + e * (q[3] + e * q[4])));
        case 1 -> q[1] + e * (2 * q[2] + e * (3 * q[3] + e * 4 * q[4]));
        default -> 2 * q[2] + e * (6 * q[3] + e * 12 * q[4]);
      };
    }
    double sum = 0;
    int at = repetition * problem.samples() * shift.length;
    for (int i = 0; i < problem.samples(); i++) {
      move(batch.outputs, batch.outputs1, batch.outputs2, at + i * shift.length, e);
      sum += sample(order, i);
    }
    if (problem.penalty() > 0) {
      at = repetition * problem.n() * shift.length;
      for (int i = 0; i < problem.n(); i++) {
        move(batch.deviation, batch.deviation1, batch.deviation2, at + i * shift.length, e);
        sum += problem.penalty() * halfSquare(order);
      }
    }
    return sum;
  }

  /** What sample i adds, its outputs moved. */
  private double sample(int order, int i) {
    int m = shift.length;
    Kind kind = problem.kind();
    if (order == 0) {
      return kind.distance(problem.means(), i * m, m, shift, scratch);
    }
    kind.difference(problem.means(), i * m, m, 1, shift, scratch);
    return order == 1
        ? Dense.dot(scratch, 0, slope, 0, m)
        : Dense.dot(scratch, 0, bend, 0, m) + kind.second(problem.means(), i * m, m, shift, slope);
  }

  /** What a row of W adds to {@code ||W - W*||^2 / 2}. */
  private double halfSquare(int order) {
    int m = shift.length;
    return switch (order) {
      case 0 -> 0.5 * Dense.dot(shift, 0, shift, 0, m);
      case 1 -> Dense.dot(shift, 0, slope, 0, m);
      default -> Dense.dot(shift, 0, bend, 0, m) + Dense.dot(slope, 0, slope, 0, m);
    };
  }

  private void move(double[] a, double[] b, double[] c, int at, double e) {
    for (int j = 0; j < shift.length; j++) {
      shift[j] = a[at + j] + e * (e * c[at + j] - b[at + j]);
      slope[j] = 2 * e * c[at + j] - b[at + j];
      bend[j] = 2 * c[at + j];
    }
  }

  /**
   * Largest {@code d^2 L / de^2} on [0, e]: exact under squared error, where it is a parabola, and
   * else the largest of nine samples.
   */
  double largestSecond(double e) {
    double low = second(0);
    double high = second(e);
    double largest = Math.max(low, high);
    if (problem.kind() == Kind.SQUARED) {
      double mid = second(0.5 * e);
      double curve = 2 * (low - 2 * mid + high);
      double tilt = 4 * mid - 3 * low - high;
      double top = -0.5 * tilt / curve;
      return curve < 0 && top > 0 && top < 1
          ? Math.max(largest, low + top * (tilt + top * curve))
          : largest;
    }
    for (int i = 1; i < SAMPLES - 1; i++) {
      largest = Math.max(largest, second(e * i / (SAMPLES - 1)));
    }
    return largest;
  }

  /**
   * The best step: a minimum of L on the ray, bracketed by steps that grow by a quarter, and found
   * by the Illinois method on the derivative.
   *
   * @param scale a step of the right size
   */
  double best(double scale) {
    double low = 0;
    double atLow = first(0);
    double high = scale;
    double atHigh = first(high);
    for (int i = 0; i < MOST_TRIALS && atHigh < 0; i++) {
      low = high;
      atLow = atHigh;
      high *= 1.25;
      atHigh = first(high);
    }
    int side = 0;
    for (int i = 0; i < MOST_TRIALS && high - low > 1e-13 * high; i++) {
      double mid = (low * atHigh - high * atLow) / (atHigh - atLow);
      double atMid = first(mid);
      if (atMid == 0) {
        return mid;
      }
      // An end that stays twice counts half, lest the other creep.
      if (atMid > 0) {
        high = mid;
        atHigh = atMid;
        atLow = side > 0 ? 0.5 * atLow : atLow;
        side = 1;
      } else {
        low = mid;
        atLow = atMid;
        atHigh = side < 0 ? 0.5 * atHigh : atHigh;
        side = -1;
      }
    }
    return 0.5 * (low + high);
  }
}
