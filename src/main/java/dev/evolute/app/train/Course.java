package dev.evolute.app.train;

import dev.evolute.app.UsageException;
import dev.evolute.autodiff.optim.Schedule;
import java.util.List;

/**
 * Step sizes by name, over a given number of steps: constant, cosine, wsd (stable, then linear
 * decay over the last fifth), each after a linear warm-up, and under paper 000's warm-up by the
 * loss where asked for; or adaptive, paper 000's step (1).
 *
 * @param name one of {@link #NAMES}, adaptive as {@code adaptive:H0:H1} or {@code adaptive:H0:H1:F}
 *     with the least loss F, else 0
 * @param peak largest step size
 * @param end step size at the end of cosine and wsd
 * @param warmup steps, or, ending in %, a share of all
 * @param lossWarmup the loss C at which the warm-up by the loss ends, or 0 for none
 */
public record Course(String name, double peak, double end, String warmup, double lossWarmup) {
  /** Every name there is. */
  public static final List<String> NAMES =
      List.of("constant", "cosine", "wsd", "adaptive:H0:H1[:F]");

  private static final double DECAYING_SHARE = 0.2;

  /** The step sizes of a run. */
  Schedule schedule(long steps) {
    if (name.startsWith("adaptive:")) {
      if (warmupSteps(steps) > 0 || lossWarmup > 0) {
        throw new UsageException(
            "--schedule: adaptive steps warm up by themselves; leave --warmup and --loss-warmup out");
      }
      return adaptive();
    }
    long rising = warmupSteps(steps);
    long after = Math.max(1, steps - rising);
    Schedule falling =
        switch (name) {
          case "constant" -> Schedule.constant(peak);
          case "cosine" -> Schedule.cosine(peak, end, after);
          case "wsd" ->
              Schedule.stableDecay(
                  peak, end, after, Math.min(after, Math.round(DECAYING_SHARE * steps)));
          default ->
              throw new UsageException(
                  "--schedule: there is no '%s'; there is %s"
                      .formatted(name, String.join(", ", NAMES)));
        };
    Schedule whole = Schedule.warmup(rising, falling);
    return lossWarmup == 0 ? whole : Schedule.lossWarmup(lossWarmup, whole);
  }

  private Schedule adaptive() {
    String[] parts = name.split(":", -1);
    try {
      if (parts.length == 3 || parts.length == 4) {
        double least = parts.length == 4 ? Double.parseDouble(parts[3]) : 0;
        return Schedule.adaptive(
            Double.parseDouble(parts[1]), Double.parseDouble(parts[2]), least, 1);
      }
    } catch (NumberFormatException e) {
      // The sentence below says what is wanted.
    }
    throw new UsageException(
        "--schedule: '%s' cannot be read; write adaptive:H0:H1 with two numbers, such as"
                .formatted(name)
            + " adaptive:1:5, and the least loss as a third if it is not 0");
  }

  private long warmupSteps(long steps) {
    boolean share = warmup.endsWith("%");
    try {
      double number = Double.parseDouble(share ? warmup.substring(0, warmup.length() - 1) : warmup);
      double count = share ? steps * number / 100 : number;
      if (count >= 0 && count <= steps) {
        return Math.round(count);
      }
    } catch (NumberFormatException e) {
      // The sentence below says what is wanted.
    }
    throw new UsageException(
        "--warmup: %s given for %d steps; give a number of steps up to that, or a share such as 10%%"
            .formatted(warmup, steps));
  }
}
