package dev.evolute.app.study.twolayer;

import dev.evolute.app.study.Dense;
import dev.evolute.app.study.SpectrumEnds;

/**
 * What Table 2 of the paper takes from the start.
 *
 * @param smoothness K
 * @param convexity mu
 * @param loss L(0)
 * @param lambdaPlus largest eigenvalue of D(0), at least 0
 * @param lambdaMinus largest eigenvalue of -D(0), at least 0
 * @param delta Delta
 * @param deltaPlus Delta_+
 * @param deltaMinus Delta_-
 * @param beta1 lower bound on the singular values of W(t)
 * @param beta2 upper bound on the singular values of W(t)
 * @param alpha1 lower bound on sigma_min^2(T), in the form that holds for n != m too
 * @param alpha1Printed the same as printed, which holds for n = m
 * @param alpha2 upper bound on sigma_max^2(T)
 * @param sigmaMin2 sigma_min^2(T_0)
 * @param sigmaMax2 sigma_max^2(T_0)
 */
record Constants(
    double smoothness,
    double convexity,
    double loss,
    double lambdaPlus,
    double lambdaMinus,
    double delta,
    double deltaPlus,
    double deltaMinus,
    double beta1,
    double beta2,
    double alpha1,
    double alpha1Printed,
    double alpha2,
    double sigmaMin2,
    double sigmaMax2) {

  /**
   * The constants of a start.
   *
   * @param problem with n, m, W*, K and mu
   * @param loss L(0)
   * @param gram {@code B B^T [(n + m) x (n + m)]} of the stacked weights {@code B = [W_1; W_2]}
   * @param width h
   */
  static Constants of(Problem problem, double loss, double[] gram, int width) {
    int n = problem.n();
    int m = problem.m();
    int q = n + m;
    double[] imbalance = imbalance(gram, n, m);
    // Of h eigenvalues of D, q are these; the others are 0.
    double p = kth(imbalance, n, width);
    double[] negated = new double[q];
    for (int i = 0; i < q; i++) {
      negated[i] = -imbalance[q - 1 - i];
    }
    double r = kth(negated, m, width);
    double lambdaPlus = Math.max(imbalance[q - 1], 0);
    double lambdaMinus = Math.max(negated[q - 1], 0);
    double delta = p + r;
    double deltaPlus = lambdaPlus - p;
    double deltaMinus = lambdaMinus - r;

    double[] w = block(gram, q, 0, n, n, m);
    double distance = 0;
    for (int i = 0; i < w.length; i++) {
      distance = Math.hypot(distance, w[i] - problem.minimiser()[i]);
    }
    distance *= Math.sqrt(problem.smoothness() / problem.convexity());
    double[] target = Dense.singularValues(n, m, problem.minimiser());
    int least = Math.min(n, m);
    double beta1 = Math.max(0, target[least - 1] - distance);
    double beta2 = target[0] + distance;
    SpectrumEnds first = new SpectrumEnds(n);
    first.of(gram, 0, q);
    SpectrumEnds second = new SpectrumEnds(m);
    second.of(gram, n * q + n, q);

    double printed =
        (-deltaPlus
                - deltaMinus
                + Math.hypot(deltaPlus + delta, 2 * beta1)
                + Math.hypot(deltaMinus + delta, 2 * beta1))
            / 2;
    // A side that is wider than W's rank has no margin to lean on.
    double low = (p - lambdaMinus + Math.hypot(lambdaMinus + p, n > least ? 0 : 2 * beta1)) / 2;
    double high = (r - lambdaPlus + Math.hypot(lambdaPlus + r, m > least ? 0 : 2 * beta1)) / 2;
    double alpha2 =
        (lambdaPlus
                + Math.hypot(lambdaPlus, 2 * beta2)
                + lambdaMinus
                + Math.hypot(lambdaMinus, 2 * beta2))
            / 2;
    return new Constants(
        problem.smoothness(),
        problem.convexity(),
        loss,
        lambdaPlus,
        lambdaMinus,
        delta,
        deltaPlus,
        deltaMinus,
        beta1,
        beta2,
        low + high,
        printed,
        alpha2,
        first.min() + second.min(),
        first.max() + second.max());
  }

  /**
   * The q eigenvalues of {@code D = W_1^T W_1 - W_2^T W_2 = B^T J B} that need not be 0, ascending:
   * with {@code B B^T = L L^T}, those of {@code L^T J L}, J the diagonal of n ones and m minus
   * ones.
   */
  private static double[] imbalance(double[] gram, int n, int m) {
    int q = n + m;
    double[] root = root(q, gram);
    double[] signed = root.clone();
    for (int i = n * q; i < q * q; i++) {
      signed[i] = -signed[i];
    }
    return Dense.eigenvalues(q, Dense.multiplyTransposed(q, q, q, root, signed));
  }

  /** L with {@code L L^T = gram}; a positive semidefinite matrix is lifted by rounding's size. */
  private static double[] root(int q, double[] gram) {
    double trace = 0;
    for (int i = 0; i < q; i++) {
      trace += gram[i * q + i];
    }
    if (trace == 0) {
      return new double[q * q];
    }
    double lift = 0;
    while (true) {
      double[] lifted = gram.clone();
      for (int i = 0; i < q; i++) {
        lifted[i * q + i] += lift * trace;
      }
      double[] root = Dense.cholesky(q, lifted);
      if (root != null) {
        return root;
      }
      lift = lift == 0 ? 1e-16 : 4 * lift;
    }
  }

  /**
   * The k-th largest of {@code width} eigenvalues: those given, ascending, and zeros; at least 0.
   */
  private static double kth(double[] ascending, int k, int width) {
    return k > width ? 0 : Math.max(0, ascending[ascending.length - k]);
  }

  /** Rows and columns from (row, col) on, {@code [rows x cols]}, of a matrix {@code [q x q]}. */
  static double[] block(double[] matrix, int q, int row, int col, int rows, int cols) {
    double[] block = new double[rows * cols];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(matrix, (row + i) * q + col, block, i * cols, cols);
    }
    return block;
  }
}
