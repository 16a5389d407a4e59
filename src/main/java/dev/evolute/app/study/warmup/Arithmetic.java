package dev.evolute.app.study.warmup;

import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.study.Dense;
import dev.evolute.spectral.CounterRandom;
import java.util.List;

/** Appendix B of paper 000: what the class holds, and what it is closed under. */
final class Arithmetic {
  /** Root of {@code nu = e^-nu}, between 0.56 and 0.57 as the paper has it. */
  static final double NU = root(1);

  /** Root of {@code nu = e^(-nu^2)}, which the paper prints. */
  static final double NU_PRINTED = root(2);

  private static final double ROUNDING = 1e-12;
  private static final int POINTS = 81;

  private Arithmetic() {}

  /** The root of {@code nu = e^(-nu^power)} in (0, 1). */
  static double root(int power) {
    double low = 0;
    double high = 1;
    for (int i = 0; i < 100; i++) {
      double middle = 0.5 * (low + high);
      if (middle < Math.exp(-Math.pow(middle, power))) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return 0.5 * (low + high);
  }

  /** (H0, H1) of an (L0, L1)-smooth function, Proposition B.1. */
  static Bound ofGradientSmooth(double l0, double l1, double nu) {
    return new Bound(l0 + l0 * l1 / nu, (4 * l1 * l1 + nu * l1) / (2 * nu));
  }

  /**
   * (H0, H1) of a sum h = f + g, Proposition B.2.
   *
   * @param least h*
   * @param printed the paper's H0, which takes f and g to be positive, or the one that always holds
   */
  static Bound ofSum(Scalar f, Scalar g, double least, boolean printed) {
    double h1 = Math.max(f.bound().h1(), g.bound().h1());
    double h0 = f.bound().h0() + g.bound().h0() + h1 * least;
    double minima =
        printed
            ? f.bound().h1() * f.least() + g.bound().h1() * g.least()
            : h1 * (f.least() + g.least());
    return new Bound(h0 - minima, h1);
  }

  static List<Claim> claims(int draws, long seed) {
    ClaimCheck nuPrinted =
        new ClaimCheck("printed: the root of ν = exp(−ν²) lies in (0.56, 0.57)", "000, Prop. B.1")
            .note("It is " + (float) NU_PRINTED + "; the source of the lemma has ν = exp(−ν).");
    nuPrinted.check(NU_PRINTED > 0.56 && NU_PRINTED < 0.57);
    ClaimCheck nuCorrected =
        new ClaimCheck("corrected: the root of ν = exp(−ν) lies in (0.56, 0.57)", "000, Prop. B.1");
    nuCorrected.check(NU > 0.56 && NU < 0.57);
    ClaimCheck[] sum = sums(draws, seed);
    return List.of(
        nuPrinted.claim(),
        nuCorrected.claim(),
        gradientSmooth(NU_PRINTED, "printed ν")
            .note(
                "Smaller constants than with ν = exp(−ν); these functions do not tell the two apart.")
            .claim(),
        gradientSmooth(NU, "corrected ν").claim(),
        sum[0].claim(),
        sum[1].claim(),
        affine(draws, seed).claim());
  }

  /** Proposition B.1 on functions whose (L0, L1) are known. */
  private static ClaimCheck gradientSmooth(double nu, String which) {
    ClaimCheck check =
        new ClaimCheck(
            "(L₀, L₁)-smooth functions are (H₀, H₁)-smooth, " + which, "000, Proposition B.1");
    double h1 = 3;
    List<Scalar> functions =
        List.of(Scalar.cosh(), Scalar.expLinear(), Scalar.quartic(), Scalar.exponential(h1));
    double[][] constants = {{1, 1}, {1, 1}, {4, 1}, {h1, Math.sqrt(h1)}};
    for (int i = 0; i < constants.length; i++) {
      Scalar f = functions.get(i);
      double l0 = constants[i][0];
      double l1 = constants[i][1];
      Bound bound = ofGradientSmooth(l0, l1, nu);
      for (int k = 0; k <= 400; k++) {
        double w = -10 + 0.05 * k;
        double slope = Math.abs(f.slope(w));
        double gap = f.gap(w);
        check.check(bound.at(gap), f.curvature(w));
        // The lemma behind it: a bound on the gradient by the gap.
        check.check(2 / nu * (l0 + l1 * slope) * gap + ROUNDING, slope * slope);
      }
    }
    return check;
  }

  /** Proposition B.2 on sums of shifted and stretched functions, as printed and corrected. */
  private static ClaimCheck[] sums(int draws, long seed) {
    ClaimCheck printed =
        new ClaimCheck("printed: (H₀, H₁) of a sum f + g", "000, Proposition B.2")
            .note("Minima of f and g below zero: H₁ᶠ f ≤ H₁ f, which the proof uses, needs f ≥ 0.");
    ClaimCheck corrected =
        new ClaimCheck("corrected: H₀ = H₀ᶠ + H₀ᵍ + H₁ (h* − f* − g*)", "000, Proposition B.2");
    List<Scalar> kinds =
        List.of(
            Scalar.cosh(),
            Scalar.expLinear(),
            Scalar.quartic(),
            Scalar.exponential(2),
            Scalar.parabola(3));
    for (int draw = 0; draw < draws; draw++) {
      double[] u = new double[8];
      CounterRandom.fillUniform(seed, (1L << 33) + draw, 0, u);
      Scalar f = moved(kinds, u, 0);
      Scalar g = moved(kinds, u, 4);
      // f has its minimum at 0, g at a place of its own.
      double place = 4 * (u[3] + u[7]) - 4;
      double least = minimum(f, g, place);
      Bound asPrinted = ofSum(f, g, least, true);
      Bound asCorrected = ofSum(f, g, least, false);
      for (int k = 0; k < POINTS; k++) {
        double w = -4 + 8.0 * k / (POINTS - 1);
        double h = f.value().applyAsDouble(w) + g.value().applyAsDouble(w - place);
        double curvature = f.curvature(w) + g.curvature(w - place);
        double rounding = ROUNDING * (1 + Math.abs(h) + curvature);
        printed.check(asPrinted.at(h - least) + rounding, curvature);
        corrected.check(asCorrected.at(h - least) + rounding, curvature);
      }
    }
    return new ClaimCheck[] {printed, corrected};
  }

  private static Scalar moved(List<Scalar> kinds, double[] u, int at) {
    Scalar kind = kinds.get((int) (u[at] * kinds.size()));
    return kind.moved(0.2 + 2 * u[at + 1], 0.5 + u[at + 2], 10 * u[at + 1] - 8);
  }

  /** The least value of {@code f(w) + g(w - place)}, both convex, by bisection on the slope. */
  private static double minimum(Scalar f, Scalar g, double place) {
    double low = Math.min(0, place);
    double high = Math.max(0, place);
    for (int i = 0; i < 100; i++) {
      double middle = 0.5 * (low + high);
      if (f.slope(middle) + g.slope(middle - place) < 0) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double w = 0.5 * (low + high);
    return f.value().applyAsDouble(w) + g.value().applyAsDouble(w - place);
  }

  /** Proposition B.3: {@code f(w) = sum_i cosh((A w + b)_i)}, the sum being (1, 1)-smooth. */
  private static ClaimCheck affine(int draws, long seed) {
    ClaimCheck check =
        new ClaimCheck("(H₀, H₁) of g(Aw + b)", "000, Proposition B.3")
            .note("g is a sum of cosh, f* by Newton's method; A is 2 x 4, 4 x 2 or 3 x 3.");
    int[][] shapes = {{2, 4}, {4, 2}, {3, 3}};
    for (int draw = 0; draw < draws; draw++) {
      int q = shapes[draw % 3][0];
      int p = shapes[draw % 3][1];
      double[] a = Dense.gaussian(seed, (1L << 34) + 2L * draw, q * p, 0.7);
      double[] b = Dense.gaussian(seed, (1L << 34) + 2L * draw + 1, q, 1);
      CoshSum f = new CoshSum(q, p, a, b);
      double norm2 = Math.pow(Dense.singularValues(q, p, a)[0], 2);
      double least = f.value(f.minimiser());
      Bound bound = new Bound(norm2 * (1 + least - q), norm2);
      for (int k = 0; k < 10; k++) {
        double[] w = Dense.gaussian(seed, (1L << 35) + 10L * draw + k, p, 1.5);
        double value = f.value(w);
        check.check(
            bound.at(value - least) * (1 + ROUNDING), Dense.eigenvalues(p, f.hessian(w))[p - 1]);
      }
    }
    return check;
  }

  /** {@code sum_i cosh((A w + b)_i)} for {@code A [q x p]}. */
  private record CoshSum(int q, int p, double[] a, double[] b) {
    private double[] inner(double[] w) {
      double[] y = b.clone();
      for (int i = 0; i < q; i++) {
        y[i] += Dense.dot(a, i * p, w, 0, p);
      }
      return y;
    }

    double value(double[] w) {
      double sum = 0;
      for (double y : inner(w)) {
        sum += Math.cosh(y);
      }
      return sum;
    }

    /** {@code A^T diag(cosh) A [p x p]}. */
    double[] hessian(double[] w) {
      double[] y = inner(w);
      double[] scaled = a.clone();
      for (int i = 0; i < q * p; i++) {
        scaled[i] *= Math.cosh(y[i / p]);
      }
      return Dense.multiplyTransposed(q, p, p, a, scaled);
    }

    private double[] gradient(double[] w) {
      double[] s = inner(w);
      for (int i = 0; i < q; i++) {
        s[i] = Math.sinh(s[i]);
      }
      return Dense.multiplyTransposed(q, p, 1, a, s);
    }

    /** By Newton's method with halved steps; a small ridge where A has a null space. */
    double[] minimiser() {
      double[] w = new double[p];
      for (int i = 0; i < 60; i++) {
        double[] h = hessian(w);
        for (int k = 0; k < p; k++) {
          h[k * p + k] += 1e-10;
        }
        double[] step = Dense.leastSquares(p, p, 1, h, gradient(w));
        double share = 1;
        double[] next = w;
        while (share > 1e-12) {
          next = w.clone();
          for (int k = 0; k < p; k++) {
            next[k] -= share * step[k];
          }
          if (value(next) <= value(w)) {
            break;
          }
          share /= 2;
        }
        w = next;
      }
      return w;
    }
  }
}
