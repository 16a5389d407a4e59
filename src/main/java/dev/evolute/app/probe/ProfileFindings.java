package dev.evolute.app.probe;

import dev.evolute.app.profile.KernelTable;
import dev.evolute.app.profile.Roofline;
import dev.evolute.app.profile.Timeline;
import dev.evolute.app.profile.Trace;
import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.Numbers;
import dev.evolute.app.report.ReportWriter;
import dev.evolute.app.report.SeriesTable;
import dev.evolute.app.report.StudyResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a profile has found so far, and how it is told. */
final class ProfileFindings {
  /** The file of the timeline. */
  static final String TRACE = "trace.json";

  /** Kernels that a picture has room for. */
  private static final int DRAWN = 8;

  private final ProbeSettings settings;
  private final Subject subject;

  boolean partial;
  double seconds;
  double loss = Double.NaN;

  final Spectrum spectrum = new Spectrum();

  /** Null, as what follows, until it is there. */
  Roofline roofline;

  Pace product;
  Pace gradient;
  Timeline timeline;

  ProfileFindings(ProbeSettings settings, Subject subject) {
    this.settings = settings;
    this.subject = subject;
  }

  private List<KernelTable.Row> kernels() {
    return timeline == null ? List.of() : KernelTable.byKernel(timeline);
  }

  void write() {
    List<Figure> figures = figures();
    if (settings.out() != null) {
      ReportWriter.write(settings.out(), result(figures), series(), figures);
      if (timeline != null) {
        ReportWriter.writeText(settings.out(), TRACE, Trace.json(timeline, settings.device()));
      }
    }
    if (settings.json() != null) {
      List<Figure> written = settings.out() == null ? List.of() : figures;
      ReportWriter.writeSummary(settings.json(), result(written), written);
    }
  }

  /** A few lines for the terminal, and one a kernel. */
  String text() {
    StringBuilder text = new StringBuilder();
    if (spectrum.ends != null) {
      line(text, "%-24s%s", "lambda_max", Spectrum.interval(spectrum.ends.max()));
    }
    pace(text, Profile.PRODUCT, product);
    pace(text, Profile.GRADIENT, gradient);
    if (roofline != null) {
      line(
          text,
          "%-24s%.4g GFLOP/s in multiply-adds, %.4g GB/s copied",
          "the device",
          1e-9 * roofline.flops(),
          1e-9 * roofline.bytes());
    }
    List<KernelTable.Row> rows = kernels();
    if (rows.isEmpty()) {
      return text.toString();
    }
    double all = rows.stream().mapToDouble(KernelTable.Row::seconds).sum();
    line(text, "");
    line(
        text,
        "%-30s%8s%12s%8s%10s%10s%10s",
        "kernel",
        "calls",
        "time",
        "share",
        "GFLOP/s",
        "GB/s",
        "of roof");
    for (KernelTable.Row row : rows) {
      line(
          text,
          "%-30s%8d%12s%7.1f%%%10s%10.3g%9.0f%%",
          row.name(),
          row.calls(),
          Probe.duration(row.seconds()),
          100 * row.seconds() / all,
          row.flops() == 0 ? "-" : String.format(Locale.ROOT, "%.3g", rate(row.flops(), row)),
          rate(row.bytes(), row),
          100 * row.ofRoofline(roofline));
    }
    return text.toString();
  }

  /** In thousands of millions a second. */
  private static double rate(double amount, KernelTable.Row row) {
    return 1e-9 * amount / row.seconds();
  }

  private static void pace(StringBuilder text, String name, Pace pace) {
    if (pace != null) {
      line(text, "%-24s%s", name, perSecond(pace) + " a second, " + each(pace));
    }
  }

  private static String perSecond(Pace pace) {
    return String.format(Locale.ROOT, "%.4g", 1 / pace.seconds());
  }

  private static String each(Pace pace) {
    String launches =
        pace.launches() == 0
            ? ""
            : pace.launches() == 1 ? " and one launch" : " and " + pace.launches() + " launches";
    return String.format(Locale.ROOT, "%.4g ms", 1e3 * pace.seconds()) + launches + " each";
  }

  private static void line(StringBuilder text, String form, Object... values) {
    text.append(String.format(Locale.ROOT, form, values)).append(System.lineSeparator());
  }

  private StudyResult result(List<Figure> figures) {
    StudyResult.Builder result =
        subject
            .result("profile")
            .partial(partial)
            .setting("tolerance", Probe.TOLERANCE)
            .seconds(seconds)
            .title("Products with the Hessian of " + subject.model().network())
            .answer(answer());
    result.metric("parameters", subject.model().network().size()).metric("loss", loss);
    spectrum.endsInto(result);
    pace(result, "product", "Products a second", product);
    pace(result, "gradient", "Gradients a second", gradient);
    if (roofline != null) {
      result.metric("peakFlops", roofline.flops());
      result.metric("copyBytesPerSecond", roofline.bytes());
      result.metric("emptyCallSeconds", roofline.emptyCall());
      result.prose(
          String.format(
              Locale.ROOT,
              "The device does %s GFLOP/s in fused multiply-adds on registers and copies %s GB/s"
                  + " between vectors that no cache holds, both measured here. Kernels are timed"
                  + " one by one, each waited for; a call with nothing to do takes %s"
                  + " microseconds, which is part of each. Bytes are those of a kernel's operands,"
                  + " each counted once: where they are in a cache, their rate may pass that of the"
                  + " copy. The timeline is in %s, for Perfetto or Chrome.",
              Spectrum.four(1e-9 * roofline.flops()),
              Spectrum.four(1e-9 * roofline.bytes()),
              Numbers.fixed(1e6 * roofline.emptyCall(), 2),
              TRACE));
    }
    spectrum.layersInto(result);
    List<Object> list = new ArrayList<>();
    for (KernelTable.Row row : kernels()) {
      Map<String, Object> object = new LinkedHashMap<>();
      object.put("kernel", row.name());
      object.put("calls", row.calls());
      object.put("seconds", row.seconds());
      object.put("flops", row.flops());
      object.put("bytes", row.bytes());
      object.put("launches", row.launches());
      object.put("ofRoofline", row.ofRoofline(roofline));
      list.add(object);
    }
    result.more("kernels", list);
    return result.build();
  }

  private String answer() {
    return product == null
        ? "The profile was ended before a product was timed."
        : "A product with the Hessian takes "
            + each(product)
            + (spectrum.ends == null
                ? "."
                : "; its largest eigenvalue is " + Spectrum.interval(spectrum.ends.max()) + ".");
  }

  private static void pace(StudyResult.Builder result, String key, String title, Pace pace) {
    if (pace != null) {
      result.metric(key + "Seconds", pace.seconds());
      result.metric(key + "sPerSecond", 1 / pace.seconds());
      result.metric(key + "Launches", pace.launches());
      result.fact(title, perSecond(pace), each(pace));
    }
  }

  private SeriesTable series() {
    SeriesTable table =
        new SeriesTable("kernel", "calls", "seconds", "flops", "bytes", "launches", "ofRoofline");
    if (timeline != null) {
      for (KernelTable.Row row : KernelTable.byShape(timeline)) {
        table.row(
            row.name(),
            row.calls(),
            row.seconds(),
            row.flops(),
            row.bytes(),
            row.launches(),
            row.ofRoofline(roofline));
      }
    }
    return table;
  }

  private List<Figure> figures() {
    List<Figure> figures = new ArrayList<>(spectrum.figures());
    List<KernelTable.Row> rows = kernels();
    if (!rows.isEmpty()) {
      figures.add(timeFigure(rows.subList(0, Math.min(DRAWN, rows.size()))));
      figures.add(rooflineFigure(rows));
    }
    return figures;
  }

  private Figure timeFigure(List<KernelTable.Row> rows) {
    long passes = timeline.phases().stream().filter(p -> p.name().equals(Profile.PRODUCT)).count();
    double[] at = new double[rows.size()];
    double[] spent = new double[rows.size()];
    double[] least = new double[rows.size()];
    for (int i = 0; i < at.length; i++) {
      KernelTable.Row row = rows.get(i);
      at[i] = i;
      spent[i] = 1e3 * row.seconds() / passes;
      least[i] = 1e3 * roofline.seconds(row.flops(), row.bytes()) / passes;
    }
    Chart chart =
        Chart.titled("")
            .places(rows.stream().map(KernelTable.Row::name).toList())
            .x("kernel")
            .y("milliseconds")
            .logY()
            .line(Line.points("measured", at, spent, 1))
            .line(Line.points("least, by the roofline", at, least, 0))
            .build();
    return new Figure(
        "kernels",
        "Time of the kernels in one gradient and one product",
        "All calls of a kernel together, and the least that arithmetic and memory would let them"
            + " take; operands in a cache can be faster than that.",
        "",
        List.of(chart));
  }

  /** Each kernel by what it does with a byte; those that count no flops stand at the left. */
  private Figure rooflineFigure(List<KernelTable.Row> rows) {
    double ridge = roofline.flops() / roofline.bytes();
    List<KernelTable.Row> counted = rows.stream().filter(row -> row.flops() > 0).toList();
    double low = ridge / 16;
    double high = ridge * 16;
    for (KernelTable.Row row : counted) {
      low = Math.min(low, row.flops() / row.bytes() / 2);
      high = Math.max(high, row.flops() / row.bytes() * 2);
    }
    double[] x = {low, ridge, high};
    double[] roof = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      roof[i] = 1e-9 * roofline.attainable(x[i]);
    }
    Chart.Builder chart =
        Chart.titled("")
            .x("floating-point operations a byte")
            .y("GFLOP/s")
            .logX()
            .logY()
            .line(Line.solid("roofline", x, roof, 0));
    for (int i = 0; i < counted.size(); i++) {
      KernelTable.Row row = counted.get(i);
      double[] intensity = {row.flops() / row.bytes()};
      double[] reached = {rate(row.flops(), row)};
      chart.line(Line.points(row.name(), intensity, reached, i + 1));
    }
    return new Figure(
        "roofline",
        "Products beside the roofline",
        "All calls of a kernel together. The roofline is what memory (rising) and arithmetic (flat)"
            + " allow; kernels that multiply no matrices are bound by memory and not shown.",
        "",
        List.of(chart.build()));
  }
}
