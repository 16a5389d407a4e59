package dev.evolute.app.study.warmup;

import dev.evolute.app.study.Progress;
import dev.evolute.app.study.StudySettings;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.kernels.Device;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * What training runs take, told before they start: milliseconds of one of the two runs that go on
 * at a time. Each network is timed by some gradients.
 */
final class Cost {
  /** A product with the Hessian takes the time of about so many gradients. */
  private static final double PRODUCT = 2.5;

  /** Products of a probe, about. */
  private static final double PRODUCTS = 30;

  /** Vectors of a run: the optimiser's, two of its own, and those of Lanczos' method, about. */
  private static final long VECTORS = 5 + (long) PRODUCTS;

  /**
   * The first passes are those of an interpreter, and the compiler takes its time: passes are
   * repeated until none of so long a while was a tenth faster than those before it.
   */
  private static final long SETTLED_NANOS = 1_000_000_000L;

  /** Seconds of a gradient. */
  private final Map<Learner, Double> gradients = new HashMap<>();

  private final List<Watch> watches;
  private final List<Contest> contests;
  private final int threads;

  private Cost(List<Watch> watches, List<Contest> contests, int threads) {
    this.watches = watches;
    this.contests = contests;
    this.threads = threads;
  }

  /**
   * Times all networks.
   *
   * @param threads of one run
   */
  static Cost of(List<Watch> watches, List<Contest> contests, StudySettings settings, int threads) {
    Cost cost = new Cost(watches, contests, settings.threads());
    Stream.concat(watches.stream().map(Watch::learner), contests.stream().map(Contest::learner))
        .distinct()
        .forEach(
            learner -> cost.gradients.put(learner, secondsOfGradient(learner, settings, threads)));
    return cost;
  }

  /** A step of a run whose smoothness is watched, which takes two gradients. */
  long ofStep(Watch watch) {
    return ofGradients(watch.learner(), 2);
  }

  /** A look at both ends of the spectrum. */
  long ofProbe(Watch watch) {
    return ofGradients(watch.learner(), PRODUCTS * PRODUCT);
  }

  /** A whole run whose smoothness is watched. */
  long of(Watch watch) {
    return ofSteps(watch, watch.steps());
  }

  /** Its first steps. */
  long ofSteps(Watch watch, int steps) {
    return steps * ofStep(watch) + watch.probesUpTo(steps) * ofProbe(watch);
  }

  /** A whole run of a warm-up strategy. */
  long of(Contest contest) {
    return contest.steps() * ofGradients(contest.learner(), 1);
  }

  /** At least one. */
  private long ofGradients(Learner learner, double count) {
    return Math.max(1, Math.round(1e3 * count * gradients.get(learner)));
  }

  /** Says memory and time of all runs, a line a network. */
  void say(Progress progress) {
    Map<Learner, Long> work = new LinkedHashMap<>();
    watches.forEach(watch -> work.merge(watch.learner(), of(watch), Long::sum));
    contests.forEach(
        contest -> work.merge(contest.learner(), contest.runs() * of(contest), Long::sum));
    work.forEach((learner, millis) -> progress.say(sentence(learner, millis)));
    if (!work.isEmpty()) {
      double all = work.values().stream().mapToLong(millis -> millis).sum() * 1e-3;
      progress.say(
          String.format(
              Locale.ROOT,
              "evolute: all training runs about %s on %d threads, two at a time",
              time(all / Math.min(2, threads)),
              threads));
    }
  }

  private static String sentence(Learner learner, long millis) {
    return String.format(
        Locale.ROOT,
        "evolute: %s: %,d parameters, %s, about %s",
        learner.title(),
        learner.size(),
        memory(learner.bytes() + VECTORS * learner.size() * learner.dtype().bytes()),
        time(millis * 1e-3));
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
      return settled(
          () -> {
            long start = System.nanoTime();
            program.gradientPass();
            return System.nanoTime() - start;
          },
          System::nanoTime);
    }
  }

  /**
   * Seconds of the fastest pass once passes no longer get faster, of three at least.
   *
   * @param pass runs one, and says its nanoseconds
   */
  static double settled(LongSupplier pass, LongSupplier clock) {
    long fastest = pass.getAsLong();
    long reference = fastest;
    long since = clock.getAsLong();
    for (int passes = 1; passes < 3 || clock.getAsLong() - since < SETTLED_NANOS; passes++) {
      fastest = Math.min(fastest, pass.getAsLong());
      if (fastest < 0.9 * reference) {
        reference = fastest;
        since = clock.getAsLong();
      }
    }
    return fastest * 1e-9;
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
