package dev.evolute.app.study.twolayer;

import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.study.Dense;
import java.util.Arrays;
import java.util.List;

/** Formulas that hold only in another form than the printed one, both tried. */
final class PrintedForms {
  private static final double SMALL = 1e-9;

  private PrintedForms() {}

  /** alpha_1 of Table 2 on random starts with n != m, as printed and side by side. */
  static List<Claim> alpha1(int draws, long seed) {
    ClaimCheck printed =
        new ClaimCheck("printed: α₁ ≤ σmin²(T_0) for n ≠ m", "003, Table 2, Lemma E.3")
            .note(
                "Random starts of n x m x h = 2 x 3 x 3 and 4 x 2 x 10. The longer side of W has no"
                    + " margin, which the printed form takes for granted.");
    ClaimCheck corrected =
        new ClaimCheck("corrected: α₁ side by side ≤ σmin²(T_0)", "003, Table 2, Lemma E.3")
            .note("For the same starts, and for n = m, where both forms are the same.");
    int[][] shapes = {{2, 3, 3}, {4, 2, 10}, {3, 3, 6}};
    for (int s = 0; s < shapes.length; s++) {
      int n = shapes[s][0];
      int m = shapes[s][1];
      int h = shapes[s][2];
      double[] identity = new double[n * n];
      for (int i = 0; i < n; i++) {
        identity[i * n + i] = 1;
      }
      for (int draw = 0; draw < draws; draw++) {
        long stream = (3000L + s << 32) + 2L * draw;
        double[] stacked = Dense.gaussian(seed, stream, (n + m) * h, 1);
        double[] gram = Dense.multiplyByTransposed(n + m, h, n + m, stacked, stacked);
        double[] target = Constants.block(gram, n + m, 0, n, n, m);
        double[] added = Dense.gaussian(seed, stream + 1, n * m, draw % 2 == 0 ? 0.01 : 0.3);
        for (int i = 0; i < target.length; i++) {
          target[i] += added[i];
        }
        Problem problem = Problem.squared(n, n, m, identity, target);
        Constants at = Constants.of(problem, 0, gram, h);
        double rounding = SMALL * at.sigmaMax2();
        if (n != m) {
          printed.check(at.sigmaMin2() + rounding, at.alpha1Printed());
        }
        corrected.check(at.sigmaMin2() + rounding, at.alpha1());
      }
    }
    return List.of(printed.claim(), corrected.claim());
  }

  /** K_over of the one-dimensional example against the Hessian's largest eigenvalue. */
  static List<Claim> kOver() {
    ClaimCheck printed =
        new ClaimCheck("printed: K_over is λmax of the Hessian", "003, equation (59)")
            .note("On a grid of 17 x 17 points of [−2, 2]². The last square lacks a factor 4.");
    ClaimCheck corrected =
        new ClaimCheck("corrected: K_over with 4(2x₁x₂ − 1)²", "003, equation (59)").note("");
    for (int i = 0; i <= 16; i++) {
      for (int j = 0; j <= 16; j++) {
        double x1 = -2 + 0.25 * i;
        double x2 = -2 + 0.25 * j;
        double mixed = 2 * x1 * x2 - 1;
        double[] values = Dense.eigenvalues(2, new double[] {x2 * x2, mixed, mixed, x1 * x1});
        printed.check(Math.abs(kOver(x1, x2, 1) - values[1]) < SMALL);
        corrected.check(Math.abs(kOver(x1, x2, 4) - values[1]) < SMALL);
      }
    }
    return List.of(printed.claim(), corrected.claim());
  }

  /** (59), with a factor before the square of the mixed derivative. */
  static double kOver(double x1, double x2, double factor) {
    double sum = x1 * x1 + x2 * x2;
    double mixed = 2 * x1 * x2 - 1;
    double root = sum * sum - 4 * x1 * x1 * x2 * x2 + factor * mixed * mixed;
    return (sum + Math.sqrt(root)) / 2;
  }

  /** "Smaller p leads to smaller alpha_1/alpha_2", and the other way round. */
  static List<Claim> direction(List<double[][]> byPower) {
    ClaimCheck printed =
        new ClaimCheck("printed: at one width, smaller p gives smaller α₁/α₂", "003, Appendix G.1")
            .note("It is the other way round, as Theorem 3.3's 1 − O(h^(2p−1)) has it.");
    ClaimCheck corrected =
        new ClaimCheck("corrected: at one width, smaller p gives larger α₁/α₂", "003, Theorem 3.3");
    for (int i = 0; i + 1 < byPower.size(); i++) {
      for (int w = 0; w < byPower.get(i).length; w++) {
        double smaller = byPower.get(i)[w][Conditioning.RATIO];
        double larger = byPower.get(i + 1)[w][Conditioning.RATIO];
        printed.check(larger, smaller);
        corrected.check(smaller, larger);
      }
    }
    return Arrays.asList(printed.claim(), corrected.claim());
  }
}
