package dev.evolute.app.study.twolayer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.evolute.app.study.Progress;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/**
 * One setting of Figure 2, h = 1000 and sigma^2 = 1 with 30 repetitions, by the adaptive rule and
 * by that of Xu et al., beside PyTorch's C++ library: the losses agree, and both times are printed.
 * The contenders take turns. Ours includes the compression of the weights, and computes beyond what
 * PyTorch is asked for the imbalance, the exact curvature along each step, the best step and every
 * check of the study. A third contender is PyTorch on our compressed weights.
 */
class TwoLayerPeerTest {
  private static final int ROUNDS = 7;

  @Test
  void sameRunsBesidePyTorch() {
    Setting setting = Protocol.full(1).figure1().get(4);
    List<Problem> problems = new ArrayList<>();
    List<double[]> weights = new ArrayList<>();
    for (int r = 0; r < 30; r++) {
      Setting.Draw draw = setting.draw(1, r);
      problems.add(draw.problem());
      weights.add(draw.stacked());
    }
    try (Device device = Device.open("cpu", 2)) {
      for (Rule rule : List.of(Rule.ADAPTIVE, Rule.XU)) {
        double[] ours = new double[ROUNDS];
        double[] theirs = new double[ROUNDS];
        double[] compressed = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
          long start = System.nanoTime();
          List<double[]> small = compressed(device, weights);
          Course course = new Course(setting, rule);
          List<Theorem> theorems;
          try (Batch batch = new Batch(device, problems, small, 20)) {
            batch.gradient();
            theorems = TwoLayerLinear.theorems(batch, setting);
            course.run(batch, theorems, 1e-16, 1000, null, 0, Progress.silent());
          }
          ours[round] = (System.nanoTime() - start) * 1e-6;
          int steps = course.length() - 1;
          theirs[round] = Double.POSITIVE_INFINITY;
          compressed[round] = Double.POSITIVE_INFINITY;
          // Its threads wait for each other, so that fewer may be faster.
          for (int threads : new int[] {1, 2}) {
            torch.set_num_threads(threads);
            openblas.blas_set_num_threads(threads);
            theirs[round] =
                Math.min(theirs[round], torch(course, problems, weights, 1000, theorems, steps));
            compressed[round] =
                Math.min(compressed[round], torch(course, problems, small, 20, theorems, steps));
          }
        }
        System.out.printf(
            "%s, %s: ours %.1f ms, PyTorch %.1f ms (%.1f times ours), PyTorch on compressed weights"
                + " %.1f ms (%.1f times ours)%n",
            setting.title(),
            rule.title(),
            median(ours),
            median(theirs),
            median(theirs) / median(ours),
            median(compressed),
            median(compressed) / median(ours));
      }
    }
  }

  private static List<double[]> compressed(Device device, List<double[]> weights) {
    return weights.stream().map(w -> Batch.compressed(device, w, 20)).toList();
  }

  /** Milliseconds of a run, whose mean loss is held against ours while it is above rounding. */
  private static double torch(
      Course course,
      List<Problem> problems,
      List<double[]> weights,
      int width,
      List<Theorem> theorems,
      int steps) {
    double[][] losses = new double[steps][];
    long start = System.nanoTime();
    try (TorchBatch batch = new TorchBatch(problems, weights, width)) {
      for (int t = 0; t < steps; t++) {
        losses[t] = batch.step(course.rule, t, theorems);
      }
    }
    double millis = (System.nanoTime() - start) * 1e-6;
    for (int t = 0; t < steps; t++) {
      double mean = Arrays.stream(losses[t]).map(Math::log10).average().orElseThrow();
      double expected = course.get(t, Course.Column.LOG_LOSS);
      if (expected > -10) {
        assertEquals(expected, mean, 1e-6, course.rule + " at " + t);
      }
    }
    return millis;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
