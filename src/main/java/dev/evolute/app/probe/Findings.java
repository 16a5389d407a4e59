package dev.evolute.app.probe;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.ReportWriter;
import dev.evolute.app.report.SeriesTable;
import dev.evolute.app.report.StudyResult;
import dev.evolute.spectral.Estimate;
import dev.evolute.spectral.SpectralDensity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a probe has found so far, and how it is told. */
final class Findings {
  /** Fewer eigenvalues than this share of one, at the top of its bump, are not drawn. */
  private static final double LEAST_SHOWN = 0.01;

  private final ProbeSettings settings;
  private final Subject subject;

  boolean partial;
  double seconds;

  /** What the executors are; null where it is this process that computes. */
  String engine;

  double loss = Double.NaN;
  double gradientNorm = Double.NaN;

  final Spectrum spectrum = new Spectrum();

  /** Null, as what follows, until it is there. */
  SpectralDensity density;

  Estimate trace;
  Estimate frobeniusNorm;

  Findings(ProbeSettings settings, Subject subject) {
    this.settings = settings;
    this.subject = subject;
  }

  void write() {
    List<Figure> figures = figures();
    if (settings.out() != null) {
      ReportWriter.write(settings.out(), result(figures), series(), figures);
    }
    if (settings.json() != null) {
      List<Figure> written = settings.out() == null ? List.of() : figures;
      ReportWriter.writeSummary(settings.json(), result(written), written);
    }
  }

  /** A few lines for the terminal. */
  String text() {
    StringBuilder text = new StringBuilder();
    line(text, "loss", "%.6g", loss);
    line(text, "over", "%s", subject.over());
    if (spectrum.ends != null) {
      line(text, "lambda_max", "%s", Spectrum.interval(spectrum.ends.max()));
      line(text, "lambda_min", "%s", Spectrum.interval(spectrum.ends.min()));
    }
    estimate(text, "trace", trace);
    estimate(text, "Frobenius norm", frobeniusNorm);
    for (int i = 0; spectrum.blocks != null && i < spectrum.blocks.layers().size(); i++) {
      Ends layer = spectrum.blocks.diagonal().get(i);
      String name = "layer " + spectrum.blocks.layers().get(i);
      line(text, name, "%.6g to %.6g", layer.min().value(), layer.max().value());
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String form, Object... values) {
    text.append(String.format(Locale.ROOT, "%-16s", name));
    text.append(String.format(Locale.ROOT, form, values)).append(System.lineSeparator());
  }

  private static void estimate(StringBuilder text, String name, Estimate of) {
    if (of != null) {
      line(text, name, "%.6g +- %.2g (standard error)", of.value(), of.standardError());
    }
  }

  private StudyResult result(List<Figure> figures) {
    StudyResult.Builder result =
        subject
            .result("probe")
            .partial(partial)
            .setting("tolerance", Probe.TOLERANCE)
            .setting("densityProbes", Probe.DENSITY_PROBES)
            .setting("densitySteps", Probe.DENSITY_STEPS)
            .setting("estimateProducts", Probe.ESTIMATE_PRODUCTS)
            .seconds(seconds)
            .title("The Hessian of " + subject.model().network())
            .answer(spectrum.answer())
            .prose(
                "Each value at an end is a Rayleigh quotient; the interval around it, as wide as"
                    + " its residual and rounding allow, contains an eigenvalue."
                    + spectrum.beyond());
    if (engine != null) {
      result.setting("engine", engine);
    }
    result.metric("parameters", subject.model().network().size()).metric("loss", loss);
    result.metric("gradientNorm", gradientNorm);
    spectrum.endsInto(result);
    if (density != null) {
      result.metric("densityProducts", density.products());
      SpectralDensity.Curve curve = density.curve();
      Map<String, Object> object = new LinkedHashMap<>();
      object.put("bandwidth", curve.bandwidth());
      object.put("at", Spectrum.list(curve.at()));
      object.put("density", Spectrum.list(curve.density()));
      object.put("standardError", Spectrum.list(curve.standardError()));
      result.more("density", object);
    }
    estimate(result, "trace", "Trace", trace);
    estimate(result, "frobeniusNorm", "Frobenius norm", frobeniusNorm);
    spectrum.layersInto(result);
    return result.build();
  }

  private static void estimate(StudyResult.Builder result, String key, String title, Estimate of) {
    if (of != null) {
      result.metric(key, of.value());
      result.metric(key + "StandardError", of.standardError());
      result.metric(key + "Products", of.products());
      String error = "standard error " + Spectrum.four(of.standardError());
      result.fact(title, Spectrum.four(of.value()), error);
    }
  }

  private SeriesTable series() {
    SeriesTable table = new SeriesTable("eigenvalue", "density", "standardError");
    if (density != null) {
      SpectralDensity.Curve curve = density.curve();
      for (int i = 0; i < curve.at().length; i++) {
        table.row(curve.at()[i], curve.density()[i], curve.standardError()[i]);
      }
    }
    return table;
  }

  private List<Figure> figures() {
    List<Figure> figures = new ArrayList<>();
    if (density != null) {
      figures.add(densityFigure());
    }
    figures.addAll(spectrum.figures());
    return figures;
  }

  private Figure densityFigure() {
    SpectralDensity.Curve curve = density.curve();
    double all = density.size();
    // The top of the bump that a single eigenvalue makes.
    double one = 1 / (curve.bandwidth() * Math.sqrt(2 * Math.PI));
    int n = curve.at().length;
    double[] count = new double[n];
    double[] low = new double[n];
    double[] high = new double[n];
    for (int i = 0; i < n; i++) {
      double floor = LEAST_SHOWN * one;
      double value = all * curve.density()[i];
      double error = all * curve.standardError()[i];
      count[i] = value >= floor ? value : Double.NaN;
      low[i] = value >= floor ? Math.max(floor, value - error) : Double.NaN;
      high[i] = value >= floor ? value + error : Double.NaN;
    }
    double least = spectrum.ends.min().value();
    double most = spectrum.ends.max().value();
    Chart chart =
        Chart.titled("")
            .x("eigenvalue λ")
            .y("eigenvalues per unit of λ")
            .logY()
            .line(Line.solid("density", curve.at(), count, 0))
            .band(curve.at(), low, high, 0)
            .vertical(least, "smallest " + Spectrum.four(least))
            .vertical(most, "largest " + Spectrum.four(most))
            .build();
    return new Figure(
        "density",
        "Spectral density",
        String.format(
            Locale.ROOT,
            "Stochastic Lanczos quadrature, %d probes of %d steps, smoothed by Gaussians of"
                + " deviation %.3g; the band is one standard error.",
            density.probes().size(),
            density.steps(),
            curve.bandwidth()),
        "",
        List.of(chart));
  }
}
