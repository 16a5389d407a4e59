package dev.evolute.app.study.rsc;

import java.util.Arrays;

/**
 * What the norms of the layers say about a network in the scaling of the theory, whatever its
 * weights: bounds on outputs, gradients and Hessians that hold with probability one. With the
 * numbers of a ball around the initialisation in place of measured ones they are the paper's.
 *
 * <pre>
 *   h_1 = 1,  h_{l+1} = gamma_l h_l + |phi(0)|      |a_l| <= sqrt(m) h_{l+1}
 *   P(i, j) = gamma_i ... gamma_j                   |da_j/da_{i-1}| <= P(i, j),  i >= 2
 * </pre>
 *
 * @param gamma {@code ||W_l||_2 / sqrt(m)} for l = 1 to L
 * @param v norm of the last layer's vector; of the largest where there are several outputs
 * @param width m
 * @param bend bound on the second derivative of phi, the paper's beta_phi
 * @param atZero {@code |phi(0)|}
 */
record LayerBounds(double[] gamma, double v, int width, double bend, double atZero) {
  /** Bound on the second derivative of tanh. */
  static final double TANH_BEND = 4 / (3 * Math.sqrt(3));

  private static final int MAX_ITERATIONS = 100_000;

  /** All layers alike: the spectral ball with {@code gamma = sigma_1 + rho / sqrt(m)}, for tanh. */
  static LayerBounds ball(int depth, int width, double gamma, double rho1) {
    double[] all = new double[depth];
    Arrays.fill(all, gamma);
    return new LayerBounds(all, 1 + rho1, width, TANH_BEND, 0);
  }

  /** The same for every theta within a distance of the present one. */
  LayerBounds grown(double radius) {
    double[] grown = Arrays.stream(gamma).map(g -> g + radius / Math.sqrt(width)).toArray();
    return new LayerBounds(grown, v + radius, width, bend, atZero);
  }

  int depth() {
    return gamma.length;
  }

  /** {@code h(l)} of remark 4.3, l from 1 to L + 1. */
  double h(int l) {
    double h = 1;
    for (int j = 1; j < l; j++) {
      h = gamma[j - 1] * h + atZero;
    }
    return h;
  }

  private double product(int from, int to) {
    double product = 1;
    for (int j = from; j <= to; j++) {
      product *= gamma[j - 1];
    }
    return product;
  }

  /** Bound on {@code |f|}; with the ball's numbers {@code (1 + rho_1) g(gamma)} of lemma 4.2. */
  double output() {
    return v * h(depth() + 1);
  }

  /** Bound on {@code |grad_theta f|}; with the ball's numbers the varrho of (9). */
  double gradient() {
    int depth = depth();
    double last = h(depth + 1);
    double sum = last * last;
    for (int l = 1; l <= depth; l++) {
      double part = v * h(l) * product(l + 1, depth);
      sum += part * part / width;
    }
    return Math.sqrt(sum);
  }

  /** {@code |grad_x f| <= v P(1, L) / sqrt(d)}: the second half of (9) with sqrt(d) for sqrt(m). */
  double inputGradient(int inputs) {
    return v * product(1, depth()) / Math.sqrt(inputs);
  }

  /**
   * Bound on the mean over samples of {@code ||y_i - f(x_i)||^2}: the c of lemma 4.2.
   *
   * @param square mean over samples of {@code ||y_i||^2}
   * @param outputs k
   */
  double loss(double square, int outputs) {
    return 2 * square + 2 * outputs * output() * output();
  }

  /** Bound on {@code ||Hess f||_2}: {@link #hessianConstant()} over {@code sqrt(m)}. */
  double hessian() {
    return hessianConstant() / Math.sqrt(width);
  }

  /**
   * The norm of the {@code (L+1) x (L+1)} matrix of bounds on the Hessian's blocks, each times
   * {@code sqrt(m)}. It follows the paper's proof, with each block bounded by itself instead of all
   * by the largest, and needs neither L >= 2 nor gamma >= 1.
   */
  double hessianConstant() {
    int depth = depth();
    double[][] blocks = new double[depth + 1][depth + 1];
    for (int i = 1; i <= depth; i++) {
      for (int j = i; j <= depth; j++) {
        double sum = i == j ? bend * h(i) * h(i) * back(i) : mixed(i, j);
        for (int k = j + 1; k <= depth; k++) {
          double g = gamma[k - 1];
          sum +=
              h(i) * h(j) * product(i + 1, k - 1) * product(j + 1, k - 1) * bend * g * g * back(k);
        }
        blocks[i - 1][j - 1] = sum;
        blocks[j - 1][i - 1] = sum;
      }
      blocks[i - 1][depth] = h(i) * product(i + 1, depth);
      blocks[depth][i - 1] = blocks[i - 1][depth];
    }
    return norm(blocks);
  }

  private double mixed(int i, int j) {
    double g = gamma[j - 1];
    return h(i) * product(i + 1, j - 1) * (bend / 2 * (g * g + h(j) * h(j)) + 1) * back(j);
  }

  /** {@code sqrt(m) |df/da_l| <= v P(l + 1, L)}. */
  private double back(int l) {
    return v * product(l + 1, depth());
  }

  /**
   * Norm of a symmetric matrix without negative entries, from above: for any positive x it is at
   * most {@code max_i (A x)_i / x_i} (Collatz and Wielandt), and x is iterated until that is tight.
   */
  private static double norm(double[][] a) {
    int n = a.length;
    double[] x = new double[n];
    Arrays.fill(x, 1);
    double bound = Double.POSITIVE_INFINITY;
    for (int iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
      double[] y = new double[n];
      double above = 0;
      double below = Double.POSITIVE_INFINITY;
      double largest = 0;
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          y[i] += a[i][j] * x[j];
        }
        above = Math.max(above, y[i] / x[i]);
        below = Math.min(below, y[i] / x[i]);
      }
      bound = Math.min(bound, above);
      if (above - below <= 1e-12 * above) {
        break;
      }
      for (int i = 0; i < n; i++) {
        // The shift keeps x positive and the iteration from swinging.
        y[i] += above * x[i] / 2;
        largest = Math.max(largest, y[i]);
      }
      for (int i = 0; i < n; i++) {
        x[i] = y[i] / largest;
      }
    }
    return bound;
  }

  /**
   * {@code c_H} of (6) and (7) in the ball, and its parts.
   *
   * @param psi {@code psi_H} of (7); the first of its three runs over all layers, so that it is
   *     defined for one layer too
   * @param first the first summand of (6)
   * @param second the second summand
   */
  record PaperConstant(double psi, double first, double second) {
    /** {@code c_H}. */
    double value() {
      return first + second;
    }
  }

  /** (6) and (7), for layers that are all alike. */
  PaperConstant paperConstant() {
    int depth = depth();
    double g = gamma[0];
    double psi = 0;
    double farthest = 0;
    double highest = 0;
    for (int l = 1; l <= depth; l++) {
      psi = Math.max(psi, bend * h(l) * h(l));
      for (int k = l + 1; k <= depth; k++) {
        psi = Math.max(psi, h(l) * (bend / 2 * (g * g + h(k) * h(k)) + 1));
        psi = Math.max(psi, bend * g * g * h(l) * h(k));
      }
      farthest = Math.max(farthest, Math.pow(g, depth - l));
      highest = Math.max(highest, h(l));
    }
    double power = Math.pow(g, depth);
    double outer = depth * depth * power * power + depth * power + 1;
    return new PaperConstant(
        psi, 2 * depth * outer * v * psi * farthest, 2 * depth * power * highest);
  }

  /**
   * {@code alpha_t} and {@code beta} of theorems B.1, B.2 and C.2, C.3 for given bounds: those of
   * theorems 5.1 and 5.2 with a = b = 2, {@code lambda = 4 c} and k = 1.
   *
   * @param a lower bound on the loss's second derivative
   * @param b upper bound on it
   * @param outputs k
   * @param hessian bound on {@code ||Hess f||_2} on the way, {@code c_H / sqrt(m)}
   * @param gradient bound on {@code |grad f|} on the way, varrho
   * @param rootLambda bound on {@code sqrt((1/n) sum_i sum_h l'_ih^2)} on the way
   */
  record Convexity(
      double a, double b, int outputs, double hessian, double gradient, double rootLambda) {

    /**
     * {@code alpha_t}. The second term has sqrt(k) where the paper's (45) has k: that is what its
     * proof gives.
     *
     * @param gbar {@code |gbar_t|}, gbar the mean over samples and outputs
     * @param rho2 distance from theta_t up to which it holds
     */
    double alpha(double kappa, double gbar, double rho2) {
      return a * kappa * kappa * outputs * gbar * gbar
          - hessian * (2 * a * outputs * gradient * rho2 + Math.sqrt(outputs) * rootLambda);
    }

    /** {@code beta}, the bound on {@code ||Hess L||_2}. */
    double beta() {
      return b * outputs * gradient * gradient + Math.sqrt(outputs) * hessian * rootLambda;
    }

    /** The least {@code |gbar_t|^2} at which alpha_t is not negative. */
    double threshold(double kappa, double rho2) {
      return -alpha(kappa, 0, rho2) / (a * kappa * kappa * outputs);
    }
  }
}
