package dev.evolute.app.study.twolayer;

import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Time that a step takes by each rule: gradient, what the rule reads, the rule and the update. */
final class Pace {
  /** The rules that are timed: those of Figure 2. */
  static final List<Rule> RULES =
      List.of(Rule.ADAPTIVE, Rule.CONSTANT, Rule.XU, Rule.XU_LOCAL, Rule.BACKTRACKING);

  /** After one to warm up. */
  private static final int ROUNDS = 3;

  private Pace() {}

  /**
   * Microseconds a step and repetition of each rule at one width, the least of three rounds.
   *
   * @param compressed whether the weights are those of width n + m or the full ones
   */
  static Map<Rule, Double> of(
      Device device, Setting setting, int repetitions, int steps, boolean compressed, long seed) {
    int q = setting.n() + setting.m();
    List<Problem> problems = new ArrayList<>();
    List<double[]> weights = new ArrayList<>();
    for (int r = 0; r < repetitions; r++) {
      Setting.Draw draw = setting.draw(seed, r);
      problems.add(draw.problem());
      weights.add(draw.stacked());
    }
    if (compressed) {
      weights = Batch.compressed(device, weights, q);
    }
    int width = weights.get(0).length / q;
    Map<Rule, Double> pace = new LinkedHashMap<>();
    for (int round = 0; round <= ROUNDS; round++) {
      for (Rule rule : RULES) {
        try (Batch batch = new Batch(device, problems, weights, width)) {
          batch.gradient();
          List<Theorem> theorems = TwoLayerLinear.theorems(batch, setting);
          long start = System.nanoTime();
          run(batch, theorems, rule, steps);
          double micros = (System.nanoTime() - start) * 1e-3 / steps / repetitions;
          if (round > 0) {
            pace.merge(rule, micros, Math::min);
          }
        }
      }
    }
    return pace;
  }

  private static void run(Batch batch, List<Theorem> theorems, Rule rule, int steps) {
    double[] eta = new double[batch.repetitions()];
    for (int t = 0; t < steps; t++) {
      batch.gradient();
      if (rule.needsRay()) {
        batch.rays();
      }
      for (int r = 0; r < eta.length; r++) {
        Local local = rule.needsSpectra() ? batch.local(r) : batch.localWithoutSpectra(r);
        eta[r] = rule.step(t, theorems.get(r), local, rule.needsRay() ? new Along(batch, r) : null);
      }
      batch.step(eta);
    }
  }
}
