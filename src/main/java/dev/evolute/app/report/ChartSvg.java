package dev.evolute.app.report;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Draws a {@link Figure} as one SVG: real text, a palette that colour-blind readers can tell apart
 * (after Okabe and Ito), light and dark by the reader's preference.
 *
 * <p>Written here and not by a chart library, because those of a free licence on the JVM draw text
 * as outlines of a font found on the machine: that text cannot be read aloud or searched, differs
 * from machine to machine, and fails where no font is installed.
 *
 * <p>Equal figures make equal bytes.
 */
final class ChartSvg {
  private static final double FONT = Svg.FONT;
  private static final double TITLE = 15;
  private static final double ROW = 19;
  private static final double SAMPLE = 26;
  private static final double MARGIN = Svg.MARGIN;
  private static final double GAP = 28;
  private static final String[] LIGHT = {
    "#0072b2", "#d55e00", "#009e73", "#b8609a", "#c98500", "#3d9ad6", "#1b1f24"
  };
  private static final String[] DARK = {
    "#56b4e9", "#f0803c", "#22c493", "#dd9cc2", "#e6ac2e", "#f0e442", "#e6e8eb"
  };

  /** How much room a drawing has. */
  enum Layout {
    /** Panels side by side, for a laptop, a page or a README. */
    WIDE(1040),
    /** Panels one above the other, for a phone. */
    NARROW(360);

    private final double width;

    Layout(double width) {
      this.width = width;
    }

    private int columns(int panels) {
      return this == NARROW || panels <= 1 ? 1 : panels % 3 == 0 ? 3 : 2;
    }

    private double plotHeight(int columns) {
      return this == NARROW ? 230 : columns == 1 ? 360 : columns == 2 ? 300 : 240;
    }
  }

  private final Svg svg;
  private final Xml xml;

  private ChartSvg(String id) {
    svg = new Svg(id);
    xml = svg.xml;
  }

  /** The drawing as a file of its own, with an XML declaration. */
  static String file(Figure figure) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        + draw(figure, Layout.WIDE, "figure-" + figure.name())
        + "\n";
  }

  /** The drawing as one {@code svg} element whose ids start with {@code id}. */
  static String draw(Figure figure, Layout layout, String id) {
    return figure.matrix() == null
        ? new ChartSvg(id).drawFigure(figure, layout)
        : new HeatMapSvg(id).draw(figure, layout.width);
  }

  private String drawFigure(Figure figure, Layout layout) {
    List<Chart> charts = figure.panels();
    int columns = layout.columns(charts.size());
    double panelWidth = (layout.width - 2 * MARGIN - (columns - 1) * GAP) / columns;
    List<Panel> panels =
        charts.stream().map(c -> new Panel(c, panelWidth, layout.plotHeight(columns))).toList();

    int rows = (panels.size() + columns - 1) / columns;
    double[] top = new double[rows + 1];
    double[] header = new double[rows];
    top[0] = MARGIN;
    for (int r = 0; r < rows; r++) {
      List<Panel> row = panels.subList(r * columns, Math.min(panels.size(), (r + 1) * columns));
      header[r] = row.stream().mapToDouble(p -> p.headerHeight).max().orElse(0);
      double footer = row.stream().mapToDouble(p -> p.footerHeight).max().orElse(0);
      top[r + 1] = top[r] + header[r] + layout.plotHeight(columns) + footer + GAP / 2;
    }
    double height = Math.max(2 * MARGIN, top[rows] - GAP / 2 + MARGIN);

    style();
    svg.open(figure.title(), description(figure), layout.width, height);
    for (int i = 0; i < panels.size(); i++) {
      int r = i / columns;
      double left = MARGIN + (i % columns) * (panelWidth + GAP);
      xml.line()
          .open("g", "transform", "translate(" + Xml.number(left) + " " + Xml.number(top[r]) + ")");
      panels.get(i).draw(header[r]);
      xml.line().close();
    }
    return svg.close();
  }

  /** The same colours as style variables of a page, where the script draws. */
  static String palette() {
    return ":root{"
        + variables(LIGHT)
        + "}\n@media screen and (prefers-color-scheme:dark){:root{"
        + variables(DARK)
        + "}}\n"
        + IntStream.range(0, LIGHT.length)
            .mapToObj(
                i ->
                    ".stage .s%1$d{stroke:var(--s%1$d)}.stage .f%1$d{fill:var(--s%1$d)}.stage"
                            .formatted(i)
                        + " .t%1$d i{background:var(--s%1$d)}\n".formatted(i))
            .collect(Collectors.joining());
  }

  private static String variables(String[] palette) {
    return IntStream.range(0, palette.length)
        .mapToObj(i -> "--s" + i + ":" + palette[i])
        .collect(Collectors.joining(";"));
  }

  /** What a reader who cannot see the drawing is told: each line with its ends. */
  private static String description(Figure figure) {
    StringBuilder text = new StringBuilder(figure.caption());
    for (Chart chart : figure.panels()) {
      text.append(text.isEmpty() ? "" : " ").append(chart.title()).append(':');
      for (Line line : chart.lines()) {
        int[] shown =
            IntStream.range(0, line.x().length)
                .filter(i -> isShown(chart, line.x()[i], line.y()[i]))
                .toArray();
        text.append(' ').append(line.name());
        if (shown.length == 0) {
          text.append(" has no point;");
          continue;
        }
        double first = line.y()[shown[0]];
        double last = line.y()[shown[shown.length - 1]];
        text.append(" from ").append(Numbers.text(first)).append(" to ").append(Numbers.text(last));
        int dropped = line.x().length - shown.length;
        text.append(
            dropped == 0
                ? ";"
                : dropped == 1
                    ? " (one point cannot be drawn on these axes);"
                    : " (" + dropped + " points cannot be drawn on these axes);");
      }
      for (Chart.Reference reference : chart.references()) {
        text.append(' ').append(reference.label()).append(" at ");
        text.append(Numbers.text(reference.value())).append(';');
      }
      text.setCharAt(text.length() - 1, '.');
    }
    return text.toString();
  }

  private static boolean isShown(Chart chart, double x, double y) {
    return Axis.shows(chart.xLog(), x) && Axis.shows(chart.yLog(), y);
  }

  private void style() {
    svg.rule(" .title", "font-size:" + Xml.number(TITLE) + "px;font-weight:600");
    svg.rule(" .grid", "fill:none;stroke-width:1");
    svg.rule(" .axis", "fill:none;stroke-width:1");
    svg.rule(" .line", "fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round");
    svg.rule(" .dashed", "stroke-dasharray:7 5;stroke-linecap:butt");
    svg.rule(" .dotted", "stroke-dasharray:1 5");
    svg.rule(" .dot", "stroke-width:1");
    svg.rule(" .band", "fill-opacity:0.2;stroke:none");
    svg.rule(" .ref", "fill:none;stroke-width:1.3;stroke-dasharray:2 4;stroke-linecap:round");
    svg.rule(" .halo", "stroke-width:4;stroke-linejoin:round;paint-order:stroke");
    svg.colours(
        () -> colours("#ffffff", Svg.INK, "#57606a", "#e7eaed", "#8b949e", LIGHT),
        () -> colours("#14181d", Svg.DARK_INK, "#a3adb8", "#2a3138", "#6b7580", DARK));
  }

  private void colours(
      String paper, String ink, String muted, String grid, String axis, String[] palette) {
    svg.rule(" .muted", "fill:" + muted);
    svg.rule(" .grid", "stroke:" + grid);
    svg.rule(" .axis", "stroke:" + axis);
    svg.rule(" .ref", "stroke:" + ink);
    svg.rule(" .halo", "stroke:" + paper);
    svg.rule(" .dot", "stroke:" + paper);
    for (int i = 0; i < palette.length; i++) {
      svg.rule(" .s" + i, "stroke:" + palette[i]);
      svg.rule(" .f" + i, "fill:" + palette[i]);
    }
  }

  /** One chart, laid out for its width. */
  private final class Panel {
    private final Chart chart;
    private final double width;
    private final double plotHeight;
    private final Axis x;
    private final Axis y;
    private final double left;
    private final double right;

    /** What is drawn of each line: its pieces between gaps, in panel coordinates. */
    private final List<List<List<double[]>>> drawn;

    private final List<String> title;
    private final List<String> yLabel;
    private final List<String> xLabel;
    private final List<LegendEntry> legend;
    private final double headerHeight;
    private final double footerHeight;
    private final List<Label> labels;

    /** Of labels below the axis, beside the first one. */
    private final int labelRows;

    /** The label of a tick of x: its middle, and how many rows it stands below the first. */
    private record Label(Axis.Tick tick, double middle, int row) {}

    Panel(Chart chart, double width, double plotHeight) {
      this.chart = chart;
      this.width = width;
      this.plotHeight = plotHeight;
      y = axis(false).withTicks((int) (plotHeight / 48));
      left = Math.max(24, widestLabel(y) * FONT + 9);
      x = xAxis();
      right = width - (chart.places().isEmpty() ? Math.max(8, widestLabel(x) * FONT / 2) : 8);
      labels = labels();
      drawn = chart.lines().stream().map(this::pieces).toList();
      title = TextWidth.wrap(chart.title(), width / TITLE / 1.05);
      yLabel = TextWidth.wrap(chart.yLabel(), (width - 40) / FONT);
      xLabel = TextWidth.wrap(chart.xLabel(), (width - 40) / FONT);
      legend = legend();
      double legendHeight =
          legend.stream().mapToDouble(e -> e.y + e.text.size() * ROW).max().orElse(0);
      headerHeight = title.size() * (TITLE + 5) + legendHeight + yLabel.size() * ROW + 17;
      labelRows = labels.stream().mapToInt(Label::row).max().orElse(0);
      footerHeight = 22 + (labelRows + xLabel.size()) * ROW;
    }

    private Axis axis(boolean horizontal) {
      boolean log = horizontal ? chart.xLog() : chart.yLog();
      DoubleStream values =
          chart.lines().stream()
              .flatMapToDouble(
                  line ->
                      IntStream.range(0, line.x().length)
                          // An x without a y still counts: a diverged run shows where it stopped.
                          .filter(i -> horizontal || isShown(chart, line.x()[i], line.y()[i]))
                          .mapToDouble(i -> horizontal ? line.x()[i] : line.y()[i]));
      DoubleStream references =
          chart.references().stream()
              .filter(r -> r.stretch() && r.vertical() == horizontal)
              .mapToDouble(Chart.Reference::value);
      DoubleStream bands =
          chart.bands().stream()
              .flatMapToDouble(
                  band ->
                      horizontal
                          ? DoubleStream.of(band.x())
                          : DoubleStream.concat(
                              DoubleStream.of(band.low()), DoubleStream.of(band.high())));
      DoubleStream places =
          horizontal && !chart.places().isEmpty()
              ? DoubleStream.of(-0.5, chart.places().size() - 0.5)
              : DoubleStream.empty();
      return new Axis(
          log,
          Stream.of(values, references, bands, places).flatMapToDouble(s -> s),
          horizontal ? 0 : 0.05);
    }

    /** The x axis with as many ticks as its labels leave room for. */
    private Axis xAxis() {
      Axis axis = axis(true);
      if (!chart.places().isEmpty()) {
        return axis.withNames(chart.places());
      }
      for (int most = 7; most > 1; most--) {
        axis.withTicks(most);
        double room = (width - left) / Math.max(1, axis.ticks().size());
        if (widestLabel(axis) * FONT + 14 <= room) {
          break;
        }
      }
      return axis;
    }

    /** Names stand in as many rows as it takes for none to cover another. */
    private List<Label> labels() {
      List<Label> all = new ArrayList<>();
      List<Double> ends = new ArrayList<>();
      for (Axis.Tick tick : x.ticks()) {
        double half = chart.places().isEmpty() ? 0 : tick.width() * FONT / 2;
        double middle = Math.max(half, Math.min(toX(tick.value()), width - half));
        int row = 0;
        while (row < ends.size() && ends.get(row) > middle - half) {
          row++;
        }
        if (row == ends.size()) {
          ends.add(0.0);
        }
        ends.set(row, middle + half + 8);
        all.add(new Label(tick, middle, half == 0 ? 0 : row));
      }
      return all;
    }

    private double widestLabel(Axis axis) {
      return axis.ticks().stream().mapToDouble(Axis.Tick::width).max().orElse(0);
    }

    private List<LegendEntry> legend() {
      List<LegendEntry> entries = new ArrayList<>();
      double atX = 0;
      double atY = 0;
      int rowLines = 1;
      for (Line line : chart.lines()) {
        List<String> text = TextWidth.wrap(line.name(), (width - SAMPLE - 6) / FONT);
        double longest = text.stream().mapToDouble(TextWidth::of).max().orElse(0);
        double entryWidth = SAMPLE + 6 + longest * FONT;
        if (atX > 0 && atX + entryWidth > width) {
          atX = 0;
          atY += rowLines * ROW;
          rowLines = 1;
        }
        entries.add(new LegendEntry(line, text, atX, atY));
        rowLines = Math.max(rowLines, text.size());
        atX += entryWidth + 16;
      }
      return entries;
    }

    void draw(double header) {
      double base = 0;
      for (String line : title) {
        base += TITLE + 5;
        svg.label(line, 0, base - 5, "ink title");
      }
      for (int i = 0; i < legend.size(); i++) {
        drawLegendEntry(legend.get(i), strokeWidth(i), base);
      }
      double labelBase = header - 16 - (yLabel.size() - 1) * ROW;
      for (int i = 0; i < yLabel.size(); i++) {
        int power = i == yLabel.size() - 1 ? y.power() : 0;
        drawAxisLabel(yLabel.get(i), power, 0, labelBase + i * ROW, "muted");
      }
      xml.line().open("g", "transform", "translate(0 " + Xml.number(header) + ")");
      drawGrid();
      chart.bands().forEach(this::drawBand);
      for (int i = 0; i < chart.lines().size(); i++) {
        drawLine(i);
      }
      drawReferences();
      if (drawn.stream().allMatch(List::isEmpty)) {
        svg.label("no data", (left + right) / 2, plotHeight / 2, "muted mid");
      }
      for (int i = 0; i < xLabel.size(); i++) {
        double atY = plotHeight + 22 + (labelRows + i + 1) * ROW - 4;
        int power = i == xLabel.size() - 1 ? x.power() : 0;
        drawAxisLabel(xLabel.get(i), power, (left + right) / 2, atY, "muted mid");
      }
      xml.line().close();
    }

    private double strokeWidth(int index) {
      int after = chart.lines().size() - 1 - index;
      return chart.nested() ? 1.6 + Math.min(10, 2.2 * after) : 2;
    }

    private void drawLegendEntry(LegendEntry entry, double strokeWidth, double base) {
      double mid = base + entry.y + ROW / 2 + 1;
      Line line = entry.line;
      if (line.style() != Line.Style.POINTS) {
        xml.line();
        // The round caps reach half a stroke beyond the ends.
        double cap = strokeWidth / 2 + 1;
        stroke(
            line,
            strokeWidth,
            "M" + point(entry.x + cap, mid) + "H" + Xml.number(entry.x + SAMPLE - cap));
      }
      if (line.style() == Line.Style.POINTS || chart.lines().size() > 1) {
        StringBuilder sample = new StringBuilder();
        marker(line).append(sample, entry.x + SAMPLE / 2, mid, 3.8);
        dots(line, sample);
      }
      for (int i = 0; i < entry.text.size(); i++) {
        svg.label(entry.text.get(i), entry.x + SAMPLE + 6, mid + 4.5 + i * ROW, "ink");
      }
    }

    private void drawGrid() {
      if (y.hasMinorGrid()) {
        StringBuilder minor = new StringBuilder();
        y.minorGrid().forEach(v -> minor.append("M").append(point(left, toY(v))).append("h4"));
        xml.line().empty("path", "class", "axis", "d", minor);
      }
      if (x.hasMinorGrid()) {
        StringBuilder minor = new StringBuilder();
        x.minorGrid()
            .forEach(v -> minor.append("M").append(point(toX(v), plotHeight)).append("v-4"));
        xml.line().empty("path", "class", "axis", "d", minor);
      }
      for (Axis.Tick tick : y.ticks()) {
        double at = toY(tick.value());
        xml.line()
            .empty("path", "class", "grid", "d", "M" + point(left, at) + "H" + Xml.number(right));
        svg.label(tick.text(), tick.exponent(), left - 7, at + 4.5, "muted end");
      }
      for (Label label : labels) {
        Axis.Tick tick = label.tick;
        String stroke = "M" + point(toX(tick.value()), plotHeight) + "v";
        xml.line().empty("path", "class", "axis", "d", stroke + Xml.number(5 + label.row * ROW));
      }
      for (Label label : labels) {
        Axis.Tick tick = label.tick;
        double atY = plotHeight + 19 + label.row * ROW;
        // The strokes of labels further below stop at it.
        String classes = labelRows > 0 ? "muted mid halo" : "muted mid";
        svg.label(tick.text(), tick.exponent(), label.middle, atY, classes);
      }
      xml.line()
          .empty(
              "path",
              "class",
              "axis",
              "d",
              "M" + point(left, 0) + "V" + Xml.number(plotHeight) + "H" + Xml.number(right));
    }

    /** One closed path a piece between gaps: along the top, and back along the bottom. */
    private void drawBand(Chart.Band band) {
      Line low = Line.solid("", band.x(), where(band, band.low()), band.colour());
      Line high = Line.solid("", band.x(), where(band, band.high()), band.colour());
      List<List<double[]>> bottoms = pieces(low);
      List<List<double[]>> tops = pieces(high);
      StringBuilder path = new StringBuilder();
      for (int i = 0; i < tops.size(); i++) {
        char command = 'M';
        for (double[] p : tops.get(i)) {
          path.append(command).append(point(p[0], p[1]));
          command = 'L';
        }
        for (double[] p : bottoms.get(i).reversed()) {
          path.append('L').append(point(p[0], p[1]));
        }
        path.append('Z');
      }
      if (path.length() > 0) {
        xml.line().empty("path", "class", "band f" + colour(band.colour()), "d", path);
      }
    }

    /** One edge of a band, with gaps where either of the two cannot be drawn. */
    private double[] where(Chart.Band band, double[] edge) {
      return IntStream.range(0, edge.length)
          .mapToDouble(
              i ->
                  isShown(chart, band.x()[i], band.low()[i])
                          && isShown(chart, band.x()[i], band.high()[i])
                      ? edge[i]
                      : Double.NaN)
          .toArray();
    }

    private void drawLine(int index) {
      Line line = chart.lines().get(index);
      StringBuilder dots = new StringBuilder();
      if (line.style() == Line.Style.POINTS) {
        Set<String> seen = new LinkedHashSet<>();
        for (List<double[]> piece : drawn.get(index)) {
          for (double[] p : piece) {
            // Points closer than a third of a pixel look like one.
            if (seen.add(Math.round(p[0] * 3) + " " + Math.round(p[1] * 3))) {
              marker(line).append(dots, p[0], p[1], 2.6);
            }
          }
        }
        dots(line, dots);
        return;
      }
      StringBuilder path = new StringBuilder();
      for (List<double[]> piece : drawn.get(index)) {
        if (piece.size() == 1) {
          marker(line).append(dots, piece.get(0)[0], piece.get(0)[1], 2.6);
          continue;
        }
        char command = 'M';
        for (double[] p : piece) {
          path.append(command).append(point(p[0], p[1]));
          command = 'L';
        }
      }
      if (path.length() > 0) {
        xml.line();
        stroke(line, strokeWidth(index), path.toString());
      }
      if (chart.lines().size() > 1) {
        markAlong(index, dots);
      }
      dots(line, dots);
    }

    /**
     * Where there are several lines, each has its shape at a few places of its own, or in the
     * middle of what stands at one of several things.
     */
    private void markAlong(int index, StringBuilder dots) {
      Line line = chart.lines().get(index);
      double spacing = (right - left) / 5;
      double next = left + (index + 0.5) / chart.lines().size() * spacing;
      for (List<double[]> piece : drawn.get(index)) {
        if (!chart.places().isEmpty()) {
          double[] p = piece.get(0);
          double[] q = piece.get(piece.size() - 1);
          marker(line).append(dots, (p[0] + q[0]) / 2, (p[1] + q[1]) / 2, 3.8);
          continue;
        }
        for (int i = 1; i < piece.size(); i++) {
          double[] p = piece.get(i - 1);
          double[] q = piece.get(i);
          while (next < p[0]) {
            next += spacing;
          }
          for (; next <= q[0]; next += spacing) {
            double share = q[0] > p[0] ? (next - p[0]) / (q[0] - p[0]) : 0;
            marker(line).append(dots, next, p[1] + share * (q[1] - p[1]), 3.8);
          }
        }
      }
    }

    /** Its colour's own where there is something to tell it from. */
    private Marker marker(Line line) {
      return chart.lines().size() > 1 ? Marker.of(line.colour()) : Marker.CIRCLE;
    }

    private void dots(Line line, StringBuilder path) {
      if (path.length() > 0) {
        xml.line().empty("path", "class", "dot f" + colour(line.colour()), "d", path);
      }
    }

    private List<List<double[]>> pieces(Line line) {
      List<List<double[]>> pieces = new ArrayList<>();
      List<double[]> piece = new ArrayList<>();
      for (int i = 0; i <= line.x().length; i++) {
        if (i < line.x().length && isShown(chart, line.x()[i], line.y()[i])) {
          piece.add(new double[] {toX(line.x()[i]), toY(line.y()[i])});
        } else if (!piece.isEmpty()) {
          pieces.add(line.style() == Line.Style.POINTS ? piece : thinned(piece));
          piece = new ArrayList<>();
        }
      }
      return pieces;
    }

    /**
     * Keeps the first, lowest, highest and last point of every half pixel column, and of those the
     * ones that bend the line visibly: what is drawn stays the same, and a run of a million steps
     * makes a small file.
     */
    private List<double[]> thinned(List<double[]> piece) {
      List<double[]> columns = new ArrayList<>();
      int start = 0;
      while (start < piece.size()) {
        long column = Math.round(2 * piece.get(start)[0]);
        int end = start;
        int low = start;
        int high = start;
        while (end < piece.size() && Math.round(2 * piece.get(end)[0]) == column) {
          low = piece.get(end)[1] < piece.get(low)[1] ? end : low;
          high = piece.get(end)[1] > piece.get(high)[1] ? end : high;
          end++;
        }
        IntStream.of(start, low, high, end - 1)
            .sorted()
            .distinct()
            .mapToObj(piece::get)
            .forEach(columns::add);
        start = end;
      }
      return bends(columns);
    }

    /** The points without which the line would move by more than a twentieth of a pixel. */
    private List<double[]> bends(List<double[]> points) {
      BitSet kept = new BitSet(points.size());
      kept.set(0);
      kept.set(points.size() - 1);
      Deque<int[]> open = new ArrayDeque<>();
      open.push(new int[] {0, points.size() - 1});
      while (!open.isEmpty()) {
        int[] span = open.pop();
        int farthest = -1;
        double distance = 0.05;
        for (int i = span[0] + 1; i < span[1]; i++) {
          double d = distanceToSegment(points.get(span[0]), points.get(span[1]), points.get(i));
          if (d > distance) {
            distance = d;
            farthest = i;
          }
        }
        if (farthest > 0) {
          kept.set(farthest);
          open.push(new int[] {span[0], farthest});
          open.push(new int[] {farthest, span[1]});
        }
      }
      return kept.stream().mapToObj(points::get).toList();
    }

    private void drawReferences() {
      List<Box> taken = new ArrayList<>();
      for (Chart.Reference reference : chart.references()) {
        Axis axis = reference.vertical() ? x : y;
        if (!axis.shows(reference.value())) {
          continue;
        }
        double fraction = Math.min(Math.max(axis.at(reference.value()), 0), 1);
        double at =
            reference.vertical() ? left + fraction * (right - left) : plotHeight * (1 - fraction);
        boolean inside = axis.contains(reference.value());
        if (inside) {
          String path =
              reference.vertical()
                  ? "M" + point(at, 0) + "V" + Xml.number(plotHeight)
                  : "M" + point(left, at) + "H" + Xml.number(right);
          xml.line().empty("path", "class", "ref", "d", path);
        }
        String arrow =
            reference.vertical() ? (fraction > 0 ? "→ " : "← ") : fraction > 0 ? "↑ " : "↓ ";
        String text = inside ? reference.label() : arrow + reference.label();
        double textWidth = TextWidth.of(text) * FONT;
        Box best =
            (reference.vertical() ? besideVertical(at, textWidth) : besideHorizontal(at, textWidth))
                .stream().min(Comparator.comparingInt(box -> hidden(box, taken))).orElseThrow();
        taken.add(best);
        svg.label(text, best.x, best.y + 14, "ink halo");
      }
    }

    /** Places for the label of a horizontal line, the usual ones first. */
    private List<Box> besideHorizontal(double at, double textWidth) {
      List<Box> places = new ArrayList<>();
      for (double fromTop : new double[] {at - ROW - 1, at + 2}) {
        for (double share : new double[] {1, 0, 0.5, 0.75, 0.25}) {
          addIfInside(
              places, left + 5 + share * (right - left - 10 - textWidth), fromTop, textWidth);
        }
      }
      return places;
    }

    /** Places for the label of a vertical line, the usual ones first. */
    private List<Box> besideVertical(double at, double textWidth) {
      List<Box> places = new ArrayList<>();
      for (double share : new double[] {0, 1, 0.5, 0.25, 0.75}) {
        double fromTop = 2 + share * (plotHeight - ROW - 4);
        addIfInside(places, at + 5, fromTop, textWidth);
        // Pushed back into the panel it would lie across its own line.
        if (at - 5 - textWidth >= left + 5) {
          addIfInside(places, at - 5 - textWidth, fromTop, textWidth);
        }
      }
      if (places.isEmpty()) {
        places.add(new Box(left + 5, 2, textWidth, ROW));
      }
      return places;
    }

    private void addIfInside(List<Box> places, double fromLeft, double fromTop, double textWidth) {
      Box box = new Box(Math.max(left + 5, fromLeft), fromTop, textWidth, ROW);
      if (box.y >= 0 && box.y + box.height <= plotHeight && box.x + box.width <= width) {
        places.add(box);
      } else if (places.isEmpty() && textWidth > right - left - 10) {
        places.add(new Box(left + 5, Math.max(0, fromTop), textWidth, ROW));
      }
    }

    /** How much a label there would hide: points of the lines, and labels above all. */
    private int hidden(Box box, List<Box> taken) {
      int count = 0;
      for (Box other : taken) {
        count += box.meets(other) ? 10_000 : 0;
      }
      for (int line = 0; line < drawn.size(); line++) {
        boolean joined = chart.lines().get(line).style() != Line.Style.POINTS;
        for (List<double[]> piece : drawn.get(line)) {
          for (int i = 0; i < piece.size(); i++) {
            double[] p = piece.get(i);
            double[] q = joined && i + 1 < piece.size() ? piece.get(i + 1) : p;
            int steps = 1 + (int) (Math.hypot(q[0] - p[0], q[1] - p[1]) / 6);
            for (int k = 0; k < steps; k++) {
              double t = (double) k / steps;
              count += box.holds(p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])) ? 1 : 0;
            }
          }
        }
      }
      return count;
    }

    private double toX(double value) {
      return left + x.at(value) * (right - left);
    }

    private double toY(double value) {
      return plotHeight * (1 - y.at(value));
    }
  }

  /** A rectangle in panel coordinates. */
  private record Box(double x, double y, double width, double height) {
    boolean meets(Box other) {
      return x < other.x + other.width
          && other.x < x + width
          && y < other.y + other.height
          && other.y < y + height;
    }

    boolean holds(double px, double py) {
      return px >= x - 3 && px <= x + width + 3 && py >= y && py <= y + height;
    }
  }

  private static double distanceToSegment(double[] from, double[] to, double[] point) {
    double dx = to[0] - from[0];
    double dy = to[1] - from[1];
    double length = dx * dx + dy * dy;
    double along = ((point[0] - from[0]) * dx + (point[1] - from[1]) * dy) / length;
    double t = length == 0 ? 0 : Math.min(Math.max(along, 0), 1);
    return Math.hypot(point[0] - from[0] - t * dx, point[1] - from[1] - t * dy);
  }

  private record LegendEntry(Line line, List<String> text, double x, double y) {}

  private void stroke(Line line, double strokeWidth, String path) {
    String style =
        switch (line.style()) {
          case DASHED -> "line dashed s";
          case DOTTED -> "line dotted s";
          default -> "line s";
        };
    String classes = style + colour(line.colour());
    if (strokeWidth == 2) {
      xml.empty("path", "class", classes, "d", path);
    } else {
      String width = "stroke-width:" + Xml.number(strokeWidth);
      xml.empty("path", "class", classes, "style", width, "d", path);
    }
  }

  private void drawAxisLabel(String text, int power, double x, double y, String classes) {
    xml.line().open("text", "class", classes, "x", x, "y", y);
    xml.text(power == 0 ? text : text + " (×10");
    if (power != 0) {
      svg.superscript(Axis.signed(power));
      xml.open("tspan", "dy", FONT * 0.38).text(")").close();
    }
    xml.close();
  }

  /** Index into the palette. */
  static int colour(int colour) {
    return Math.floorMod(colour, LIGHT.length);
  }

  private static String point(double x, double y) {
    return Xml.number(x) + " " + Xml.number(y);
  }
}
