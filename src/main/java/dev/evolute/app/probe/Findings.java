package dev.evolute.app.probe;

import dev.evolute.app.data.Images;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.HeatMap;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.ReportWriter;
import dev.evolute.app.report.SeriesTable;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.Machine;
import dev.evolute.autodiff.curvature.BlockNorms;
import dev.evolute.kernels.DType;
import dev.evolute.spectral.Eigenpair;
import dev.evolute.spectral.Estimate;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.SpectralDensity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What a probe has found so far, and how it is told. */
final class Findings {
  /** Fewer eigenvalues than this share of one, at the top of its bump, are not drawn. */
  private static final double LEAST_SHOWN = 0.01;

  /** That an extreme eigenvalue lies beyond what is said of it. */
  private static final double RISK = 0.01;

  private final ProbeSettings settings;
  private final NamedModel model;
  private final Images data;
  private final int samples;
  private final DType dtype;

  boolean partial;
  double seconds;
  double loss = Double.NaN;
  double gradientNorm = Double.NaN;

  /** Null, as what follows, until it is there. */
  Extremes ends;

  SpectralDensity density;
  Estimate trace;
  Estimate frobeniusNorm;
  List<String> layers;
  BlockNorms blocks;

  Findings(ProbeSettings settings, NamedModel model, Images data, int samples, DType dtype) {
    this.settings = settings;
    this.model = model;
    this.data = data;
    this.samples = samples;
    this.dtype = dtype;
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
    if (ends != null) {
      line(text, "lambda_max", "%s", interval(ends.max()));
      line(text, "lambda_min", "%s", interval(ends.min()));
    }
    estimate(text, "trace", trace);
    estimate(text, "Frobenius norm", frobeniusNorm);
    for (int i = 0; blocks != null && i < layers.size(); i++) {
      Extremes layer = blocks.diagonal().get(i);
      line(
          text, "layer " + layers.get(i), "%.6g to %.6g", layer.min().value(), layer.max().value());
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

  /** The value and the half width of an interval that holds an eigenvalue. */
  private static String interval(Eigenpair pair) {
    return String.format(
        Locale.ROOT,
        "%.7g +- %.2g%s",
        pair.value(),
        halfWidth(pair),
        pair.converged() ? "" : " (not converged)");
  }

  private StudyResult result(List<Figure> figures) {
    StudyResult.Builder result =
        StudyResult.of("probe")
            .partial(partial)
            .seed(settings.seed())
            .machine(Machine.here().summary(settings.device(), settings.threads()))
            .setting("model", model.name())
            .setting("network", model.network().toString())
            .setting("loss", "mean softmax cross-entropy")
            .setting(
                "weights", settings.weights() == null ? "random" : settings.weights().toString())
            .setting("precision", dtype.name().toLowerCase(Locale.ROOT))
            .setting("tolerance", Probe.TOLERANCE)
            .setting("densityProbes", Probe.DENSITY_PROBES)
            .setting("densitySteps", Probe.DENSITY_STEPS)
            .setting("estimateProducts", Probe.ESTIMATE_PRODUCTS)
            .data(data.name(), data.real(), samples, data.sha256())
            .seconds(seconds)
            .title("The Hessian of " + model.network())
            .answer(answer())
            .prose(
                "Each value at an end is a Rayleigh quotient; the interval around it, as wide as"
                    + " its residual and rounding allow, contains an eigenvalue."
                    + beyond())
            .command(settings.command());
    result.metric("parameters", model.network().size()).metric("loss", loss);
    result.metric("gradientNorm", gradientNorm);
    if (ends != null) {
      end(result, "lambdaMax", ends.max());
      end(result, "lambdaMin", ends.min());
      result.metric("endsProducts", ends.products());
      result.fact("Largest eigenvalue", four(ends.max().value()), width(ends.max()));
      result.fact("Smallest eigenvalue", four(ends.min().value()), width(ends.min()));
    }
    if (density != null) {
      result.metric("densityProducts", density.products());
      SpectralDensity.Curve curve = density.curve();
      Map<String, Object> object = new LinkedHashMap<>();
      object.put("bandwidth", curve.bandwidth());
      object.put("at", list(curve.at()));
      object.put("density", list(curve.density()));
      object.put("standardError", list(curve.standardError()));
      result.more("density", object);
    }
    estimate(result, "trace", "Trace", trace);
    estimate(result, "frobeniusNorm", "Frobenius norm", frobeniusNorm);
    if (blocks != null) {
      Map<String, Object> object = new LinkedHashMap<>();
      List<Object> minima = new ArrayList<>();
      List<Object> maxima = new ArrayList<>();
      for (int i = 0; i < layers.size(); i++) {
        Extremes layer = blocks.diagonal().get(i);
        result.metric("lambdaMax_" + layers.get(i), layer.max().value());
        result.metric("lambdaMin_" + layers.get(i), layer.min().value());
        minima.add(layer.min().value());
        maxima.add(layer.max().value());
      }
      result.metric("blockProducts", blocks.products());
      object.put("names", layers);
      object.put("lambdaMin", minima);
      object.put("lambdaMax", maxima);
      object.put("norms", Arrays.stream(blocks.values()).map(Findings::list).toList());
      result.more("layers", object);
    }
    return result.build();
  }

  private String answer() {
    return ends == null
        ? "The run was ended before the ends of the spectrum were found."
        : String.format(
            Locale.ROOT,
            "Eigenvalues reach from %.5g to %.5g%s.",
            ends.min().value(),
            ends.max().value(),
            ends.converged() ? "" : ", which have not converged");
  }

  /** How likely it is that those intervals are not round the extreme eigenvalues. */
  private String beyond() {
    return ends == null || ends.min().extreme() == null || ends.max().extreme() == null
        ? ""
        : String.format(
            Locale.ROOT,
            " That an eigenvalue lies below %s has a probability of %s at most, and so has one"
                + " above %s.",
            minus("%.7g", ends.min().extreme().at(RISK)),
            RISK,
            minus("%.7g", ends.max().extreme().at(RISK)));
  }

  private static void end(StudyResult.Builder result, String name, Eigenpair pair) {
    if (pair.extreme() != null) {
      result.metric(name + "Bound", pair.extreme().at(RISK));
    }
    result.metric(name, pair.value());
    result.metric(name + "Lower", pair.lower());
    result.metric(name + "Upper", pair.upper());
    result.metric(name + "Residual", pair.residual());
  }

  private static void estimate(StudyResult.Builder result, String key, String title, Estimate of) {
    if (of != null) {
      result.metric(key, of.value());
      result.metric(key + "StandardError", of.standardError());
      result.metric(key + "Products", of.products());
      result.fact(title, four(of.value()), "standard error " + four(of.standardError()));
    }
  }

  private static String width(Eigenpair pair) {
    return "within " + four(halfWidth(pair));
  }

  private static String four(double value) {
    return minus("%.4g", value);
  }

  private static String minus(String form, double value) {
    return String.format(Locale.ROOT, form, value).replace('-', '−');
  }

  private static List<Double> list(double[] values) {
    return Arrays.stream(values).boxed().toList();
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
    if (blocks != null) {
      figures.add(endsFigure());
      figures.add(
          new Figure(
              "blocks",
              "Spectral norms of the Hessian's blocks",
              "How strongly the gradient in one layer's parameters answers to a change of"
                  + " another's; darker is larger, on a logarithmic scale.",
              "",
              List.of(),
              new HeatMap(layers, blocks.values())));
    }
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
    Chart chart =
        Chart.titled("")
            .x("eigenvalue λ")
            .y("eigenvalues per unit of λ")
            .logY()
            .line(Line.solid("density", curve.at(), count, 0))
            .band(curve.at(), low, high, 0)
            .vertical(ends.min().value(), "smallest " + four(ends.min().value()))
            .vertical(ends.max().value(), "largest " + four(ends.max().value()))
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

  /** Both ends of the whole and of each layer, and how wide the interval of each is. */
  private Figure endsFigure() {
    List<Extremes> all = new ArrayList<>(List.of(ends));
    all.addAll(blocks.diagonal());
    List<Eigenpair> maxima = all.stream().map(Extremes::max).toList();
    List<Eigenpair> minima = all.stream().map(Extremes::min).toList();
    List<String> places = new ArrayList<>(List.of("whole"));
    places.addAll(layers);
    Chart.Builder values = Chart.titled("").places(places).x("layer").y("eigenvalue λ");
    Chart.Builder widths =
        Chart.titled("").places(places).x("layer").y("half width of its interval").logY();
    values.line(steps("largest", maxima, Eigenpair::value, 1));
    values.line(steps("smallest", minima, Eigenpair::value, 0));
    widths.line(steps("largest", maxima, Findings::halfWidth, 1));
    widths.line(steps("smallest", minima, Findings::halfWidth, 0));
    return new Figure(
        "ends",
        "Both ends and their intervals, of the whole and of each layer",
        "Left the largest and the smallest eigenvalue of the Hessian and of its diagonal block in"
            + " each layer; right half the width of the interval around each, which contains an"
            + " eigenvalue.",
        "",
        List.of(values.build(), widths.build()));
  }

  private static double halfWidth(Eigenpair pair) {
    return pair.residual() + pair.noise();
  }

  /** A level piece for each. */
  private static Line steps(
      String name, List<Eigenpair> pairs, ToDoubleFunction<Eigenpair> height, int colour) {
    int n = pairs.size();
    double[] x = new double[3 * n];
    double[] y = new double[3 * n];
    for (int i = 0; i < n; i++) {
      x[3 * i] = i - 0.3;
      x[3 * i + 1] = i + 0.3;
      y[3 * i] = height.applyAsDouble(pairs.get(i));
      y[3 * i + 1] = y[3 * i];
      // A point that cannot be drawn parts one piece from the next.
      x[3 * i + 2] = i + 0.3;
      y[3 * i + 2] = Double.NaN;
    }
    return Line.solid(name, x, y, colour);
  }
}
