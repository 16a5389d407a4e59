package dev.evolute.app.study.gdvsflow;

/**
 * The constants of section 5 of paper 002 for the problem of equation (20): depth n, norm N and
 * cosine nu of the balanced start.
 *
 * @param flow the problem and its solution
 */
record SectionFive(ClosedFlow flow) {
  static SectionFive of(int depth, double norm, double cosine) {
    return new SectionFive(new ClosedFlow(depth, norm, cosine));
  }

  private int n() {
    return flow.depth();
  }

  /** {@code r = (1 - nu) / (1 + nu)}. */
  double r() {
    return (1 - flow.cosine()) / (1 + flow.cosine());
  }

  private double r1() {
    return Math.max(1, r());
  }

  private double r2() {
    return Math.max(1, 1.5 * r());
  }

  /** {@code log(15 n R_1 / (N min{1, 2 gap}))}, of (21), (23) and (24). */
  private double logarithm(double twiceGap) {
    return Math.log(15 * n() * r1() / (flow.norm() * Math.min(1, twiceGap)));
  }

  /** (21): the time at which {@code f - min f} is at most {@code gap}. */
  double time(double gap) {
    return 2 * n() * Math.pow(r2(), n()) / flow.norm() * logarithm(2 * gap);
  }

  /** Smoothness of f within eps of the flow, {@code beta = 16 n}. */
  double beta() {
    return 16 * n();
  }

  /** The largest gradient within eps of the flow, {@code gamma = 6 sqrt(n)}. */
  double gamma() {
    return 6 * Math.sqrt(n());
  }

  /**
   * (71): minus a lower bound on lambda_min of the Hessian within eps of the flow, at u-time t.
   *
   * @param eps at most 1/(2n)
   */
  double m(double t, double eps) {
    double room = 2 * n() * eps;
    return (n() - 1) * (flow.toTarget(t) + room) * Math.pow(flow.norm(t) + room, 1 - 2.0 / n());
  }

  /** (22), right side: a bound on the integral of m up to a time of the flow. */
  double integral(double time, double eps) {
    double constant =
        2 * Math.log(n()) + 2.5 * (n() - 1) * (2 + Math.log(r1())) - 2 * Math.log(flow.norm());
    return 15 * Math.pow(n(), 3) * Math.pow(r2(), n()) * time * eps / flow.norm() + constant;
  }

  /** (23): the step with which theorem 15 has descent come within {@code gap} of the minimum. */
  double step(double gap) {
    double one = Math.min(1, gap);
    double l = logarithm(gap);
    return Math.pow(flow.norm(), 5)
        * one
        / (Math.pow(n(), 8.5) * Math.exp(7 * n() + 6) * Math.pow(r1(), (11 * n() - 5) / 2.0))
        / (l * l);
  }

  /** (24): after that many iterations with the step of (23). */
  double iterations(double gap) {
    double eta = step(gap);
    return Math.floor(2 * n() * Math.pow(r2(), n()) / (flow.norm() * eta) * logarithm(gap) + 1);
  }

  /** {@code R_3 = max{3, (3 - nu) / (1 + nu)}} of theorem 32. */
  private double r3() {
    return Math.max(3, (3 - flow.cosine()) / (1 + flow.cosine()));
  }

  private double logarithm32(double gap) {
    return Math.log(23 * n() * r3() / (flow.norm() * Math.min(1, gap)));
  }

  /** (34): the unbalancedness that theorem 32 allows at the start. */
  double allowedImbalance(double gap) {
    double l = logarithm32(gap);
    return Math.pow(flow.norm(), 8)
        * Math.min(1, gap * gap)
        / (Math.pow(n(), 15) * Math.exp(12 * n() + 6) * Math.pow(r3(), 9 * n() - 5))
        / (l * l);
  }

  /** (35): the step of theorem 32. */
  double stepUnbalanced(double gap) {
    double l = logarithm32(gap);
    return Math.pow(flow.norm(), 5)
        * Math.min(1, gap)
        / (Math.pow(n(), 8.5) * Math.exp(7 * n() + 10) * Math.pow(r3(), (11 * n() - 5) / 2.0))
        / (l * l);
  }

  /** (36): its number of iterations, with its own step. */
  double iterationsUnbalanced(double gap) {
    double eta = stepUnbalanced(gap);
    return Math.floor(
        3 * n() * Math.pow(1.5 * r3(), n()) / (flow.norm() * eta) * logarithm32(gap) + 1);
  }
}
