package dev.evolute.kernels;

import java.util.function.Function;

/**
 * A hyper-dual number {@code f + a e1 + b e2 + ab e1 e2} with {@code e1^2 = e2^2 = 0}: arithmetic
 * on it carries first and mixed second derivatives exactly (Fike, Alonso 2011). The reference for
 * every {@code vjp}, {@code jvp} and tangent of a {@code vjp}: it knows none of their formulas.
 */
record Jet(double f, double a, double b, double ab) {
  static Jet of(double value) {
    return new Jet(value, 0, 0, 0);
  }

  Jet plus(Jet y) {
    return new Jet(f + y.f, a + y.a, b + y.b, ab + y.ab);
  }

  Jet minus(Jet y) {
    return new Jet(f - y.f, a - y.a, b - y.b, ab - y.ab);
  }

  Jet times(Jet y) {
    return new Jet(
        f * y.f, a * y.f + f * y.a, b * y.f + f * y.b, ab * y.f + a * y.b + b * y.a + f * y.ab);
  }

  Jet over(Jet y) {
    return times(y.through(1 / y.f, -1 / (y.f * y.f), 2 / (y.f * y.f * y.f)));
  }

  Jet exp() {
    double e = StrictMath.exp(f);
    return through(e, e, e);
  }

  Jet log() {
    return through(StrictMath.log(f), 1 / f, -1 / (f * f));
  }

  Jet sqrt() {
    double root = Math.sqrt(f);
    return through(root, 0.5 / root, -0.25 / (root * f));
  }

  /** A scalar function with its derivatives at f. */
  private Jet through(double value, double first, double second) {
    return new Jet(value, first * a, first * b, first * ab + second * a * b);
  }

  /**
   * Derivatives of a scalar function of many inputs along a tangent of all of them.
   *
   * @param value the function
   * @param jvp its derivative along the tangent
   * @param vjp its gradient
   * @param vjpTangent the derivative of its gradient along the tangent
   */
  record Derivatives(double value, double jvp, double[] vjp, double[] vjpTangent) {}

  static Derivatives derivatives(Function<Jet[], Jet> function, double[] x, double[] tangent) {
    int n = x.length;
    double[] vjp = new double[n];
    double[] vjpTangent = new double[n];
    Jet last = null;
    Jet[] inputs = new Jet[n];
    for (int k = 0; k < n; k++) {
      for (int i = 0; i < n; i++) {
        inputs[i] = new Jet(x[i], i == k ? 1 : 0, tangent[i], 0);
      }
      last = function.apply(inputs);
      vjp[k] = last.a;
      vjpTangent[k] = last.ab;
    }
    return new Derivatives(last == null ? 0 : last.f, last == null ? 0 : last.b, vjp, vjpTangent);
  }
}
