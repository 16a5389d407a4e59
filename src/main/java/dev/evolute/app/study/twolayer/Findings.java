package dev.evolute.app.study.twolayer;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.ReportWriter;
import dev.evolute.app.report.SeriesTable;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.StudySettings;
import dev.evolute.app.study.twolayer.Course.Column;
import dev.evolute.app.study.twolayer.Course.Start;
import dev.evolute.kernels.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What the runs add up to: series, figures, claims, metrics. */
final class Findings {
  /** The rules that the paper's Figure 2 compares with the adaptive one. */
  private static final List<Rule> COMPARED = List.of(Rule.XU, Rule.BACKTRACKING);

  /** A stretch of iterates at the end of a run of Figure 5, over which its rate is taken. */
  private static final int STRETCH = 50;

  private final Protocol protocol;
  private final Map<String, Course> courses = new LinkedHashMap<>();
  private final Map<String, double[][]> plain = new TreeMap<>();
  private final Map<Double, double[][]> conditioning = new TreeMap<>();

  /** Microseconds by width, then rule; full weights and compressed ones. */
  private final Map<Integer, Map<Rule, Double>> paceFull = new TreeMap<>();

  private final Map<Integer, Map<Rule, Double>> paceCompressed = new TreeMap<>();

  Findings(Protocol protocol) {
    this.protocol = protocol;
  }

  synchronized void add(Course course) {
    courses.put(course.label(), course);
  }

  synchronized void addPlain(Setting setting, double[][] reference) {
    plain.put(setting.label(), reference);
  }

  synchronized void addConditioning(double p, double[][] rows) {
    conditioning.put(p, rows);
  }

  /** Times the steps of Figure 2, alone on the machine as far as this program goes. */
  void pace(StudySettings settings, Progress progress) {
    try (Device device = Device.open(settings.device(), settings.threads())) {
      for (int i = 0; i < protocol.widths().size() && !progress.interrupted(); i++) {
        int width = protocol.widths().get(i);
        Setting setting = Setting.figure1(width, 1, 1);
        for (boolean compressed : new boolean[] {true, false}) {
          (compressed ? paceCompressed : paceFull)
              .put(
                  width,
                  Pace.of(
                      device,
                      setting,
                      protocol.repetitions(),
                      protocol.paceSteps(),
                      compressed,
                      protocol.seed()));
        }
      }
    }
  }

  private Course course(Setting setting, Rule rule) {
    return courses.get(setting.label() + "-" + rule.label());
  }

  /** All courses there are, in the order of the protocol. */
  private List<Course> ordered() {
    List<Course> list = new ArrayList<>();
    List<Setting> settings = new ArrayList<>(protocol.figure1());
    settings.addAll(protocol.losses());
    settings.addAll(protocol.figure5());
    for (Setting setting : settings) {
      for (Rule rule : Rule.values()) {
        Course course = course(setting, rule);
        if (course != null) {
          list.add(course);
        }
      }
    }
    return list;
  }

  // Numbers

  /** Mean iterations to 1e-10; infinite if a repetition did not get there, NaN without a course. */
  private double iterations(Setting setting, Rule rule) {
    Course course = course(setting, rule);
    if (course == null) {
      return Double.NaN;
    }
    double mean = Conditioning.mean(course.reached);
    return Double.isNaN(mean) ? Double.POSITIVE_INFINITY : mean;
  }

  /** Settings of Figure 2 in which the adaptive rule takes the fewest mean iterations. */
  private long fastest(Rule against) {
    return protocol.figure1().stream()
        .filter(s -> iterations(s, Rule.ADAPTIVE) < iterations(s, against))
        .count();
  }

  /** {@code log10} of the factor by which the loss shrinks a step at the end of a run. */
  private static double rate(double[] logLoss) {
    int last = logLoss.length - 1;
    int from = Math.max(0, last - STRETCH);
    return (logLoss[last] - logLoss[from]) / (last - from);
  }

  /** How far the rate of the run of that width is from that of plain gradient descent, relative. */
  private double rateGap(Setting setting) {
    Course course = course(setting, Rule.ADAPTIVE);
    double[][] reference = plain.get(setting.label());
    if (course == null || reference == null) {
      return Double.NaN;
    }
    return 1 - rate(course.column(Column.LOG_LOSS)) / rate(reference[0]);
  }

  /** One sentence that says what came out. */
  String sentence() {
    long settings = protocol.figure1().size();
    if (ordered().size() < protocol.courses() - protocol.powers().size()) {
      return "Interrupted before every setting was run.";
    }
    long violated = 0;
    long checked = 0;
    for (Statement s : List.of(Statement.RATE, Statement.MU, Statement.ORDER, Statement.SMOOTH)) {
      Claim claim = statement(s);
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
        fastest(Rule.XU),
        settings,
        fastest(Rule.BACKTRACKING),
        settings);
  }

  // Series

  private SeriesTable series() {
    List<String> columns = new ArrayList<>(List.of("setting", "width", "rule", "iteration"));
    for (Column column : Column.values()) {
      columns.add(column.title);
    }
    columns.addAll(List.of("kappaT0", "kappaT0Deviation", "alphaRatio", "alphaRatioDeviation"));
    SeriesTable table = new SeriesTable(columns);
    for (Course course : ordered()) {
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
      double[][] reference = plain.get(setting.label());
      for (int t = 0; reference != null && t < reference[0].length; t++) {
        Object[] cells = cells(columns, setting.label(), setting.width());
        cells[2] = "plain";
        cells[3] = t;
        cells[4] = reference[0][t];
        cells[5] = reference[1][t];
        table.row(cells);
      }
    }
    conditioning.forEach(
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

  // Claims

  private Claim statement(Statement statement) {
    ClaimCheck all = statement.check();
    for (Course course : ordered()) {
      ClaimCheck one = course.check(statement);
      all.add(one.checked(), one.violated(), one.tightest());
    }
    return all.claim();
  }

  private Claim fewerIterations(Rule against) {
    ClaimCheck check =
        new ClaimCheck(
            "iterations to a loss of 10⁻¹⁰: fewer than " + against.title(), "003, Figure 2");
    for (Setting setting : protocol.figure1()) {
      Course ours = course(setting, Rule.ADAPTIVE);
      Course theirs = course(setting, against);
      for (int r = 0; ours != null && theirs != null && r < ours.reached.length; r++) {
        double a = ours.reached[r];
        double b = theirs.reached[r];
        check.check(Double.isNaN(b) ? !Double.isNaN(a) : a < b);
      }
    }
    return check.note("Repetition by repetition, in all settings of Figure 2.").claim();
  }

  private Claim kappaFalls() {
    ClaimCheck check = new ClaimCheck("κ(T_0) falls with the width", "003, Figure 4");
    for (double[][] rows : conditioning.values()) {
      for (int i = 0; i + 1 < rows.length; i++) {
        check.check(rows[i][Conditioning.KAPPA], rows[i + 1][Conditioning.KAPPA]);
      }
    }
    return check
        .note("Means of neighbouring widths, for each p; κ = σmax/σmin, not its square.")
        .claim();
  }

  private Claim ratioRises() {
    ClaimCheck check = new ClaimCheck("α₁/α₂ rises with the width", "003, equation (31)");
    for (double[][] rows : conditioning.values()) {
      for (int i = 0; i + 1 < rows.length; i++) {
        check.check(rows[i + 1][Conditioning.RATIO], rows[i][Conditioning.RATIO]);
      }
    }
    return check.note("Means of neighbouring widths, for each p.").claim();
  }

  private Claim plainApproached() {
    ClaimCheck check =
        new ClaimCheck(
            "the rate comes closer to that of plain gradient descent as the width grows",
            "003, Figure 5");
    List<Setting> settings = protocol.figure5();
    for (int i = 0; i + 1 < settings.size(); i++) {
      double narrow = Math.abs(rateGap(settings.get(i)));
      double wide = Math.abs(rateGap(settings.get(i + 1)));
      if (!Double.isNaN(narrow + wide)) {
        check.check(narrow, wide);
      }
    }
    return check
        .note("Slope of log₁₀ loss over the last " + STRETCH + " iterations, neighbouring widths.")
        .claim();
  }

  // Figures

  private static double[] iterations(Course course) {
    double[] x = new double[course.length()];
    Arrays.setAll(x, t -> t);
    return x;
  }

  private static double[] powers(double[] logs) {
    return Arrays.stream(logs).map(v -> Math.pow(10, v)).toArray();
  }

  private static Line line(
      Course course, String name, Column column, boolean dashed, int colour, int length) {
    double[] x = Arrays.copyOf(iterations(course), Math.min(length, course.length()));
    double[] y = Arrays.copyOf(course.column(column), x.length);
    if (column.title.startsWith("log10")) {
      y = powers(y);
    }
    return dashed ? Line.dashed(name, x, y, colour) : Line.solid(name, x, y, colour);
  }

  private static void band(Chart.Builder chart, Course course, int colour, int length) {
    double[] x = Arrays.copyOf(iterations(course), Math.min(length, course.length()));
    double[] low = new double[x.length];
    double[] high = new double[x.length];
    for (int t = 0; t < x.length; t++) {
      double mean = course.get(t, Column.LOG_LOSS);
      double deviation = course.get(t, Column.LOG_LOSS_DEVIATION);
      low[t] = Math.pow(10, mean - deviation);
      high[t] = Math.pow(10, mean + deviation);
    }
    chart.band(x, low, high, colour);
  }

  private Figure tightness() {
    List<Chart> panels = new ArrayList<>();
    for (Setting setting : protocol.figure1()) {
      Course ours = course(setting, Rule.ADAPTIVE);
      String ratio =
          ours == null
              ? ""
              : String.format(
                  Locale.ROOT,
                  ", α₁/α₂ = %.2f",
                  ours.start(Start.ALPHA1) / ours.start(Start.ALPHA2));
      Chart.Builder chart =
          Chart.titled(setting.title() + ratio).x("iteration").y("loss").logY().nested();
      for (Rule rule : List.of(Rule.CONSTANT, Rule.ADAPTIVE_BAR, Rule.ADAPTIVE)) {
        Course course = course(setting, rule);
        if (course != null) {
          int colour = colour(rule);
          band(chart, course, colour, course.length());
          chart.line(line(course, name(rule), Column.LOG_LOSS, false, colour, course.length()));
        }
      }
      if (ours != null) {
        int all = ours.length();
        chart.line(line(ours, "(20)", Column.LOG_BOUND20, true, 1, all));
        chart.line(line(ours, "(17)", Column.LOG_BOUND17, true, 3, all));
      }
      panels.add(chart.build());
    }
    return new Figure(
        "bounds",
        "The loss and its bounds",
        "Mean of log₁₀ L(t) over repetitions, plus and minus one deviation, for the three step rules of"
            + " Section 3.2, and the bounds (17) and (20) on it (dashed; the paper draws triangles)."
            + " The three losses lie on each other: with d = 1.01 a step may grow by some η₀/2 an"
            + " iteration, which is next to nothing before the loss is gone.",
        "Figure 1",
        panels);
  }

  private static String name(Rule rule) {
    return switch (rule) {
      case ADAPTIVE -> "adaptive ρ";
      case ADAPTIVE_BAR -> "adaptive ρ̄";
      case CONSTANT -> "η₀";
      case XU -> "Xu et al.";
      case XU_LOCAL -> "Xu, local";
      case BACKTRACKING -> "backtracking";
      case BACKTRACKING_HALF -> "backtracking ½";
      case EXACT -> "best step";
    };
  }

  private static int colour(Rule rule) {
    return switch (rule) {
      case ADAPTIVE -> 0;
      case XU -> 1;
      case BACKTRACKING -> 2;
      case XU_LOCAL -> 3;
      case ADAPTIVE_BAR, BACKTRACKING_HALF -> 4;
      case CONSTANT -> 5;
      case EXACT -> 6;
    };
  }

  /** Iterates after which the panels of Figure 2 are cut, so that the fast runs can be told. */
  private int window(Setting setting) {
    Course ours = course(setting, Rule.ADAPTIVE);
    return ours == null ? Integer.MAX_VALUE : 4 * ours.length();
  }

  private Figure rules(Column column, String name, String title, String y, String caption) {
    List<Chart> panels = new ArrayList<>();
    for (Setting setting : protocol.figure1()) {
      Chart.Builder chart = Chart.titled(setting.title()).x("iteration").y(y).logY();
      for (Rule rule : List.of(Rule.ADAPTIVE, Rule.XU, Rule.BACKTRACKING, Rule.XU_LOCAL)) {
        Course course = course(setting, rule);
        if (course != null) {
          int window = window(setting);
          if (column == Column.LOG_LOSS) {
            band(chart, course, colour(rule), window);
          }
          chart.line(line(course, name(rule), column, false, colour(rule), window));
        }
      }
      panels.add(chart.build());
    }
    return new Figure(name, title, caption, "Figure 2", panels);
  }

  private Figure kappa() {
    Chart.Builder kappa =
        Chart.titled("Condition number of T₀").x("width h").y("κ(T₀) = σmax/σmin");
    Chart.Builder ratio = Chart.titled("α₁/α₂").x("width h").y("α₁/α₂");
    int colour = 0;
    for (Map.Entry<Double, double[][]> entry : conditioning.entrySet()) {
      String name = "p = " + entry.getKey();
      double[] x = field(entry.getValue(), Conditioning.WIDTH);
      kappa.line(Line.solid(name, x, field(entry.getValue(), Conditioning.KAPPA), colour));
      ratio.line(Line.solid(name, x, field(entry.getValue(), Conditioning.RATIO), colour));
      colour++;
    }
    return new Figure(
        "kappa",
        "Wider networks start better conditioned",
        "Left: mean condition number of T₀ at the start. It does not depend on p, which only scales both"
            + " weights; the three lines are of independent draws. Right: α₁/α₂, the theorem's bound on"
            + " its inverse square: here a smaller p is better, not worse as Appendix G.1 has it.",
        "Figure 4",
        List.of(kappa.build(), ratio.build()));
  }

  private static double[] field(double[][] rows, int index) {
    return Arrays.stream(rows).mapToDouble(row -> row[index]).toArray();
  }

  private Figure plainFigure() {
    List<Chart> panels = new ArrayList<>();
    for (Setting setting : protocol.figure5()) {
      Chart.Builder chart = Chart.titled(setting.title()).x("iteration").y("log₁₀ loss");
      Course ours = course(setting, Rule.ADAPTIVE);
      double[][] reference = plain.get(setting.label());
      if (reference != null) {
        logLine(chart, "plain, step 1/K", reference[0], reference[1], 1);
      }
      if (ours != null) {
        logLine(
            chart,
            "two layers, step (19)",
            ours.column(Column.LOG_LOSS),
            ours.column(Column.LOG_LOSS_DEVIATION),
            0);
      }
      panels.add(chart.build());
    }
    return new Figure(
        "plain",
        "Overparametrised against plain gradient descent",
        "Mean of log₁₀ loss; bands are one deviation. The step of the two layers grows by (1 + η₀^d)^½ an"
            + " iteration until it meets 1/K_t; from there the slopes can be compared, at losses far"
            + " below those of any practice, which the deviation of W from the minimum carries.",
        "Figure 5",
        panels);
  }

  /** A mean and its band on an axis of logarithms, which reach beyond the range of f64. */
  private static void logLine(
      Chart.Builder chart, String name, double[] mean, double[] deviation, int colour) {
    double[] x = new double[mean.length];
    double[] low = new double[mean.length];
    double[] high = new double[mean.length];
    for (int t = 0; t < x.length; t++) {
      x[t] = t;
      low[t] = mean[t] - deviation[t];
      high[t] = mean[t] + deviation[t];
    }
    chart.band(x, low, high, colour).line(Line.solid(name, x, mean, colour));
  }

  private Figure beyond() {
    List<Chart> panels = new ArrayList<>();
    for (boolean curvature : new boolean[] {true, false}) {
      for (Setting setting : middle()) {
        Course ours = course(setting, Rule.ADAPTIVE);
        Chart.Builder chart =
            Chart.titled(setting.title()).x("iteration").y(curvature ? "curvature" : "step size");
        if (ours != null) {
          int all = ours.length();
          if (curvature) {
            chart
                .line(line(ours, "exact along the step", Column.EXACT_K, false, 0, all))
                .line(line(ours, "K_t", Column.K, false, 1, all))
                .line(line(ours, "K̄_t", Column.K_BAR, true, 3, all));
          } else {
            chart
                .line(line(ours, "best step", Column.LOG_BEST_STEP, false, 6, all))
                .line(line(ours, "adaptive ρ", Column.LOG_STEP, false, 0, all));
          }
        }
        panels.add(chart.build());
      }
    }
    return new Figure(
        "curvature",
        "How sharp the constants are",
        "Along the adaptive run. Above: the largest exact curvature <g, H g>/<g, g> between an iterate and"
            + " the next, the local bound K_t, and the bound K̄_t known at the start. Below: the step of"
            + " (19) beside the step that lowers the loss most.",
        "",
        panels);
  }

  /** The settings of Figure 1 with the middle noise. */
  private List<Setting> middle() {
    double noise = protocol.noises().get(protocol.noises().size() / 2);
    return protocol.figure1().stream().filter(s -> s.noise() == noise).toList();
  }

  private Figure losses() {
    List<Chart> panels = new ArrayList<>();
    for (Setting setting : protocol.losses()) {
      Chart.Builder chart =
          Chart.titled(setting.title()).x("iteration").y("loss less its minimum").logY();
      int window = 0;
      for (Rule rule : List.of(Rule.EXACT, Rule.BACKTRACKING, Rule.ADAPTIVE)) {
        Course course = course(setting, rule);
        if (course != null) {
          window = Math.max(window, course.length());
          band(chart, course, colour(rule), course.length());
          chart.line(
              line(course, name(rule), Column.LOG_LOSS, false, colour(rule), course.length()));
        }
      }
      Course ours = course(setting, Rule.ADAPTIVE);
      if (ours != null) {
        chart.line(line(ours, "(20)", Column.LOG_BOUND20, true, 1, window));
        chart.line(line(ours, "(17)", Column.LOG_BOUND17, true, 3, window));
      }
      panels.add(chart.build());
    }
    return new Figure(
        "losses",
        "Other losses",
        "10 inputs, 4 outputs, 30 samples, width 500, with an L2 penalty on W where the loss has no"
            + " convexity of its own: n and m differ here, so that the corrected α₁ is at work. The"
            + " theorem's steps are safe and far from the best ones.",
        "",
        panels);
  }

  private Figure paceFigure() {
    List<Chart> panels = new ArrayList<>();
    for (boolean full : new boolean[] {true, false}) {
      Chart.Builder chart =
          Chart.titled(full ? "weights of width h" : "compressed to width n + m")
              .x("width h")
              .y("µs a step and repetition")
              .logY();
      Map<Integer, Map<Rule, Double>> pace = full ? paceFull : paceCompressed;
      for (Rule rule : Pace.RULES) {
        double[] x = pace.keySet().stream().mapToDouble(w -> w).toArray();
        double[] y = pace.values().stream().mapToDouble(of -> of.get(rule)).toArray();
        chart.line(Line.solid(name(rule), x, y, colour(rule)));
      }
      panels.add(chart.build());
    }
    return new Figure(
        "pace",
        "Wall-clock time of a step",
        "Gradient, what the rule reads, the rule and the update, all repetitions in one batch. The rules"
            + " that read spectra (the adaptive one, and Xu et al. with local ones) pay for eigenvalues of n x n"
            + " matrices; backtracking looks at the loss along a ray, which costs no product of the"
            + " width.",
        "Figure 2",
        panels);
  }

  // The result

  void write(StudyResult.Builder result, Path out) {
    result
        .data("generated as the paper says", true, 10, "")
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
      result.claim(statement(s));
    }
    for (Rule rule : COMPARED) {
      result.claim(fewerIterations(rule));
    }
    result.claim(fewerIterations(Rule.XU_LOCAL));
    result.claim(kappaFalls()).claim(ratioRises()).claim(plainApproached());
    PrintedForms.direction(List.copyOf(conditioning.values())).forEach(result::claim);
    PrintedForms.alpha1(protocol.draws(), protocol.seed()).forEach(result::claim);
    PrintedForms.kOver().forEach(result::claim);
    prose(result);
    ReportWriter.write(
        out,
        result.build(),
        series(),
        List.of(
            tightness(),
            rules(
                Column.LOG_LOSS,
                "rules",
                "Step rules compared: loss",
                "loss",
                "Mean of log₁₀ L(t), plus and minus one deviation. The adaptive step is (19) with h = ρ; Xu et al. stand with"
                    + " c₁ = 0.5, c₂ = 1.5 in place of the spectra, and, not in the paper, with the"
                    + " spectra of the iterate. Panels end at four times the adaptive run's length."),
            rules(
                Column.LOG_STEP,
                "steps",
                "Step rules compared: step size",
                "step size",
                "Geometric mean of the step over repetitions, for the runs of the figure before."),
            paceFigure(),
            beyond(),
            losses(),
            kappa(),
            plainFigure()));
  }

  private void numbers(StudyResult.Builder result) {
    for (Setting setting : protocol.figure1()) {
      for (Rule rule : protocol.rules()) {
        result.metric(
            "iterations " + setting.label() + " " + rule.label(), iterations(setting, rule));
      }
    }
    for (Setting setting : protocol.losses()) {
      for (Rule rule : protocol.lossRules()) {
        result.metric(
            "iterations " + setting.label() + " " + rule.label(), iterations(setting, rule));
      }
    }
    List<Setting> all = new ArrayList<>(protocol.figure1());
    all.addAll(protocol.losses());
    all.addAll(protocol.figure5());
    for (Setting setting : all) {
      Course course = course(setting, Rule.ADAPTIVE);
      for (Start start : Start.values()) {
        result.metric(
            start.title + " " + setting.label(), course == null ? Double.NaN : course.start(start));
      }
    }
    for (Setting setting : protocol.figure5()) {
      result.metric("rateGap " + setting.label(), rateGap(setting));
    }
    paceFull.forEach(
        (width, by) ->
            by.forEach(
                (rule, micros) ->
                    result.metric("microseconds h" + width + " full " + rule.label(), micros)));
    paceCompressed.forEach(
        (width, by) ->
            by.forEach(
                (rule, micros) ->
                    result.metric(
                        "microseconds h" + width + " compressed " + rule.label(), micros)));
    long runs = ordered().stream().mapToLong(c -> c.reached.length).sum();
    long iterates = ordered().stream().mapToLong(c -> (long) c.reached.length * c.length()).sum();
    result.metric("runs", runs);
    result.metric("iterates", iterates);
    result.fact("runs", String.format(Locale.ROOT, "%,d", runs), "in batches of all repetitions");
    result.fact(
        "iterates", String.format(Locale.ROOT, "%,d", iterates), "with all constants at each");
    Claim rate = statement(Statement.RATE);
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
    StringBuilder table = new StringBuilder("Mean iterations to a loss of 10⁻¹⁰: ");
    for (Setting setting : protocol.figure1()) {
      table.append(setting.title()).append(": ");
      for (Rule rule : protocol.rules()) {
        table.append(
            String.format(Locale.ROOT, "%s %.1f, ", name(rule), iterations(setting, rule)));
      }
      table.setLength(table.length() - 2);
      table.append("; ");
    }
    table.setLength(table.length() - 2);
    result.prose(table.append('.').toString());
    result.prose(
        "The paper compares its rule with one backtracking search, τ = 0.1 and γ = 0.9, whose steps are"
            + " powers of ten and rather short. Two references of ours stand beside it: backtracking with"
            + " τ = γ = 0.5 takes fewer iterations than the adaptive rule in "
            + protocol.figure1().stream()
                .filter(s -> iterations(s, Rule.BACKTRACKING_HALF) < iterations(s, Rule.ADAPTIVE))
                .count()
            + " of "
            + protocol.figure1().size()
            + " settings, and the best step of each iterate in "
            + protocol.figure1().stream()
                .filter(s -> iterations(s, Rule.EXACT) < iterations(s, Rule.ADAPTIVE))
                .count()
            + ". The σ² of the nine settings are ours: the paper does not tell its own.");
  }
}
