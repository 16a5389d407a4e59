package dev.evolute.app.study.warmup;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.Numbers;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.warmup.Contest.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What {@link Contest}s of warm-up strategies came to: tuned strategies, curves, sweeps of peaks.
 */
final class WarmupsCompared {
  private final List<Contest> contests;
  private final long seed;
  private final Map<String, double[][]> runs = new ConcurrentHashMap<>();

  WarmupsCompared(List<Contest> contests, long seed) {
    this.contests = contests;
    this.seed = seed;
  }

  void add(Contest contest, Entry entry, double[][] run) {
    runs.put(contest.label(entry), run);
  }

  /** Mean and range over seeds. */
  private record Spread(double mean, double low, double high) {}

  /** A strategy with a peak. */
  private record Choice(Strategy strategy, double peak, double loss) {}

  private Spread spread(Contest contest, Strategy strategy, double peak, int row, int look) {
    double sum = 0;
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (int s = 0; s < contest.seeds(); s++) {
      double[][] run = runs.get(contest.label(new Entry(strategy, peak, seed + s)));
      if (run == null) {
        return null;
      }
      sum += run[row][look] / contest.seeds();
      low = Math.min(low, run[row][look]);
      high = Math.max(high, run[row][look]);
    }
    return new Spread(sum, low, high);
  }

  private Spread last(Contest contest, Choice choice) {
    return spread(contest, choice.strategy(), choice.peak(), 0, Contest.LOOKS - 1);
  }

  /** The strategy and peak of a kind with the least mean validation loss at the end, or null. */
  private Choice tuned(Contest contest, Strategy.Kind kind) {
    Choice best = null;
    for (Strategy strategy : contest.strategies()) {
      for (double peak : contest.peaks()) {
        Spread end = spread(contest, strategy, peak, 0, Contest.LOOKS - 1);
        if (strategy.kind() == kind && end != null) {
          if (best == null || end.mean() < best.loss()) {
            best = new Choice(strategy, peak, end.mean());
          }
        }
      }
    }
    return best;
  }

  List<Claim> claims() {
    List<Claim> claims = new ArrayList<>();
    for (Strategy.Kind kind : List.of(Strategy.Kind.LOSS, Strategy.Kind.LINEAR)) {
      ClaimCheck check =
          new ClaimCheck(
                  "tuned " + kind.title + " warm-up ends below none in mean validation loss",
                  "000, Figures 3 and 5")
              .note(
                  "Peak, length and C chosen by the mean over seeds, as for no warm-up its peak; network"
                      + " by network.");
      for (Contest contest : contests) {
        Choice none = tuned(contest, Strategy.Kind.NONE);
        Choice ours = tuned(contest, kind);
        if (none != null && ours != null) {
          check.check(none.loss(), ours.loss());
        }
      }
      claims.add(check.claim());
    }
    ClaimCheck large =
        new ClaimCheck(
            "at the largest peak both warm-ups end below none", "000, Figures I.3 to I.6");
    for (Contest contest : contests) {
      double peak = contest.peaks().getLast();
      Spread none = spread(contest, Strategy.NONE, peak, 0, Contest.LOOKS - 1);
      for (Strategy strategy : contest.strategies()) {
        Spread end = spread(contest, strategy, peak, 0, Contest.LOOKS - 1);
        if (strategy.kind() != Strategy.Kind.NONE && none != null && end != null) {
          // A run that diverged is above any that did not.
          large.check(end.mean() < none.mean());
        }
      }
    }
    claims.add(large.note("Every length and every C by itself.").claim());
    return claims;
  }

  List<Figure> figures() {
    List<Chart> curves = new ArrayList<>();
    List<Chart> steps = new ArrayList<>();
    List<Chart> sweeps = new ArrayList<>();
    for (Contest contest : contests) {
      Chart.Builder curve =
          Chart.titled(contest.learner().title()).x("iteration").y("validation loss");
      Chart.Builder step =
          Chart.titled(contest.learner().title()).x("iteration").y("learning rate").logY();
      Chart.Builder sweep =
          Chart.titled(contest.learner().title())
              .x("peak learning rate")
              .y("validation loss at the end")
              .logX();
      int colour = 0;
      for (Strategy.Kind kind : Strategy.Kind.values()) {
        Choice choice = tuned(contest, kind);
        if (choice != null) {
          curve(contest, choice, colour, curve, step);
        }
        colour++;
      }
      colour = 0;
      for (Strategy strategy : contest.strategies()) {
        double[][] ends = new double[4][contest.peaks().size()];
        for (int p = 0; p < contest.peaks().size(); p++) {
          double peak = contest.peaks().get(p);
          Spread end = spread(contest, strategy, peak, 0, Contest.LOOKS - 1);
          ends[0][p] = peak;
          ends[1][p] = end == null ? Double.NaN : end.mean();
          ends[2][p] = end == null ? Double.NaN : end.low();
          ends[3][p] = end == null ? Double.NaN : end.high();
        }
        sweep.band(ends[0], ends[2], ends[3], colour);
        sweep.line(Line.solid(strategy.title(), ends[0], ends[1], colour));
        colour++;
      }
      curves.add(curve.build());
      steps.add(step.build());
      sweeps.add(sweep.build());
    }
    return List.of(
        new Figure(
            "warmups",
            "Warm-up strategies, each at its best",
            "Mean validation loss over seeds with its range, for no warm-up, the best linear one and the"
                + " best (H₀, H₁) one, each with its best peak.",
            "Figures 3 and 5",
            curves),
        new Figure(
            "warmup-steps",
            "Effective learning rates",
            "Of the first seed of the same runs.",
            "Figures 4 and 5, right",
            steps),
        new Figure(
            "warmup-peaks",
            "Strategies against the peak",
            "Mean validation loss at the end over seeds, with its range. L₀ is the loss of a uniform"
                + " guess.",
            "Figures I.3 to I.8",
            sweeps));
  }

  private void curve(
      Contest contest, Choice choice, int colour, Chart.Builder curve, Chart.Builder step) {
    double[] x = new double[Contest.LOOKS];
    double[][] y = new double[4][Contest.LOOKS];
    for (int i = 0; i < Contest.LOOKS; i++) {
      x[i] = contest.at(i);
      Spread at = spread(contest, choice.strategy(), choice.peak(), 0, i);
      y[0][i] = at.mean();
      y[1][i] = at.low();
      y[2][i] = at.high();
      y[3][i] = runs.get(contest.label(new Entry(choice.strategy(), choice.peak(), seed)))[2][i];
    }
    curve.band(x, y[1], y[2], colour);
    curve.line(Line.solid(choice.strategy().title(), x, y[0], colour));
    step.line(Line.solid(choice.strategy().title(), x, y[3], colour));
  }

  void metrics(StudyResult.Builder result) {
    for (Contest contest : contests) {
      for (Strategy.Kind kind : Strategy.Kind.values()) {
        Choice choice = tuned(contest, kind);
        if (choice != null) {
          String which = ", tuned " + kind.title + ", " + contest.learner().label();
          Spread end = last(contest, choice);
          result.metric("validation loss" + which, end.mean());
          result.metric("range of validation loss" + which, end.high() - end.low());
          result.metric("peak" + which, choice.peak());
        }
      }
    }
  }

  void prose(StudyResult.Builder result) {
    for (Contest contest : contests) {
      StringBuilder text =
          new StringBuilder("Validation loss at the end over ")
              .append(contest.seeds())
              .append(" seeds, ")
              .append(contest.learner().title())
              .append(": ");
      for (Strategy.Kind kind : Strategy.Kind.values()) {
        Choice choice = tuned(contest, kind);
        if (choice == null) {
          return;
        }
        Spread end = last(contest, choice);
        text.append(choice.strategy().title())
            .append(" with a peak of ")
            .append(choice.peak())
            .append(": ")
            .append(Numbers.fixed(end.mean(), 4))
            .append(" (")
            .append(Numbers.fixed(end.low(), 4))
            .append(" to ")
            .append(Numbers.fixed(end.high(), 4))
            .append("); ");
      }
      text.setLength(text.length() - 2);
      result.prose(text.append('.').toString());
    }
  }
}
