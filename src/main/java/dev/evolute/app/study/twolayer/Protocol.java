package dev.evolute.app.study.twolayer;

import java.util.ArrayList;
import java.util.List;

/**
 * What is run.
 *
 * @param repetitions of each setting
 * @param widths of Figures 1 and 2
 * @param noises sigma^2 of Figures 1 and 2, which the paper does not tell
 * @param kappaWidths widths of Figure 4
 * @param powers p of Figure 4
 * @param plainWidths widths of Figure 5
 * @param plainSteps steps of Figure 5
 * @param most steps of any other run
 * @param compared repetitions whose curvature is compared with Hessian-vector products
 * @param draws random starts on which the printed alpha_1 is tried, for each shape
 * @param paceSteps steps timed
 * @param seed of every random number
 */
record Protocol(
    int repetitions,
    List<Integer> widths,
    List<Double> noises,
    List<Integer> kappaWidths,
    List<Double> powers,
    List<Integer> plainWidths,
    int plainSteps,
    int most,
    int compared,
    int draws,
    int paceSteps,
    long seed) {
  /** c and d of Theorem E.1 in the paper's experiments. */
  static final double C = 0.5;

  static final double D = 1.01;

  /** All of the paper's settings. */
  static Protocol full(long seed) {
    return new Protocol(
        30,
        List.of(500, 1000, 4000),
        List.of(0.1, 1.0, 10.0),
        List.of(500, 750, 1000, 1250, 1500, 1750, 2000),
        List.of(0.275, 0.375, 0.475),
        List.of(100, 500, 2000),
        1500,
        20_000,
        30,
        2000,
        20,
        seed);
  }

  /** The same settings with a few repetitions. */
  static Protocol quick(long seed) {
    return new Protocol(
        5,
        List.of(500, 1000, 4000),
        List.of(0.1, 1.0, 10.0),
        List.of(500, 1000, 2000),
        List.of(0.275, 0.375, 0.475),
        List.of(100, 500, 2000),
        1500,
        5000,
        1,
        200,
        20,
        seed);
  }

  /** The panels of Figures 1 and 2, row by row. */
  List<Setting> figure1() {
    List<Setting> settings = new ArrayList<>();
    for (double noise : noises) {
      for (int width : widths) {
        settings.add(Setting.figure1(width, noise, 1 + settings.size()));
      }
    }
    return settings;
  }

  /** The points of Figure 4 for one p. */
  List<Setting> figure4(double p) {
    List<Setting> settings = new ArrayList<>();
    long first = 100 + 100L * powers.indexOf(p);
    for (int width : kappaWidths) {
      settings.add(Setting.figure4(width, p, first + settings.size()));
    }
    return settings;
  }

  /** The panels of Figure 5. */
  List<Setting> figure5() {
    List<Setting> settings = new ArrayList<>();
    for (int width : plainWidths) {
      settings.add(Setting.figure5(width, 1000 + settings.size()));
    }
    return settings;
  }

  /** Other losses. */
  List<Setting> losses() {
    List<Setting> settings = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      settings.add(Setting.loss(kind, 2000 + settings.size()));
    }
    return settings;
  }

  /** The rules of a panel of Figures 1 and 2. */
  List<Rule> rules() {
    return List.of(Rule.values());
  }

  /** The rules tried on other losses: Xu et al. know squared error only. */
  List<Rule> lossRules() {
    return List.of(Rule.ADAPTIVE, Rule.ADAPTIVE_BAR, Rule.CONSTANT, Rule.BACKTRACKING, Rule.EXACT);
  }

  /** Jobs' worth of work, for the progress line. */
  int courses() {
    return figure1().size() * rules().size()
        + losses().size() * lossRules().size()
        + figure5().size()
        + powers.size();
  }
}
