package dev.evolute.app.probe;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.HeatMap;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.Numbers;
import dev.evolute.app.report.StudyResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The ends of a Hessian's spectrum and the norms of its blocks, layer by layer. */
final class Spectrum {
  /** Null, as what follows, until it is there. */
  Ends ends;

  Blocks blocks;

  /** The value and the half width of an interval that holds an eigenvalue. */
  static String interval(End pair) {
    return String.format(
        Locale.ROOT,
        "%.7g +- %.2g%s",
        pair.value(),
        pair.halfWidth(),
        pair.converged() ? "" : " (not converged)");
  }

  String answer() {
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
  String beyond() {
    return ends == null || Double.isNaN(ends.min().bound() + ends.max().bound())
        ? ""
        : String.format(
            Locale.ROOT,
            " That an eigenvalue lies below %s has a probability of %s at most, and so has one"
                + " above %s.",
            Numbers.significant(ends.min().bound(), 7),
            End.RISK,
            Numbers.significant(ends.max().bound(), 7));
  }

  void endsInto(StudyResult.Builder result) {
    if (ends != null) {
      end(result, "lambdaMax", ends.max());
      end(result, "lambdaMin", ends.min());
      result.metric("endsProducts", ends.products());
      result.fact("Largest eigenvalue", four(ends.max().value()), width(ends.max()));
      result.fact("Smallest eigenvalue", four(ends.min().value()), width(ends.min()));
    }
  }

  private static void end(StudyResult.Builder result, String name, End pair) {
    if (!Double.isNaN(pair.bound())) {
      result.metric(name + "Bound", pair.bound());
    }
    result.metric(name, pair.value());
    result.metric(name + "Lower", pair.lower());
    result.metric(name + "Upper", pair.upper());
    result.metric(name + "Residual", pair.residual());
  }

  void layersInto(StudyResult.Builder result) {
    if (blocks != null) {
      Map<String, Object> object = new LinkedHashMap<>();
      List<Object> minima = new ArrayList<>();
      List<Object> maxima = new ArrayList<>();
      List<String> layers = blocks.layers();
      for (int i = 0; i < layers.size(); i++) {
        Ends layer = blocks.diagonal().get(i);
        result.metric("lambdaMax_" + layers.get(i), layer.max().value());
        result.metric("lambdaMin_" + layers.get(i), layer.min().value());
        minima.add(layer.min().value());
        maxima.add(layer.max().value());
      }
      result.metric("blockProducts", blocks.products());
      object.put("names", layers);
      object.put("lambdaMin", minima);
      object.put("lambdaMax", maxima);
      object.put("norms", Arrays.stream(blocks.norms()).map(Spectrum::list).toList());
      result.more("layers", object);
    }
  }

  private static String width(End pair) {
    return "within " + four(pair.halfWidth());
  }

  static String four(double value) {
    return Numbers.significant(value, 4);
  }

  static List<Double> list(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  List<Figure> figures() {
    if (blocks == null) {
      return List.of();
    }
    return List.of(
        endsFigure(),
        new Figure(
            "blocks",
            "Spectral norms of the Hessian's blocks",
            "How strongly the gradient in one layer's parameters answers to a change of"
                + " another's; darker is larger, on a logarithmic scale.",
            "",
            List.of(),
            new HeatMap(blocks.layers(), blocks.norms())));
  }

  /** Both ends of the whole and of each layer, and how wide the interval of each is. */
  private Figure endsFigure() {
    List<Ends> all = new ArrayList<>(List.of(ends));
    all.addAll(blocks.diagonal());
    List<End> maxima = all.stream().map(Ends::max).toList();
    List<End> minima = all.stream().map(Ends::min).toList();
    List<String> places = new ArrayList<>(List.of("whole"));
    places.addAll(blocks.layers());
    Chart.Builder values = Chart.titled("").places(places).x("layer").y("eigenvalue λ");
    Chart.Builder widths =
        Chart.titled("").places(places).x("layer").y("half width of its interval").logY();
    values.line(steps("largest", maxima, End::value, 1));
    values.line(steps("smallest", minima, End::value, 0));
    widths.line(steps("largest", maxima, End::halfWidth, 1));
    widths.line(steps("smallest", minima, End::halfWidth, 0));
    return new Figure(
        "ends",
        "Both ends and their intervals, of the whole and of each layer",
        "Left the largest and the smallest eigenvalue of the Hessian and of its diagonal block in"
            + " each layer; right half the width of the interval around each, which contains an"
            + " eigenvalue.",
        "",
        List.of(values.build(), widths.build()));
  }

  /** A level piece for each. */
  private static Line steps(
      String name, List<End> pairs, ToDoubleFunction<End> height, int colour) {
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
