package dev.evolute.app.study.warmup;

import dev.evolute.autodiff.optim.Schedule;
import java.util.Locale;

/**
 * How a run starts (section 5 of paper 000): with the peak at once, with a linear rise to it, or
 * with {@code peak / max(1, loss / C)}, the (H0, H1) warm-up.
 *
 * @param kind which of them
 * @param value share of the steps that a linear rise takes, or C over the loss of a uniform guess
 */
record Strategy(Kind kind, double value) {
  /** The three ways. */
  enum Kind {
    NONE("none"),
    LINEAR("linear"),
    LOSS("(H₀, H₁)");

    final String title;

    Kind(String title) {
      this.title = title;
    }
  }

  /** What the schedule is after its warm-up. */
  enum Tail {
    /** Stable, then down to {@link #END} over the last fifth. */
    STABLE,
    /** Half a cosine down to it. */
    COSINE
  }

  /** The step at the end of all runs. */
  private static final double END = 1e-5;

  private static final double DECAY = 0.2;

  static final Strategy NONE = new Strategy(Kind.NONE, 0);

  static Strategy linear(double share) {
    return new Strategy(Kind.LINEAR, share);
  }

  static Strategy loss(double c) {
    return new Strategy(Kind.LOSS, c);
  }

  /**
   * The step sizes of a run.
   *
   * @param guess loss of a uniform guess
   */
  Schedule schedule(double peak, Tail tail, int steps, double guess) {
    int rising = kind == Kind.LINEAR ? (int) Math.round(value * steps) : 0;
    int after = steps - rising;
    int decay = (int) Math.round(DECAY * steps);
    Schedule falling =
        tail == Tail.COSINE
            ? Schedule.cosine(peak, END, after)
            : Schedule.stableDecay(peak, END, after, decay);
    return kind == Kind.LOSS
        ? Schedule.lossWarmup(value * guess, falling)
        : Schedule.warmup(rising, falling);
  }

  String title() {
    return switch (kind) {
      case NONE -> "none";
      case LINEAR -> String.format(Locale.ROOT, "linear %.0f %%", 100 * value);
      case LOSS -> String.format(Locale.ROOT, "(H₀, H₁) C = %.2g L₀", value);
    };
  }

  String label() {
    return kind.name().toLowerCase(Locale.ROOT) + Math.round(100 * value);
  }
}
