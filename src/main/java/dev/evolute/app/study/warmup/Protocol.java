package dev.evolute.app.study.warmup;

import java.util.ArrayList;
import java.util.List;

/**
 * What is run.
 *
 * @param cases the networks whose curvature is looked at
 * @param points random points of each
 * @param steps of descent from each start
 * @param recorded points along each descent
 * @param draws random sums and affine maps of Appendix B
 * @param values the values that descent on functions of one variable starts from, ascending
 * @param gap the gap it goes down to
 * @param stochasticSteps K of Theorem 4.4
 * @param repetitions runs that its means are over
 * @param descents the deep linear networks that step rules are compared on
 * @param descentSteps of each rule
 * @param seed of every random choice
 */
record Protocol(
    List<Case> cases,
    int points,
    int steps,
    int recorded,
    int draws,
    List<Double> values,
    double gap,
    int stochasticSteps,
    int repetitions,
    List<Case> descents,
    int descentSteps,
    long seed) {
  private static final double SLOPE = 0.3;

  /** Half a minute on two cores. */
  static Protocol quick(long seed) {
    return new Protocol(
        cases(List.of(seed)),
        100,
        6_000,
        20,
        200,
        List.of(1e1, 1e2, 1e3, 1e4, 1e5, 1e6),
        1e-4,
        20_000,
        10,
        descents(seed),
        10_000,
        seed);
  }

  /** Ten times the points, in three draws of each network's samples. */
  static Protocol full(long seed) {
    return new Protocol(
        cases(List.of(seed, seed + 1, seed + 2)),
        1_000,
        20_000,
        60,
        2_000,
        List.of(1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7),
        1e-4,
        200_000,
        50,
        descents(seed),
        50_000,
        seed);
  }

  private static List<Case> cases(List<Long> seeds) {
    List<Case> cases = new ArrayList<>();
    for (long seed : seeds) {
      cases.add(linear(seed, 5, 5, 5));
      cases.add(linear(seed, 5, 5, 5, 5));
      cases.add(linear(seed, 3, 4, 5, 4, 5));
      // A bottleneck: the minimum is that of rank 2.
      cases.add(linear(seed, 4, 2, 4, 5));
      cases.add(leaky(Family.ONE_LEAKY, seed, 5, 3, 4));
      cases.add(leaky(Family.ONE_LEAKY, seed, 5, 3, 4, 4));
      cases.add(leaky(Family.ALL_LEAKY, seed, 6, 5, 4));
      cases.add(leaky(Family.ALL_LEAKY, seed, 6, 5, 4, 3));
      cases.add(penalised(Family.SQUARES, seed, Smooth.TANH, 0.1, 3, 8, 5));
      cases.add(penalised(Family.SQUARES, seed, Smooth.GELU, 1, 3, 8, 5));
      cases.add(penalised(Family.SQUARES, seed, Smooth.SILU, 0.3, 3, 6, 6));
      cases.add(penalised(Family.SQUARES, seed, Smooth.IDENTITY, 0.1, 4, 6, 5));
      cases.add(penalised(Family.LOGISTIC, seed, Smooth.TANH, 0.1, 1, 8, 5));
      cases.add(penalised(Family.LOGISTIC, seed, Smooth.GELU, 1, 1, 8, 5));
    }
    return cases;
  }

  private static List<Case> descents(long seed) {
    return List.of(linear(seed, 5, 5, 5), linear(seed, 5, 5, 5, 5), linear(seed, 5, 5, 5, 5, 5));
  }

  static Case linear(long seed, Integer... widths) {
    return new Case(Family.LINEAR, List.of(widths), 12, 1, null, 0, seed);
  }

  static Case leaky(Family family, long seed, Integer... widths) {
    return new Case(family, List.of(widths), 12, SLOPE, null, 0, seed);
  }

  static Case penalised(Family family, long seed, Smooth smooth, double lambda, Integer... widths) {
    int samples = family == Family.LOGISTIC ? 30 : 12;
    return new Case(family, List.of(widths), samples, 1, smooth, lambda, seed);
  }
}
