package dev.evolute.app.study.warmup;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.SeriesTable;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.warmup.CurvatureRun.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** Propositions 3.1 to 3.4 and C.1 of paper 000 against the curvature measured. */
final class CurvatureBounds {
  private final Protocol protocol;
  private final Map<Case, double[][]> rows = new ConcurrentHashMap<>();

  CurvatureBounds(Protocol protocol) {
    this.protocol = protocol;
  }

  void add(Case network, double[][] points) {
    rows.put(network, points);
  }

  /** Points looked at. */
  long points() {
    return rows.values().stream().mapToLong(r -> r.length).sum();
  }

  private List<Case> cases(Predicate<Case> wanted) {
    return protocol.cases().stream().filter(wanted).filter(rows::containsKey).toList();
  }

  /** What was said of the Hessian's norm itself: points and violations of all propositions. */
  long violated() {
    return claims().stream().mapToLong(Claim::violated).sum();
  }

  List<Claim> claims() {
    List<Claim> claims = new ArrayList<>();
    claims.add(
        norm(Family.LINEAR, Column.MAIN, "‖∇²f‖ ≤ H₀ + H₁ (f − f*), deep linear", "(4), (5), (6)"));
    claims.add(
        norm(Family.LINEAR, Column.POWER, "‖∇²f‖ ≤ H̄₀ + H₁ f^((l−1)/l), deep linear", "(4), (6)"));
    claims.add(norm(Family.LINEAR, Column.DIRECT, "‖∇²f‖ from the layers, deep linear", "(8)"));
    claims.add(
        norm(Family.ONE_LEAKY, Column.MAIN, "‖∇²f‖ ≤ H₀ + H₁ f, one leaky ReLU", "(17), (18)"));
    claims.add(
        norm(Family.ONE_LEAKY, Column.DIRECT, "‖∇²f‖ from the layers, one leaky ReLU", "(25)"));
    claims.add(
        norm(Family.ALL_LEAKY, Column.MAIN, "‖∇²f‖ ≤ H₀ + H₁ f^(l−1), leaky ReLUs", "Prop. C.1"));
    claims.add(
        norm(
            Family.ALL_LEAKY,
            Column.POWER,
            "the same made linear on the sublevel set of the start",
            "(3), Appendix A"));
    claims.add(norm(Family.ALL_LEAKY, Column.DIRECT, "‖∇²f‖ from the layers, leaky ReLUs", "(29)"));
    claims.add(
        norm(Family.SQUARES, Column.MAIN, "printed: ‖∇²f‖ ≤ H₀ + H₁ f, squares", "(31), (32)"));
    claims.add(
        norm(
            Family.SQUARES,
            Column.PROOF,
            "printed: the other pair, at the end of the proof",
            "proof of Prop. 3.3"));
    claims.add(
        norm(Family.SQUARES, Column.SHARP, "corrected: half of (31), (32)", "after Prop. 3.3"));
    claims.add(
        norm(Family.LOGISTIC, Column.MAIN, "‖∇²f‖ ≤ H₀ + H₁ f, cross-entropy", "(36), (37)"));
    claims.add(output(Family.LINEAR, "(11)"));
    claims.add(output(Family.ONE_LEAKY, "(26)"));
    claims.add(output(Family.ALL_LEAKY, "(30)"));
    claims.addAll(powersOfMinimum());
    return claims;
  }

  private Claim norm(Family family, Column bound, String name, String equation) {
    ClaimCheck check = new ClaimCheck(name, "000, " + equation);
    for (Case network : cases(c -> c.family() == family)) {
      for (double[] row : rows.get(network)) {
        double value = row[bound.ordinal()];
        if (!Double.isNaN(value)) {
          check.check(value, row[Column.UPPER.ordinal()]);
        }
      }
    }
    return check.note(loosest(family, bound)).claim();
  }

  /** How far a bound is above what it bounds: the least and the middle ratio. */
  private String loosest(Family family, Column bound) {
    double[] ratios = ratios(family, bound);
    return ratios.length == 0
        ? ""
        : String.format(
            Locale.ROOT,
            "The bound is %.3g times the norm or more, %.2g times in the middle of all points.",
            ratios[0],
            ratios[ratios.length / 2]);
  }

  private double[] ratios(Family family, Column bound) {
    return cases(c -> c.family() == family).stream()
        .flatMap(c -> List.of(rows.get(c)).stream())
        .mapToDouble(r -> r[bound.ordinal()] / r[Column.NORM.ordinal()])
        .filter(r -> !Double.isNaN(r))
        .sorted()
        .toArray();
  }

  private Claim output(Family family, String equation) {
    ClaimCheck check =
        new ClaimCheck("‖F‖ from below by the layers, " + family.title(), "000, " + equation);
    for (Case network : cases(c -> c.family() == family)) {
      for (double[] row : rows.get(network)) {
        double bound = row[Column.OUTPUT_BOUND.ordinal()];
        if (!Double.isNaN(bound)) {
          check.check(row[Column.OUTPUT.ordinal()] * (1 + 1e-12), bound);
        }
      }
    }
    return check.note("At random points, which are exactly balanced.").claim();
  }

  /** Proposition C.1's last step, {@code f^(l-1)} by parts of f* and f - f*. */
  private static List<Claim> powersOfMinimum() {
    ClaimCheck printed =
        new ClaimCheck("printed: f^(l−1) ≤ 2^(l−2) (f* + (f − f*)^(l−1))", "000, Proposition C.1")
            .note("On a grid of f* and f. It fails where f* is above 1 and f near it.");
    ClaimCheck corrected =
        new ClaimCheck(
            "corrected: f^(l−1) ≤ 2^(l−2) (f*^(l−1) + (f − f*)^(l−1))", "000, Proposition C.1");
    for (int l = 3; l <= 5; l++) {
      for (double least : new double[] {0, 0.1, 0.5, 1, 2, 10, 100}) {
        for (double gap : new double[] {0, 0.1, 1, 10, 100}) {
          double power = Math.pow(least + gap, l - 1);
          double half = Math.pow(2, l - 2);
          double rounding = 1e-12 * power;
          printed.check(half * (least + Math.pow(gap, l - 1)) + rounding, power);
          corrected.check(half * (Math.pow(least, l - 1) + Math.pow(gap, l - 1)) + rounding, power);
        }
      }
    }
    return List.of(printed.claim(), corrected.claim());
  }

  void metrics(StudyResult.Builder result) {
    result.metric("points", points());
    double products = 0;
    double risk = 0;
    double widest = 0;
    for (double[][] list : rows.values()) {
      for (double[] row : list) {
        products += row[Column.PRODUCTS.ordinal()];
        risk += SmallNetwork.RISK;
        widest = Math.max(widest, row[Column.UPPER.ordinal()] / row[Column.NORM.ordinal()] - 1);
      }
    }
    result.metric("hessianVectorProducts", (long) products);
    result.metric("widestInterval", widest);
    result.metric("riskOfAllNorms", risk);
    for (Family family : Family.values()) {
      double[] ratios = ratios(family, Column.MAIN);
      if (ratios.length > 0) {
        result.metric("tightest bound over norm, " + family.title(), ratios[0]);
      }
    }
    result.metric("strongImbalance", largest(Column.STRONG));
    result.metric("weakImbalance", largest(Column.WEAK));
    result.metric("runsWithFallingCurvature", falling(true));
    result.metric("runsWithRisingCurvature", falling(false));
  }

  private double largest(Column column) {
    return rows.values().stream()
        .flatMap(list -> List.of(list).stream())
        .mapToDouble(row -> row[column.ordinal()])
        .filter(v -> !Double.isNaN(v))
        .max()
        .orElse(Double.NaN);
  }

  /** Descents at whose end the curvature is below, or above, that of the start. */
  private long falling(boolean wanted) {
    long count = 0;
    for (Case network : cases(c -> true)) {
      for (int run = 0; run < CurvatureRun.START_SCALES.length; run++) {
        List<double[]> along = along(network, run);
        if (along.size() > 1) {
          double first = along.getFirst()[Column.NORM.ordinal()];
          double last = along.getLast()[Column.NORM.ordinal()];
          count += (last < first) == wanted ? 1 : 0;
        }
      }
    }
    return count;
  }

  private List<double[]> along(Case network, int run) {
    return List.of(rows.get(network)).stream()
        .filter(row -> row[Column.RUN.ordinal()] == run)
        .toList();
  }

  private static double[] column(List<double[]> list, Column column) {
    return list.stream().mapToDouble(row -> row[column.ordinal()]).toArray();
  }

  List<Figure> figures() {
    return List.of(
        figure(
            "curvature-linear",
            "Deep linear networks: curvature against the loss",
            "‖∇²f‖ by Lanczos’ method at strongly balanced random weights and along two descents, and"
                + " H₀ + H₁ (f − f*) by (5) and (6) (dashed). The minimum f* is that of least squares of"
                + " the network’s rank.",
            "Proposition 3.1",
            cases(c -> c.family() == Family.LINEAR && c.seed() == protocol.seed()),
            Column.GAP,
            "f − f*"),
        figure(
            "curvature-leaky",
            "Leaky ReLU networks: curvature against the loss",
            "As before, for one leaky ReLU below the output, (17) and (18), and for leaky ReLUs"
                + " throughout, Proposition C.1. The constants depend on the least singular values of the"
                + " weights, here those of each point itself, the tightest the propositions allow.",
            "Propositions 3.2 and C.1",
            cases(
                c ->
                    (c.family() == Family.ONE_LEAKY || c.family() == Family.ALL_LEAKY)
                        && c.seed() == protocol.seed()),
            Column.LOSS,
            "f"),
        figure(
            "curvature-penalties",
            "Two layers with L2 penalties: curvature against the loss",
            "As before, at any weights: (31) and (32) for the squared error with the sharper pair that the"
                + " same proof gives, (36) and (37) for the cross-entropy.",
            "Propositions 3.3 and 3.4",
            cases(c -> c.family().penalised() && c.seed() == protocol.seed()),
            Column.LOSS,
            "f"),
        alongDescent());
  }

  private Figure figure(
      String name,
      String title,
      String caption,
      String reproduces,
      List<Case> cases,
      Column abscissa,
      String x) {
    List<Chart> panels = new ArrayList<>();
    for (Case network : cases) {
      Chart.Builder chart = Chart.titled(network.title()).x(x).y("‖∇²f‖").logX().logY();
      List<double[]> random = along(network, -1);
      chart.line(
          Line.points("random weights", column(random, abscissa), column(random, Column.NORM), 6));
      for (int run = 0; run < CurvatureRun.START_SCALES.length; run++) {
        List<double[]> list = along(network, run);
        chart.line(
            Line.points(
                run == 0 ? "small start" : "poor start",
                column(list, abscissa),
                column(list, Column.NORM),
                run));
      }
      List<double[]> sorted = new ArrayList<>(random);
      sorted.sort((a, b) -> Double.compare(a[abscissa.ordinal()], b[abscissa.ordinal()]));
      boolean line = network.family() == Family.LINEAR || network.family().penalised();
      double[] at = column(sorted, abscissa);
      double[] main = column(sorted, Column.MAIN);
      chart.line(line ? Line.dashed("bound", at, main, 3) : Line.points("bound", at, main, 3));
      if (network.family() == Family.SQUARES) {
        chart.line(Line.dashed("sharper", at, column(sorted, Column.SHARP), 4));
      }
      panels.add(chart.build());
    }
    return new Figure(name, title, caption, reproduces, panels);
  }

  private Figure alongDescent() {
    List<Chart> panels = new ArrayList<>();
    for (Case network : cases(c -> c.seed() == protocol.seed())) {
      List<double[]> poor = along(network, CurvatureRun.START_SCALES.length - 1);
      if (poor.size() < 2 || panels.size() >= 8) {
        continue;
      }
      double[] f = column(poor, Column.LOSS);
      double[] norm = column(poor, Column.UPPER);
      Bound seen = Bound.above(f, norm);
      double[] ends = {0, poor.getFirst()[Column.LOSS.ordinal()]};
      panels.add(
          Chart.titled(network.title())
              .x("f")
              .y("‖∇²f‖")
              .line(Line.points("poor start", f, column(poor, Column.NORM), 1))
              .line(
                  Line.dashed(
                      "least line above",
                      ends,
                      new double[] {seen.at(ends[0]), seen.at(ends[1])},
                      0))
              .build());
    }
    return new Figure(
        "curvature-along-descent",
        "Curvature along descent from a poor start",
        "The same points on linear axes, from layers of norm 3: descent runs from right to left. The least"
            + " line above all points is the (H₀, H₁) that this run needs; the proven ones are tens to"
            + " millions of times larger.",
        "",
        panels);
  }

  void prose(StudyResult.Builder result) {
    result.prose(
        String.format(
            Locale.ROOT,
            "Part 1 looks at %,d points, with both ends of the spectrum by Lanczos’ method. Bounds are held"
                + " against an upper end of the norm, which lies below it with a probability of at most"
                + " %.0e a point. Curvature falls along %d of the descents and rises along %d: from small"
                + " starts layers grow while the loss falls, and curvature with them. Layers that descent"
                + " should keep balanced are apart by %.1e of their squared norm at most.",
            points(),
            SmallNetwork.RISK,
            falling(true),
            falling(false),
            largest(Column.STRONG)));
  }

  void series(SeriesTable table, List<String> columns) {
    for (Case network : cases(c -> true)) {
      for (double[] row : rows.get(network)) {
        Object[] cells = new Object[columns.size()];
        cells[0] = "curvature";
        cells[1] = network.label();
        for (Column column : Column.values()) {
          cells[columns.indexOf(column.title)] = row[column.ordinal()];
        }
        table.row(cells);
      }
    }
  }
}
