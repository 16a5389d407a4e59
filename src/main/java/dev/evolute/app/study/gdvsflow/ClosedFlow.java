package dev.evolute.app.study.gdvsflow;

import java.util.Arrays;

/**
 * Gradient flow of the problem of section 5 (paper 002, equation 20) in closed form: {@code f =
 * ||W_n ... W_1 - lambda||^2 / 2} with one output, {@code ||lambda|| = 1}, from a balanced start.
 *
 * <p>With nu the cosine of the angle between {@code u = W_n ... W_1} and lambda, {@code a =
 * atanh(nu(0))} and t the time of equation (59), in which lemmas 40 and 44 hold,
 *
 * <pre>
 *   nu(t)    = tanh(t + a)
 *   ||u(t)|| = cosh(t+a)^n / ( cosh(a)^n / ||u(0)|| + n integral_0^t cosh(s+a)^n ds )
 *   xi(t)    = integral_0^t ||u(s)||^-(1-2/n) ds
 * </pre>
 *
 * where xi is the flow's own time. The direction stays in the plane of u(0) and lambda. The
 * integral of a power of cosh is a sum of exponentials, of which every term is positive, so it is
 * exact for every depth.
 *
 * @param depth n, at least 2
 * @param norm {@code ||u(0)||}, in (0, 1)
 * @param cosine nu(0), in (-1, 1)
 */
record ClosedFlow(int depth, double norm, double cosine) {
  ClosedFlow {
    if (depth < 2 || !(norm > 0 && norm < 1) || !(cosine > -1 && cosine < 1)) {
      throw new IllegalArgumentException(
          "closed flow: depth "
              + depth
              + ", norm "
              + norm
              + ", cosine "
              + cosine
              + "; at least 2, in (0, 1) and in (-1, 1)");
    }
  }

  private double shift() {
    return 0.5 * Math.log((1 + cosine) / (1 - cosine));
  }

  /** {@code log(2 cosh z)}. */
  private static double logCosh2(double z) {
    return Math.abs(z) + Math.log1p(Math.exp(-2 * Math.abs(z)));
  }

  /** The cosine nu at u-time t. */
  double nu(double t) {
    return Math.tanh(t + shift());
  }

  /** {@code 1 - nu}, to all digits. */
  private double missing(double t) {
    return 2 / (1 + Math.exp(2 * (t + shift())));
  }

  /** {@code sqrt(1 - nu^2)}. */
  double sine(double t) {
    return 1 / Math.cosh(t + shift());
  }

  /** {@code ||u||} at u-time t. */
  double norm(double t) {
    double a = shift();
    double all = depth * logCosh2(t + a);
    double sum = Math.exp(depth * logCosh2(a) - all) / norm;
    double binomial = 1;
    for (int k = 0; k <= depth; k++) {
      int rate = depth - 2 * k;
      double integral;
      if (rate == 0) {
        integral = t * Math.exp(-all);
      } else if (rate > 0) {
        integral = Math.exp(rate * (a + t) - all) * -Math.expm1(-rate * t) / rate;
      } else {
        integral = Math.exp(rate * a - all) * -Math.expm1(rate * t) / -rate;
      }
      sum += depth * binomial * integral;
      binomial = binomial * (depth - k) / (k + 1);
    }
    return 1 / sum;
  }

  /** {@code ||u - lambda||} at u-time t. */
  double toTarget(double t) {
    double u = norm(t);
    return Math.sqrt((u - 1) * (u - 1) + 2 * u * missing(t));
  }

  /** {@code f - min f} at u-time t: it only falls. */
  double gap(double t) {
    double d = toTarget(t);
    return d * d / 2;
  }

  /** The u-time at which {@code f - min f} has come down to a value. */
  double whenGap(double value) {
    double high = 1;
    while (gap(high) > value) {
      high *= 2;
    }
    double low = 0;
    for (int i = 0; i < 80; i++) {
      double middle = (low + high) / 2;
      if (gap(middle) > value) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  private double pace(double t) {
    return Math.pow(norm(t), 1 - 2.0 / depth);
  }

  /** The flow's own time xi at u-time t. */
  double time(double t) {
    return GradientFlow.advance(
        q -> new double[] {1, 1 / pace(Math.max(0, q[0]))}, new double[] {0, 0}, t)[1];
  }

  /** The u-times that go with ascending times of the flow. */
  double[] when(double[] times) {
    double[] all = new double[times.length];
    double[] at = {0};
    double before = 0;
    for (int i = 0; i < times.length; i++) {
      at = GradientFlow.advance(q -> new double[] {pace(q[0])}, at, times[i] - before);
      before = times[i];
      all[i] = at[0];
    }
    return all;
  }

  /** Count evenly spaced times from 0 to the end. */
  static double[] grid(double end, int count) {
    double[] times = new double[count];
    Arrays.setAll(times, i -> end * i / (count - 1));
    return times;
  }

  /** The weights at u-time t, as {@link RankOne} has them. */
  RankOne weights(double t) {
    double s = Math.pow(norm(t), 1.0 / depth);
    return new RankOne(depth, s, s * nu(t), s * sine(t));
  }
}
