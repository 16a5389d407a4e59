package dev.evolute.app.study.warmup;

import dev.evolute.app.study.Progress;
import dev.evolute.app.study.StudySettings;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.kernels.Device;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What training runs take, told before they start. */
final class Cost {
  /** A product with the Hessian takes the time of about so many gradients. */
  private static final double PRODUCT = 2.5;

  /** Products of a probe, about. */
  private static final double PRODUCTS = 30;

  /** The first passes of small networks are those of an interpreter. */
  private static final long WARMING_NANOS = 400_000_000L;

  private Cost() {}

  /**
   * Says memory and time of all runs, a line a network. Each network is timed by some gradients.
   */
  static void say(List<Watch> watches, StudySettings settings, int threads, Progress progress) {
    Map<Learner, double[]> work = new LinkedHashMap<>();
    for (Watch watch : watches) {
      double[] passes = work.computeIfAbsent(watch.learner(), unused -> new double[1]);
      passes[0] += 2.0 * watch.steps() + watch.probes() * PRODUCTS * PRODUCT;
    }
    double all = 0;
    for (Map.Entry<Learner, double[]> entry : work.entrySet()) {
      Learner learner = entry.getKey();
      double seconds = entry.getValue()[0] * secondsOfGradient(learner, settings, threads);
      all += seconds;
      progress.say(
          String.format(
              Locale.ROOT,
              "evolute: %s: %,d parameters, %s, about %s",
              learner.title(),
              learner.size(),
              memory(learner.bytes() + 5 * learner.size() * learner.dtype().bytes()),
              time(seconds)));
    }
    if (!work.isEmpty()) {
      progress.say(
          String.format(
              Locale.ROOT,
              "evolute: all training runs about %s on %d threads, two at a time",
              time(all / Math.min(2, settings.threads())),
              settings.threads()));
    }
  }

  private static double secondsOfGradient(Learner learner, StudySettings settings, int threads) {
    try (Device device = Device.open(settings.device(), threads);
        Program program = learner.compile(device, 1)) {
      int[] batch = new int[learner.batch()];
      for (int i = 0; i < batch.length; i++) {
        batch[i] = i;
      }
      learner.new Loader(program).load(batch);
      program.gradientPass();
      double fastest = Double.POSITIVE_INFINITY;
      long begun = System.nanoTime();
      for (int pass = 0; pass < 3 || System.nanoTime() - begun < WARMING_NANOS; pass++) {
        long start = System.nanoTime();
        program.gradientPass();
        fastest = Math.min(fastest, (System.nanoTime() - start) * 1e-9);
      }
      return fastest;
    }
  }

  private static String memory(long bytes) {
    return bytes < 1 << 30
        ? String.format(Locale.ROOT, "%,d MiB", Math.max(1, bytes >> 20))
        : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
  }

  private static String time(double seconds) {
    return seconds < 90
        ? String.format(Locale.ROOT, "%.0f s", Math.max(1, seconds))
        : seconds < 5400
            ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
            : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }
}
