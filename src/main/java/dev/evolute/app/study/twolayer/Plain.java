package dev.evolute.app.study.twolayer;

import dev.evolute.app.study.Dense;
import java.util.List;

/** Gradient descent on Problem 1 itself under squared error, with the step 1/K (Figure 5). */
final class Plain {
  private Plain() {}

  /**
   * Mean and deviation of {@code log10 l(t)} over repetitions.
   *
   * @param deviations {@code W(0) - W* [n x m]} of each
   * @return two rows of {@code steps + 1}
   */
  static double[][] run(List<Problem> problems, List<double[]> deviations, int steps) {
    double[] sum = new double[steps + 1];
    double[] squares = new double[steps + 1];
    for (int r = 0; r < problems.size(); r++) {
      Problem problem = problems.get(r);
      double[] e = deviations.get(r).clone();
      double logScale = 0;
      for (int t = 0; t <= steps; t++) {
        double[] z = Dense.multiply(problem.samples(), problem.n(), problem.m(), problem.x(), e);
        double loss = 0.5 * Dense.dot(z, 0, z, 0, z.length);
        double log = Math.log10(loss) + logScale;
        sum[t] += log;
        squares[t] += log * log;
        double[] g =
            Dense.multiplyTransposed(problem.samples(), problem.n(), problem.m(), problem.x(), z);
        for (int i = 0; i < e.length; i++) {
          e[i] -= g[i] / problem.smoothness();
        }
        // The descent is linear in E, so that a power of two keeps it in the range of f64.
        if (loss < 0x1p-600) {
          logScale -= 600 * Math.log10(2);
          for (int i = 0; i < e.length; i++) {
            e[i] = Math.scalb(e[i], 300);
          }
        }
      }
    }
    int reps = problems.size();
    for (int t = 0; t <= steps; t++) {
      sum[t] /= reps;
      double variance = Math.max(0, squares[t] / reps - sum[t] * sum[t]);
      squares[t] = Math.sqrt(variance * reps / Math.max(1, reps - 1));
    }
    return new double[][] {sum, squares};
  }
}
