package dev.evolute.app.study.twolayer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.evolute.app.study.Progress;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/**
 * One setting of Figure 2, h = 1000 and sigma^2 = 1 with 30 repetitions, by the adaptive rule and
 * by that of Xu et al., beside PyTorch's C++ library: the losses agree, and the times are printed.
 *
 * <p>Both sides start from the paper's weights, {@code [20 x 1000]} a repetition, in memory of
 * their own, and make the same steps. PyTorch computes what a rule needs, in each {@link
 * TorchBatch.Form}, and gets the constants of the start as a present. Ours compresses the weights
 * and finds those constants within its time, and does all that the study does: the imbalance, the
 * exact curvature along each step, the best step and every check. A last contender is PyTorch on
 * our compressed weights, whose making it does not pay for.
 *
 * <p>The contenders take turns, and medians are told, after runs in which the JVM still compiles:
 * the study makes 90 such runs in one process. One thread each, since the study runs settings side
 * by side; PyTorch gets two where it is faster with them.
 */
class TwoLayerPeerTest {
  private static final int COMPILING = 120;
  private static final int WARM = 3;
  private static final int ROUNDS = 9;
  private static final int Q = 20;
  private static final int WIDTH = 1000;

  private final Setting setting = Protocol.full(1).figure1().get(4);
  private final List<Problem> problems = new ArrayList<>();
  private final List<double[]> weights = new ArrayList<>();

  @Test
  void sameRunsBesidePyTorch() {
    for (int r = 0; r < 30; r++) {
      Setting.Draw draw = setting.draw(1, r);
      problems.add(draw.problem());
      weights.add(draw.stacked());
    }
    try (Device device = Device.open("cpu", 1)) {
      for (int run = 0; run < COMPILING; run++) {
        ours(device, run % 2 == 0 ? Rule.ADAPTIVE : Rule.XU);
      }
      compare(device, Rule.ADAPTIVE);
      compare(device, Rule.XU);
    }
  }

  /** One of our runs, whole. */
  private Ours ours(Device device, Rule rule) {
    long start = System.nanoTime();
    List<double[]> small = Batch.compressed(device, weights, Q);
    Course course = new Course(setting, rule);
    try (Batch batch = new Batch(device, problems, small, Q)) {
      batch.gradient();
      List<Theorem> theorems = TwoLayerLinear.theorems(batch, setting);
      course.run(batch, theorems, 1e-16, 1000, null, 0, Progress.silent());
      return new Ours(course, small, theorems, (System.nanoTime() - start) * 1e-6);
    }
  }

  private record Ours(Course course, List<double[]> small, List<Theorem> theorems, double millis) {}

  private void compare(Device device, Rule rule) {
    Map<String, double[]> times = new LinkedHashMap<>();
    Map<String, Integer> threads = new LinkedHashMap<>();
    for (int round = -WARM; round < ROUNDS; round++) {
      Ours own = ours(device, rule);
      keep(times, "ours", round, own.millis);
      for (TorchBatch.Form form : TorchBatch.Form.values()) {
        for (List<double[]> of : List.of(weights, own.small)) {
          int width = of == weights ? WIDTH : Q;
          String name = form + (of == weights ? "" : ", compressed weights");
          double millis = Double.POSITIVE_INFINITY;
          // Its threads wait for each other, so that one may be faster than two.
          for (int count = 1; count <= 2; count++) {
            if (round <= 1 - WARM || threads.get(name) == count) {
              torch.set_num_threads(count);
              openblas.blas_set_num_threads(count);
              double now = torch(form, own.course, of, width, own.theorems);
              if (now < millis) {
                millis = now;
                threads.put(name, count);
              }
            }
          }
          keep(times, name, round, millis);
        }
      }
    }
    double ours = median(times.get("ours"));
    System.out.printf("%s, %s: ours %.1f ms%n", setting.title(), rule.title(), ours);
    times.forEach(
        (name, all) ->
            System.out.printf(
                "  %s: %.1f ms, %.1f times ours%n", name, median(all), median(all) / ours));
  }

  private static void keep(Map<String, double[]> times, String name, int round, double millis) {
    times.computeIfAbsent(name, key -> new double[ROUNDS])[Math.max(0, round)] = millis;
  }

  /** Milliseconds of a run, whose mean loss is held against ours while it is above rounding. */
  private double torch(
      TorchBatch.Form form, Course course, List<double[]> of, int width, List<Theorem> theorems) {
    double[][] losses = new double[course.length() - 1][];
    double millis;
    try (TorchBatch batch = new TorchBatch(form, problems, of, width)) {
      long start = System.nanoTime();
      for (int t = 0; t < losses.length; t++) {
        losses[t] = batch.step(course.rule, t, theorems);
      }
      millis = (System.nanoTime() - start) * 1e-6;
    }
    for (int t = 0; t < losses.length; t++) {
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
