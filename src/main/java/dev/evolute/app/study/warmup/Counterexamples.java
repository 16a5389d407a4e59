package dev.evolute.app.study.warmup;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.study.Dense;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.List;

/**
 * Where (L0, L1)-smoothness fails: Propositions B.4 and B.5 (sums and affine maps) and D.1 and D.2
 * (networks) of paper 000.
 */
final class Counterexamples {
  /** L0 = L1 (or H0 = H1) that are tried; each must fail somewhere. */
  private static final double[] TRIED = {1, 10, 100, 1000};

  private static final double ROUNDING = 1e-9;
  private static final double LAMBDA = 0.5;

  private final List<Claim> claims = new ArrayList<>();

  /** Along (u, 0) of D.1: gradient norm, loss, curvature, (H0, H1) bound. */
  private double[][] penalised = new double[4][0];

  /** Of D.2: t, loss, gradient norm, curvature. */
  private double[][] weak = new double[4][0];

  List<Claim> claims() {
    return claims;
  }

  void measure(Device device) {
    sums();
    affineMaps();
    penalties(device);
    weaklyBalanced(device);
  }

  /** {@code int_0^w 2 sin(u^2) du}, by Simpson's rule. */
  static double sineIntegral(double w) {
    int n = 2 * (int) Math.ceil(20 + 20 * w * w);
    double h = w / n;
    double sum = 0;
    for (int i = 0; i <= n; i++) {
      double u = i * h;
      sum += (i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2) * 2 * Math.sin(u * u);
    }
    return sum * h / 3;
  }

  private void sums() {
    ClaimCheck both =
        new ClaimCheck("f₁ and f₂ are (3, 3)-smooth", "000, Proposition B.4")
            .note("f′ = ±w + sin w², on a grid of [−30, 30].");
    for (int i = 0; i <= 60_000; i++) {
      double w = -30 + 1e-3 * i;
      for (int sign = -1; sign <= 1; sign += 2) {
        double slope = sign * w + Math.sin(w * w);
        both.check(3 + 3 * Math.abs(slope), Math.abs(sign + 2 * w * Math.cos(w * w)));
      }
    }
    claims.add(both.claim());
    ClaimCheck printed =
        new ClaimCheck("printed: the sum is f = 2 sin w²", "000, Proposition B.4")
            .note("At w = 0.5, 1, ..., 10.");
    ClaimCheck corrected =
        new ClaimCheck("corrected: the sum’s slope is f′ = 2 sin w²", "000, Proposition B.4");
    ClaimCheck bounded =
        new ClaimCheck(
                "f₂ falls without bound, and so does not belong to the class", "000, Def. 3.1")
            .note(
                "f₂ ≤ 1 − w²/2. So B.4 shows no pair of the class itself; the sum stays within (−2, 2)"
                    + " while its curvature grows: it is not (H₀, H₁)-smooth either, which does not"
                    + " contradict B.2.");
    double h = 1e-4;
    for (int k = 1; k <= 20; k++) {
      double w = 0.5 * k;
      double f = sineIntegral(w);
      printed.check(Math.abs(f - 2 * Math.sin(w * w)) < 1e-6);
      double slope = (sineIntegral(w + h) - sineIntegral(w - h)) / (2 * h);
      corrected.check(Math.abs(slope - 2 * Math.sin(w * w)) < 1e-4);
      bounded.check(1 - w * w / 2, f / 2 - w * w / 2);
      bounded.check(f > 0 && f < 2);
    }
    claims.add(printed.claim());
    claims.add(corrected.claim());
    claims.add(bounded.claim());
    ClaimCheck fails =
        new ClaimCheck("no L₀ = L₁ of 1 to 1,000 suits the sum", "000, Proposition B.4");
    for (double tried : TRIED) {
      double w = Math.sqrt(Math.PI * Math.ceil(tried * tried));
      double slope = 2 * Math.sin(w * w);
      fails.check(Math.abs(4 * w * Math.cos(w * w)), tried + tried * Math.abs(slope));
    }
    claims.add(fails.claim());
  }

  private void affineMaps() {
    ClaimCheck smooth =
        new ClaimCheck("‖∇²g‖ ≤ √10 ‖∇g‖ for g = exp(y₂) cos(y₁) exp(y₁)", "000, Proposition B.5");
    for (int i = 0; i <= 600; i++) {
      double y = -6 + 0.02 * i;
      // The factor exp(y2) is in both sides.
      double e = Math.exp(y);
      double h = Math.cos(y) * e;
      double h1 = e * (Math.cos(y) - Math.sin(y));
      double h2 = -2 * Math.sin(y) * e;
      double[] values = Dense.eigenvalues(2, new double[] {h2, h1, h1, h});
      smooth.check(
          Math.sqrt(10) * Math.hypot(h1, h) * (1 + ROUNDING),
          Math.max(Math.abs(values[0]), Math.abs(values[1])));
    }
    claims.add(smooth.claim());
    ClaimCheck fails =
        new ClaimCheck("no L₀ = L₁ of 1 to 1,000 suits g(w, 0)", "000, Proposition B.5")
            .note("This g falls without bound too: it has no f*, and is outside the class.");
    for (double tried : TRIED) {
      double w = Math.PI / 4 + 2 * Math.PI * Math.ceil(Math.log(2 * tried) / (2 * Math.PI));
      double slope = Math.exp(w) * (Math.cos(w) - Math.sin(w));
      fails.check(2 * Math.sin(w) * Math.exp(w), tried + tried * Math.abs(slope));
    }
    claims.add(fails.claim());
  }

  /** Proposition D.1: {@code (u tanh v)^2 / 2} with penalties, along (u, 0). */
  private void penalties(Device device) {
    ClaimCheck closed =
        new ClaimCheck("‖∇²f(u, 0)‖ = max(λ₁, u² + λ₂)", "000, Proposition D.1")
            .note("The right-hand side against Lanczos’ method on a recorded network.");
    ClaimCheck fails =
        new ClaimCheck("no L₀ = L₁ of 1 to 1,000 suits it, with L2 penalties", "000, Prop. D.1");
    ClaimCheck holds =
        new ClaimCheck(
                "the (H₀, H₁) of Proposition 3.3 suits it at the same points", "000, (31), (32)")
            .note(
                "Twice the function is the proposition’s, with X = 1, Y = 0 and twice the penalties.");
    SmallData one = SmallData.of(1, 1, 1, new double[] {1}, new double[] {0});
    Bound twice = Bound.penalisedSquares(one, Smooth.TANH, 2 * LAMBDA, 2 * LAMBDA);
    int points = 41;
    penalised = new double[4][points];
    Case network = new Case(Family.SQUARES, List.of(1, 1, 1), 1, 1, Smooth.TANH, 2 * LAMBDA, 1);
    try (SmallNetwork small = new SmallNetwork(device, network, one)) {
      double[] g = new double[2];
      for (int k = 0; k < points; k++) {
        double u = Math.pow(10, -1 + 5.0 * k / (points - 1));
        small.set(new double[] {u, 0});
        double f = small.gradient(g) / 2;
        double norm = small.hessianNorm().value() / 2;
        closed.check(
            Math.abs(norm / Math.max(LAMBDA, u * u + LAMBDA) - 1) <= ROUNDING
                && Math.abs(Math.hypot(g[0], g[1]) / (2 * LAMBDA * u) - 1) <= ROUNDING);
        penalised[0][k] = LAMBDA * u;
        penalised[1][k] = f;
        penalised[2][k] = norm;
        penalised[3][k] = twice.at(2 * f) / 2;
        holds.check(penalised[3][k], norm);
      }
    }
    for (double tried : TRIED) {
      double u = 2 * tried;
      fails.check(u * u + LAMBDA, tried + tried * LAMBDA * u);
    }
    claims.add(closed.claim());
    claims.add(fails.claim());
    claims.add(holds.claim());
  }

  /** Proposition D.2: weakly balanced weights with no gradient and any curvature. */
  private void weaklyBalanced(Device device) {
    double[] x = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    double[] y = {1, 0, 0, 0, 2, 0, 0, 0, 3};
    SmallData data = SmallData.of(3, 3, 3, x, y);
    ClaimCheck gradient =
        new ClaimCheck("the gradient is 0 and the loss 13 whatever t is", "000, Proposition D.2");
    ClaimCheck curved =
        new ClaimCheck("‖∇²f‖ ≥ 2t²: no (L₀, L₁) suits weakly balanced weights", "000, Prop. D.2");
    ClaimCheck remark =
        new ClaimCheck("printed: an (H₀, H₁) suits a network like D.2’s", "000, remark after D.2")
            .note(
                "H₀ = H₁ of 1 to 1,000, at the loss of 13. Proposition 3.2 does not cover these weights:"
                    + " the least eigenvalue of W₁ᵀW₁ is 0. Weak balancedness alone gives neither"
                    + " condition.");
    int points = 21;
    weak = new double[4][points];
    Case network = new Case(Family.LINEAR, List.of(3, 2, 3), 3, 1, null, 0, 1);
    try (SmallNetwork small = new SmallNetwork(device, network, data)) {
      double[] g = new double[small.size()];
      for (int k = 0; k < points; k++) {
        double t = 1.2 * Math.pow(100, (double) k / (points - 1));
        double[] theta = new double[small.size()];
        // W1 [3 x 2], then W2 [2 x 3].
        theta[0] = t;
        theta[6] = 1 / t;
        theta[9] = Math.sqrt(t * t - 1 / (t * t));
        small.set(theta);
        double f = small.gradient(g);
        double slope = Math.sqrt(Dense.dot(g, 0, g, 0, g.length));
        double norm = small.hessianNorm().value();
        gradient.check(slope <= ROUNDING * t && Math.abs(f - 13) <= ROUNDING);
        curved.check(norm, 2 * t * t);
        weak[0][k] = t;
        weak[1][k] = f;
        weak[2][k] = slope;
        weak[3][k] = norm;
      }
    }
    for (double tried : TRIED) {
      remark.check(tried + tried * 13, weak[3][points - 1]);
    }
    claims.add(gradient.claim());
    claims.add(curved.claim());
    claims.add(remark.claim());
  }

  Figure figure() {
    double[] lines = new double[penalised[0].length];
    for (int k = 0; k < lines.length; k++) {
      lines[k] = 10 + 10 * penalised[0][k];
    }
    return new Figure(
        "gradient-smoothness",
        "Where curvature does not follow the gradient",
        "Left and middle: the network of Proposition D.1 along (u, 0). The curvature outgrows any line in"
            + " the gradient norm, here 10 + 10 ‖∇f‖, and stays below the proven line in the loss. Right:"
            + " the weakly balanced weights of Proposition D.2, where the gradient is 0 and the loss 13"
            + " throughout: weak balancedness alone gives neither condition.",
        "Propositions D.1 and D.2",
        List.of(
            Chart.titled("D.1 against the gradient norm")
                .x("‖∇f‖")
                .y("‖∇²f‖")
                .logX()
                .logY()
                .line(Line.points("measured", penalised[0], penalised[2], 0))
                .line(Line.dashed("10 + 10 ‖∇f‖", penalised[0], lines, 1))
                .build(),
            Chart.titled("D.1 against the loss")
                .x("loss")
                .y("‖∇²f‖")
                .logX()
                .logY()
                .line(Line.points("measured", penalised[1], penalised[2], 0))
                .line(Line.dashed("H₀ + H₁ f, (31) and (32)", penalised[1], penalised[3], 1))
                .build(),
            Chart.titled("D.2 at a loss of 13")
                .x("t")
                .y("‖∇²f‖")
                .logX()
                .logY()
                .line(Line.points("measured", weak[0], weak[3], 0))
                .build()));
  }
}
