package dev.evolute.app.report;

import java.util.Arrays;
import java.util.List;

/** Draws the {@link HeatMap} of a figure as one SVG, in the manner of {@link ChartSvg}. */
final class HeatMapSvg {
  private static final double MARGIN = Svg.MARGIN;
  private static final double WIDEST_CELL = 200;
  private static final double CELL_HEIGHT = 46;

  /** Shades by steps, so that light and dark need no more than two lists of them. */
  private static final String[] LIGHT = {
    "#f1f6fa", "#d7e8f4", "#b3d3ea", "#84b8dc", "#4f98c8", "#0072b2"
  };

  private static final String[] DARK = {
    "#1a222a", "#1d3446", "#205071", "#1f6c9c", "#2b86c0", "#56b4e9"
  };

  private final Svg svg;

  HeatMapSvg(String id) {
    svg = new Svg(id);
  }

  String draw(Figure figure, double width) {
    HeatMap map = figure.matrix();
    int n = map.labels().size();
    double left =
        MARGIN + 8 + Svg.FONT * map.labels().stream().mapToDouble(TextWidth::of).max().orElse(0);
    double cell = Math.min(WIDEST_CELL, (width - left - MARGIN) / n);
    double top = MARGIN + 22;
    double height = top + n * CELL_HEIGHT + MARGIN;
    svg.colours(
        () -> shades(LIGHT, Svg.INK, "#ffffff", 4), () -> shades(DARK, Svg.DARK_INK, "#0d1117", 5));
    svg.open(figure.title(), description(figure), width, height);
    double[] range = range(map.values());
    for (int i = 0; i < n; i++) {
      double y = top + i * CELL_HEIGHT;
      svg.label(map.labels().get(i), left - 8, y + CELL_HEIGHT / 2 + 4.5, "ink end");
      svg.label(map.labels().get(i), left + (i + 0.5) * cell, top - 8, "ink mid");
      for (int j = 0; j < n; j++) {
        double value = map.values()[i][j];
        double x = left + j * cell;
        int shade = shade(value, range);
        svg.xml
            .line()
            .empty(
                "rect",
                "class",
                "h" + shade,
                "x",
                x + 1,
                "y",
                y + 1,
                "width",
                cell - 2,
                "height",
                CELL_HEIGHT - 2,
                "rx",
                3);
        number(value, x + cell / 2, y + CELL_HEIGHT / 2 + 4.5, "t" + shade + " mid");
      }
    }
    return svg.close();
  }

  private static double[] range(double[][] values) {
    double[] positive =
        Arrays.stream(values).flatMapToDouble(Arrays::stream).filter(v -> v > 0).sorted().toArray();
    return positive.length == 0
        ? new double[] {1, 1}
        : new double[] {positive[0], positive[positive.length - 1]};
  }

  private static int shade(double value, double[] range) {
    if (!(value > 0)) {
      return 0;
    }
    double share =
        range[1] > range[0] ? Math.log(value / range[0]) / Math.log(range[1] / range[0]) : 1;
    return (int) Math.round(share * (LIGHT.length - 1));
  }

  private static String description(Figure figure) {
    StringBuilder text = new StringBuilder(figure.caption());
    List<String> labels = figure.matrix().labels();
    for (int i = 0; i < labels.size(); i++) {
      for (int j = 0; j <= i; j++) {
        text.append(i + j == 0 ? " " : "; ").append(labels.get(i)).append(" and ");
        text.append(labels.get(j)).append(": ");
        text.append(Numbers.text(figure.matrix().values()[i][j]));
      }
    }
    return text.append('.').toString();
  }

  private void number(double value, double x, double y, String classes) {
    svg.label(Numbers.text(value), null, x, y, classes);
  }

  /**
   * @param on ink on the shades from {@code first} on, which the usual ink cannot be read on
   */
  private void shades(String[] shades, String ink, String on, int first) {
    for (int i = 0; i < shades.length; i++) {
      svg.rule(" .h" + i, "fill:" + shades[i]);
      svg.rule(" .t" + i, "fill:" + (i < first ? ink : on));
    }
  }
}
