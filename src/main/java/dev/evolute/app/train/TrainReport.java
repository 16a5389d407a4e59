package dev.evolute.app.train;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.Numbers;
import dev.evolute.app.report.ReportWriter;
import dev.evolute.app.report.SeriesTable;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.Machine;
import dev.evolute.app.train.Records.Column;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a training run leaves behind for people and programs. */
final class TrainReport {
  /** Of the largest over the smallest value, where an axis is logarithmic. */
  private static final double LOGARITHMIC = 10;

  private final Training run;
  private final Records records;
  private final boolean partial;

  TrainReport(Training run, boolean partial) {
    this.run = run;
    this.records = run.records;
    this.partial = partial;
  }

  /** One sentence that says what came out. */
  String sentence() {
    double loss = records.last(Column.LOSS);
    if (Double.isNaN(loss)) {
      return "Interrupted before the first loss was recorded.";
    }
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "After %s %s has a training loss of %.4g on %s",
                steps(),
                run.settings.model(),
                loss,
                run.corpus.name()));
    double held = records.last(Column.VALIDATION_LOSS);
    if (!Double.isNaN(held)) {
      text.append(String.format(Locale.ROOT, ", and of %.4g on held-out samples", held));
    }
    double accuracy = records.last(Column.VALIDATION_ACCURACY);
    if (!Double.isNaN(accuracy)) {
      text.append(String.format(Locale.ROOT, " with %.1f %% of them right", 100 * accuracy));
    }
    return text.append('.').toString();
  }

  private String steps() {
    boolean early = !partial && run.step < run.steps;
    return early
        ? String.format(
            Locale.ROOT,
            "%s minutes and %,d of %,d steps",
            Numbers.text(run.settings.minutes()),
            run.step,
            run.steps)
        : String.format(Locale.ROOT, "%,d steps", run.step);
  }

  /** Writes everything into the output folder. */
  void write() {
    ReportWriter.write(run.settings.out(), result(), series(), figures());
  }

  private SeriesTable series() {
    SeriesTable table = new SeriesTable(Arrays.stream(Column.values()).map(Column::title).toList());
    for (double[] row : records.rows()) {
      Object[] cells = Arrays.stream(row).boxed().toArray();
      cells[Column.STEP.ordinal()] = (long) row[Column.STEP.ordinal()];
      table.row(cells);
    }
    return table;
  }

  private StudyResult result() {
    TrainSettings settings = run.settings;
    StudyResult.Builder result =
        StudyResult.of("train")
            .quick(settings.quick())
            .partial(partial)
            .seed(settings.seed())
            .machine(Machine.here().summary(settings.device(), settings.threads()))
            .data(
                run.corpus.name(),
                run.corpus.real(),
                run.corpus.train().count() + run.corpus.validation().count(),
                run.corpus.sha256())
            .seconds(run.seconds)
            .title("Training " + settings.model() + " on " + run.corpus.name())
            .answer(sentence())
            .command(settings.command());
    run.settings().forEach(result::setting);
    result.setting("network", run.model.network().toString());
    result.setting("parameters", run.model.network().size());
    double rate = meanRate();
    result
        .metric("steps", run.step)
        .metric("lossFinal", records.last(Column.LOSS))
        .metric("validationLossFinal", records.last(Column.VALIDATION_LOSS))
        .metric("validationAccuracyFinal", records.last(Column.VALIDATION_ACCURACY))
        .metric(run.corpus.unit() + "PerSecond", rate);
    result.fact("training loss", number(records.last(Column.LOSS)), "mean of the last steps");
    result.fact(
        "validation loss",
        number(records.last(Column.VALIDATION_LOSS)),
        "on held-out samples, at the last evaluation");
    if (run.corpus.classified()) {
      result.fact(
          "validation accuracy",
          percent(records.last(Column.VALIDATION_ACCURACY)),
          "share of held-out samples");
    }
    result.fact(
        "throughput",
        String.format(Locale.ROOT, "%,.0f %s/s", rate, run.corpus.unit()),
        "median over the run, without evaluation and probes");
    if (run.session != null) {
      result.fact(
          "shards",
          String.valueOf(run.session.shards()),
          run.session.description()
              + "; each draws its part of every batch from samples of its own, which are other"
              + " batches than one process draws");
    }
    result.metric("evaluationShare", run.evaluationSeconds / run.seconds);
    if (run.sharpness != null) {
      result.metric("probes", run.sharpness.probes);
      result.metric("probeProducts", run.sharpness.products);
      result.metric("probeShare", run.probeSeconds / run.seconds);
      result.fact(
          "share of tracking",
          percent(run.probeSeconds / run.seconds),
          String.format(
              Locale.ROOT,
              "of the run's time, for λmax at %,d steps by %,d Hessian-vector products",
              run.sharpness.probes,
              run.sharpness.products));
      result.metric("lambdaMaxFinal", records.last(Column.LAMBDA_MAX));
      result.fact(
          "λmax",
          number(records.last(Column.LAMBDA_MAX)),
          "largest eigenvalue of the Hessian at the last probe");
    }
    return result.build();
  }

  /** The median rate of the recorded stretches. */
  private double meanRate() {
    double[] rates =
        Arrays.stream(records.column(Column.RATE)).filter(r -> !Double.isNaN(r)).sorted().toArray();
    return rates.length == 0 ? Double.NaN : rates[rates.length / 2];
  }

  private List<Figure> figures() {
    Chart loss =
        panel("Loss", "mean loss")
            .line(line("training", Column.LOSS, 0))
            .line(line("validation", Column.VALIDATION_LOSS, 1))
            .build();
    List<Chart> left = new ArrayList<>(List.of(loss));
    if (run.corpus.classified()) {
      left.add(
          panel("Accuracy", "share of held-out samples")
              .line(line("validation", Column.VALIDATION_ACCURACY, 1))
              .build());
    }
    List<Figure> figures = new ArrayList<>();
    figures.add(
        new Figure(
            "loss",
            "Loss along the run",
            "Training loss, each point the mean over the steps since the one before, and the loss"
                + " on held-out samples.",
            "",
            left));
    figures.add(
        new Figure(
            "pace",
            "Step size and throughput",
            "The step size of each recorded step, and throughput, evaluation and"
                + " probes left out.",
            "",
            List.of(
                panel("Step size", "η").line(line("η", Column.ETA, 0)).build(),
                panel("Throughput", run.corpus.unit() + " per second")
                    .line(line("throughput", Column.RATE, 0))
                    .build())));
    if (run.sharpness != null) {
      figures.add(
          new Figure(
              "sharpness",
              "Largest eigenvalue of the Hessian",
              "λmax of the mean loss over "
                  + run.settings.tracking().samples()
                  + " training samples, and how far it may lie above the value found: followed from"
                  + " probe to probe by exact Hessian-vector products and, where it has moved too"
                  + " far, found anew from a random vector.",
              "",
              List.of(
                  sharpness()
                      .line(line("λmax", Column.LAMBDA_MAX, 0))
                      .line(dashed("at least", Column.LAMBDA_MAX_LOWER))
                      .line(dashed("at most", Column.LAMBDA_MAX_UPPER))
                      .build())));
    }
    return figures;
  }

  /** Falls by orders of magnitude are seen on a logarithmic axis only. */
  private Chart.Builder sharpness() {
    double[] values = measured(Column.LAMBDA_MAX)[1];
    double least = Arrays.stream(values).min().orElse(0);
    double most = Arrays.stream(values).max().orElse(0);
    Chart.Builder panel = panel("Sharpness", "λmax");
    return least > 0 && most > LOGARITHMIC * least ? panel.logY() : panel;
  }

  private static Chart.Builder panel(String title, String y) {
    return Chart.titled(title).x("step").y(y);
  }

  private Line line(String name, Column column, int colour) {
    double[][] xy = measured(column);
    return Line.solid(name, xy[0], xy[1], colour);
  }

  private Line dashed(String name, Column column) {
    double[][] xy = measured(column);
    return Line.dashed(name, xy[0], xy[1], 1);
  }

  /** Steps and values of the rows where a column was measured. */
  private double[][] measured(Column column) {
    double[][] rows =
        records.rows().stream()
            .filter(row -> !Double.isNaN(row[column.ordinal()]))
            .toArray(double[][]::new);
    return new double[][] {
      Arrays.stream(rows).mapToDouble(row -> row[Column.STEP.ordinal()]).toArray(),
      Arrays.stream(rows).mapToDouble(row -> row[column.ordinal()]).toArray()
    };
  }

  private static String number(double value) {
    return Numbers.significant(value, 4);
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? "none" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
