package dev.evolute.app.study.rsc;

import dev.evolute.app.data.Dataset;
import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.StudyResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Figure 1: the norm of the mean gradient gbar_t along training and against width. */
final class MeanGradients {
  /** Growth of the smallest mean gradient over the widths that counts as growth. */
  private static final double GROWTH = 1.5;

  /** Movement in the last quarter of a run that still counts as settled. */
  private static final double SETTLED = 0.1;

  private final Protocol protocol;
  private final List<Dataset> sets;
  final List<Curve> curves = new ArrayList<>();

  MeanGradients(Protocol protocol, List<Dataset> sets) {
    this.protocol = protocol;
    this.sets = sets;
  }

  private List<Curve> curves(String set, Parametrisation parametrisation, int width) {
    return curves.stream()
        .filter(c -> c.set.equals(set) && c.parametrisation == parametrisation && c.width == width)
        .toList();
  }

  /** Mean over the seeds of {@code min_t |gbar_t|}; NaN while one of the runs has no point. */
  double smallest(String set, Parametrisation parametrisation, int width) {
    return curves(set, parametrisation, width).stream()
            .mapToDouble(Curve::smallest)
            .reduce(Double::sum)
            .orElse(Double.NaN)
        / protocol.seeds();
  }

  /** Of the widest over that of the narrowest. */
  double growth(String set, Parametrisation parametrisation) {
    List<Integer> widths = protocol.widths();
    return smallest(set, parametrisation, widths.get(widths.size() - 1))
        / smallest(set, parametrisation, widths.get(0));
  }

  private double scaledSquare(String set, int width) {
    double smallest = smallest(set, Parametrisation.SCALED, width);
    return smallest * smallest * Math.sqrt(width);
  }

  List<Claim> claims() {
    return List.of(
        grows(Parametrisation.LIBRARY),
        grows(Parametrisation.SCALED),
        squareGrows(),
        settles(Parametrisation.LIBRARY),
        settles(Parametrisation.SCALED));
  }

  private Claim grows(Parametrisation parametrisation) {
    ClaimCheck check =
        new ClaimCheck(
            "min over t of ‖ḡ_t‖ grows with m, " + parametrisation.title(), "001, Figure 1(b)-(d)");
    for (Dataset set : sets) {
      double growth = growth(set.name(), parametrisation);
      if (!Double.isNaN(growth)) {
        check.check(growth, GROWTH);
      }
    }
    return check
        .note(
            "Widest over narrowest, mean of "
                + protocol.seeds()
                + " runs, at least "
                + GROWTH
                + " (our reading of “increases steadily”), on every data set. The paper does not say"
                + " which scaling its figure has.")
        .claim();
  }

  private Claim squareGrows() {
    ClaimCheck check =
        new ClaimCheck(
            "min over t of ‖ḡ_t‖²√m grows with m, " + Parametrisation.SCALED.title(),
            "001, remark 5.1");
    List<Integer> widths = protocol.widths();
    for (Dataset set : sets) {
      for (int i = 1; i < widths.size(); i++) {
        double wide = scaledSquare(set.name(), widths.get(i));
        double narrow = scaledSquare(set.name(), widths.get(i - 1));
        if (!Double.isNaN(wide + narrow)) {
          check.check(wide, narrow);
        }
      }
    }
    return check
        .note("From each width to the next. It is what the threshold c₂/c₁ is compared with.")
        .claim();
  }

  private Claim settles(Parametrisation parametrisation) {
    ClaimCheck check =
        new ClaimCheck(
            "‖ḡ_t‖ settles to a constant, " + parametrisation.title(), "001, Figure 1(a)");
    for (Curve curve : curves) {
      if (curve.parametrisation == parametrisation && curve.finished) {
        check.check(SETTLED, curve.unrest());
      }
    }
    return check
        .note(
            "In the last quarter of each run it moves by less than a tenth, which is our reading. Runs end"
                + " after "
                + protocol.iterations()
                + " iterations here, the paper’s after 3,000.")
        .claim();
  }

  List<Figure> figures() {
    List<Figure> figures = new ArrayList<>();
    sets.stream().limit(2).forEach(set -> figures.add(trajectories(set.name())));
    figures.add(minima());
    return figures;
  }

  private Figure trajectories(String set) {
    List<Chart> panels = new ArrayList<>();
    for (Parametrisation parametrisation :
        List.of(Parametrisation.LIBRARY, Parametrisation.SCALED)) {
      Chart.Builder chart =
          Chart.titled(parametrisation.title()).x("iteration t").y("‖ḡ_t‖").logY();
      for (int w = 0; w < protocol.widths().size(); w++) {
        int width = protocol.widths().get(w);
        List<Curve> all = curves(set, parametrisation, width);
        int n = all.stream().mapToInt(Curve::recorded).min().orElse(0);
        double[] x = new double[n];
        double[] y = new double[n];
        for (int i = 0; i < n; i++) {
          int at = i;
          x[i] = i * protocol.every();
          y[i] = all.stream().mapToDouble(c -> c.gbar[at]).average().orElse(Double.NaN);
        }
        chart.line(Line.solid("m = " + width, x, y, w));
      }
      panels.add(chart.build());
    }
    return new Figure(
        "mean-gradient-" + set,
        "Mean gradient of the predictor along training, " + set,
        "Norm of ḡ_t, the mean over samples of the predictor’s gradients, mean of "
            + protocol.seeds()
            + " runs, for each width. The paper shows one such panel and does not say which scaling"
            + " it has.",
        "Figure 1(a)",
        panels);
  }

  private Figure minima() {
    Chart.Builder usual = minimum(Parametrisation.LIBRARY.title());
    Chart.Builder scaled = minimum(Parametrisation.SCALED.title());
    Chart.Builder squared =
        Chart.titled("1/√m scaling, against the threshold")
            .x("width m")
            .y("min ‖ḡ_t‖² √m")
            .logX()
            .logY();
    for (int s = 0; s < sets.size(); s++) {
      String set = sets.get(s).name();
      usual.line(line(set, s, m -> smallest(set, Parametrisation.LIBRARY, m)));
      scaled.line(line(set, s, m -> smallest(set, Parametrisation.SCALED, m)));
      squared.line(line(set, s, m -> scaledSquare(set, m)));
    }
    return new Figure(
        "smallest-mean-gradient",
        "Smallest mean gradient against width",
        "Left and middle: the smallest ‖ḡ_t‖ of a run, mean of "
            + protocol.seeds()
            + " runs, against width, in both scalings. Right: its square times √m, which the theory"
            + " compares with the constant c₂/c₁: what is flat in the middle panel still grows here.",
        "Figure 1(b)-(d)",
        List.of(usual.build(), scaled.build(), squared.build()));
  }

  private static Chart.Builder minimum(String title) {
    return Chart.titled(title).x("width m").y("min over t of ‖ḡ_t‖").logX().logY();
  }

  private Line line(String name, int colour, ToDoubleFunction<Integer> value) {
    double[] x = protocol.widths().stream().mapToDouble(m -> m).toArray();
    double[] y = protocol.widths().stream().mapToDouble(value).toArray();
    return Line.solid(name, x, y, colour);
  }

  void metrics(StudyResult.Builder result) {
    for (Dataset set : sets) {
      for (Parametrisation parametrisation : Parametrisation.values()) {
        String key = set.name() + " " + parametrisation.label();
        result.metric(key + " growth", growth(set.name(), parametrisation));
        for (int width : protocol.widths()) {
          result.metric(key + " min gbar m" + width, smallest(set.name(), parametrisation, width));
        }
      }
    }
  }

  void facts(StudyResult.Builder result) {
    for (Parametrisation parametrisation :
        List.of(Parametrisation.LIBRARY, Parametrisation.SCALED)) {
      String values =
          sets.stream()
              .map(s -> String.format(Locale.ROOT, "%.2f", growth(s.name(), parametrisation)))
              .collect(Collectors.joining(", "));
      result.fact("growth of min ‖ḡ_t‖", values, parametrisation.title() + ", per data set");
    }
  }
}
