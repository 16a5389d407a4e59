package dev.evolute.app.study.gdvsflow;

/**
 * All weights of the problem of section 5 of paper 002 from the balanced start of procedure 13,
 * along flow and descent: {@code W_n = s e_1^T}, {@code W_j = s e_1 e_1^T} between, {@code W_1 =
 * e_1 (p lambda + q e)^T} with e normal to lambda. Neither leaves this form, because all layers but
 * the first have the same gradient; so three numbers stand for all weights, and a million steps
 * take milliseconds.
 *
 * @param depth n
 */
record RankOne(int depth, double s, double p, double q) {
  /** One step of descent. */
  RankOne step(double eta) {
    double below = power(s, depth - 2);
    double all = below * s;
    double gp = all * p - 1;
    double gq = all * q;
    return new RankOne(
        depth, s - eta * below * (p * gp + q * gq), p - eta * all * gp, q - eta * all * gq);
  }

  private static double power(double base, int exponent) {
    double product = 1;
    for (int i = 0; i < exponent; i++) {
      product *= base;
    }
    return product;
  }

  /** {@code f - min f}. */
  double gap() {
    double all = power(s, depth - 1);
    double gp = all * p - 1;
    double gq = all * q;
    return (gp * gp + gq * gq) / 2;
  }

  /** Euclidean distance of all weights. */
  double distance(RankOne other) {
    double ds = s - other.s;
    double dp = p - other.p;
    double dq = q - other.q;
    return Math.sqrt((depth - 1) * ds * ds + dp * dp + dq * dq);
  }

  /** {@code max_j ||W_{j+1}^T W_{j+1} - W_j W_j^T||_F}: 0 at the start and along the flow. */
  double imbalance() {
    return Math.abs(s * s - p * p - q * q);
  }
}
