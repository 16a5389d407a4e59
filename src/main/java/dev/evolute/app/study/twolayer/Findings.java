package dev.evolute.app.study.twolayer;

import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ReportWriter;
import dev.evolute.app.report.SeriesTable;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.twolayer.Course.Column;
import dev.evolute.app.study.twolayer.Course.Start;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the parts of the study add up to: one answer, one table, one report. */
final class Findings {
  private final Protocol protocol;
  final Courses courses;
  final BesidePlain plain;
  final WidthAndStart starts = new WidthAndStart();
  final Paces paces;
  private final RulesCompared compared;

  Findings(Protocol protocol) {
    this.protocol = protocol;
    courses = new Courses(protocol);
    plain = new BesidePlain(protocol, courses);
    paces = new Paces(protocol);
    compared = new RulesCompared(protocol, courses);
  }

  /** One sentence that says what came out. */
  String sentence() {
    long settings = protocol.figure1().size();
    if (courses.ordered().size() < protocol.courses() - protocol.powers().size()) {
      return "Interrupted before every setting was run.";
    }
    long violated = 0;
    long checked = 0;
    for (Statement s : List.of(Statement.RATE, Statement.MU, Statement.ORDER, Statement.SMOOTH)) {
      Claim claim = courses.statement(s);
      checked += claim.checked();
      violated += claim.violated();
    }
    return String.format(
        Locale.ROOT,
        "The local bounds of Theorem 3.2 fail at %,d of %,d points; the adaptive step reaches a loss of"
            + " 10⁻¹⁰ first in %d of %d settings against Xu et al. and in %d of %d against"
            + " backtracking.",
        violated,
        checked,
        compared.fewer(Rule.ADAPTIVE, Rule.XU),
        settings,
        compared.fewer(Rule.ADAPTIVE, Rule.BACKTRACKING),
        settings);
  }

  private SeriesTable series() {
    List<String> columns = new ArrayList<>(List.of("setting", "width", "rule", "iteration"));
    for (Column column : Column.values()) {
      columns.add(column.title);
    }
    columns.addAll(List.of("kappaT0", "kappaT0Deviation", "alphaRatio", "alphaRatioDeviation"));
    SeriesTable table = new SeriesTable(columns);
    for (Course course : courses.ordered()) {
      for (int t = 0; t < course.length(); t++) {
        Object[] cells = cells(columns, course.setting.label(), course.setting.width());
        cells[2] = course.rule.label();
        cells[3] = t;
        for (Column column : Column.values()) {
          cells[4 + column.ordinal()] = course.get(t, column);
        }
        table.row(cells);
      }
    }
    for (Setting setting : protocol.figure5()) {
      double[][] reference = plain.reference(setting);
      for (int t = 0; reference != null && t < reference[0].length; t++) {
        Object[] cells = cells(columns, setting.label(), setting.width());
        cells[2] = "plain";
        cells[3] = t;
        cells[4] = reference[0][t];
        cells[5] = reference[1][t];
        table.row(cells);
      }
    }
    starts
        .rows()
        .forEach(
            (p, rows) -> {
              for (double[] row : rows) {
                Object[] cells = cells(columns, "kappa-p" + p, (int) row[Conditioning.WIDTH]);
                for (int i = 1; i < row.length; i++) {
                  cells[columns.size() - row.length + i] = row[i];
                }
                table.row(cells);
              }
            });
    return table;
  }

  private static Object[] cells(List<String> columns, String setting, int width) {
    Object[] cells = new Object[columns.size()];
    cells[0] = setting;
    cells[1] = width;
    return cells;
  }

  void write(StudyResult.Builder result, Path out) {
    result
        .data("generated: the paper’s settings, and other losses of ours", true, 10, "")
        .title("Two-layer linear networks: local curvature and the step it allows")
        .setting("repetitions", protocol.repetitions())
        .setting("widths", protocol.widths())
        .setting("sigma2", protocol.noises())
        .setting("c", Protocol.C)
        .setting("d", Protocol.D)
        .setting("eta0", "0.99 times the largest the theorem allows")
        .setting("kappaWidths", protocol.kappaWidths())
        .setting("p", protocol.powers())
        .setting("plainWidths", protocol.plainWidths())
        .setting("plainSteps", protocol.plainSteps())
        .setting("mostSteps", protocol.most())
        .setting("repetitionsByHessianProducts", protocol.compared())
        .setting("precision", "f64");
    numbers(result);
    for (Statement s : Statement.values()) {
      result.claim(courses.statement(s));
    }
    compared.claims().forEach(result::claim);
    starts.claims().forEach(result::claim);
    result.claim(plain.claim());
    PrintedForms.alpha1(protocol.draws(), protocol.seed()).forEach(result::claim);
    PrintedForms.kOver().forEach(result::claim);
    prose(result);
    ReportWriter.write(
        out,
        result.build(),
        series(),
        List.of(
            compared.tightness(),
            compared.losses(),
            compared.steps(),
            paces.figure(),
            compared.beyond(),
            compared.otherLosses(),
            starts.figure(),
            plain.figure()));
  }

  private void numbers(StudyResult.Builder result) {
    compared.metrics(result);
    List<Setting> all = new ArrayList<>(protocol.figure1());
    all.addAll(protocol.losses());
    all.addAll(protocol.figure5());
    for (Setting setting : all) {
      Course course = courses.get(setting, Rule.ADAPTIVE);
      for (Start start : Start.values()) {
        result.metric(
            start.title + " " + setting.label(), course == null ? Double.NaN : course.start(start));
      }
    }
    for (Setting setting : protocol.figure5()) {
      result.metric("rateGap " + setting.label(), plain.rateGap(setting));
    }
    paces.metrics(result);
    long runs = courses.ordered().stream().mapToLong(c -> c.reached.length).sum();
    long iterates =
        courses.ordered().stream().mapToLong(c -> (long) c.reached.length * c.length()).sum();
    result.metric("runs", runs);
    result.metric("iterates", iterates);
    result.fact("runs", String.format(Locale.ROOT, "%,d", runs), "in batches of all repetitions");
    result.fact(
        "iterates", String.format(Locale.ROOT, "%,d", iterates), "with all constants at each");
    Claim rate = courses.statement(Statement.RATE);
    result.fact(
        "L(t+1) > L(t) ρ",
        String.format(Locale.ROOT, "%,d", rate.violated()),
        String.format(Locale.ROOT, "of %,d points under the theorem", rate.checked()));
  }

  private void prose(StudyResult.Builder result) {
    result.prose(
        "Everything the loss, its gradient norms and the paper's constants see of the weights is the"
            + " Gram matrix of the stacked weights [W₁; W₂], of size n + m. Runs are made on its"
            + " Cholesky factor, which descends exactly as the weights of any width do. The deviation of"
            + " W = W₁W₂ᵀ from the minimum is carried along by the product's own step, equation (61), so"
            + " that losses keep their relative precision and every iterate can be checked.");
    compared.prose(result);
  }
}
