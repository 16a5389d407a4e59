package dev.evolute.bench.duel;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Draws our rate over the fastest peer's as one SVG: a panel for each element type and number of
 * threads, a bar for each case, to the right of 1 where we are faster, on a logarithmic axis. Rows
 * without a peer are named and have no bar. Light and dark follow the reader.
 */
final class RatioChart {
  private static final int ROW = 19;
  private static final int BAR = 130;
  private static final int VALUE = 44;

  /** Of a letter of a case's name, generously. */
  private static final int LETTER = 7;

  private static final int HEAD = 52;
  private static final int MARGIN = 14;

  /** Ratios beyond end at the edge. */
  private static final double WIDEST = 4;

  private static final List<Double> TICKS = List.of(0.25, 0.5, 1.0, 2.0, 4.0);

  private final StringBuilder svg = new StringBuilder();

  /** Width of the names of the cases, and of a panel. */
  private final int label;

  private final int panel;

  private RatioChart(Outcome outcome) {
    label =
        LETTER * outcome.rows().stream().mapToInt(r -> r.which().what().length()).max().orElse(0);
    panel = label + 2 * BAR + VALUE;
  }

  static String svg(Outcome outcome) {
    return new RatioChart(outcome).draw(outcome);
  }

  private String draw(Outcome outcome) {
    Map<String, List<Row>> panels =
        outcome.rows().stream()
            .collect(
                Collectors.groupingBy(
                    row -> row.which().dtype() + ", threads: " + row.which().threads(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    int columns = Math.min(2, panels.size());
    int rows = (panels.size() + columns - 1) / columns;
    int most = panels.values().stream().mapToInt(List::size).max().orElse(0);
    int height = HEAD + most * ROW + MARGIN;
    int width = columns * (panel + MARGIN) + MARGIN;
    String title = "evolute bench " + outcome.bench().name() + ": our rate over the fastest peer's";
    line(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\">",
        width, rows * height + MARGIN, width);
    line("<title>%s</title>", escaped(title));
    line(
        "<desc>Geometric mean %s, least %s.</desc>",
        number(outcome.geomean()), number(outcome.min()));
    line(
        "<style>svg{font:12px system-ui,sans-serif}.bg{fill:#fff}text{fill:#1b1f24}"
            + ".m{fill:#57606a}.g{stroke:#d8dde3}.one{stroke:#57606a}.w{fill:#0072b2}"
            + ".l{fill:#d55e00}.e{text-anchor:end}.c{text-anchor:middle}.h{font-weight:600}"
            + "@media (prefers-color-scheme:dark){.bg{fill:#14181d}text{fill:#e6e8eb}"
            + ".m{fill:#a3adb8}.g{stroke:#2a3138}.one{stroke:#a3adb8}.w{fill:#56b4e9}"
            + ".l{fill:#f0803c}}</style>");
    line("<rect class=\"bg\" width=\"100%%\" height=\"100%%\"/>");
    int index = 0;
    for (Map.Entry<String, List<Row>> entry : panels.entrySet()) {
      int x = MARGIN + index % columns * (panel + MARGIN);
      int y = MARGIN + index / columns * height;
      line("<g transform=\"translate(%d %d)\">", x, y);
      panel(entry.getKey(), entry.getValue());
      line("</g>");
      index++;
    }
    return svg.append("</svg>\n").toString();
  }

  private void panel(String title, List<Row> rows) {
    line("<text class=\"h\" y=\"12\">%s</text>", escaped(title));
    line("<text class=\"m c\" x=\"%d\" y=\"12\">our rate over the fastest peer's</text>", at(1));
    int bottom = HEAD + rows.size() * ROW - 8;
    for (double tick : TICKS) {
      int x = at(tick);
      line("<text class=\"m c\" x=\"%d\" y=\"34\">%s</text>", x, tick(tick));
      String kind = tick == 1 ? "one" : "g";
      line("<line class=\"%s\" x1=\"%d\" y1=\"40\" x2=\"%d\" y2=\"%d\"/>", kind, x, x, bottom);
    }
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      int y = HEAD + i * ROW;
      line("<text x=\"0\" y=\"%d\">%s</text>", y + 4, escaped(row.which().what()));
      double ratio = row.ratio();
      if (Double.isNaN(ratio)) {
        line("<text class=\"m\" x=\"%d\" y=\"%d\">no peer</text>", at(1) + 6, y + 4);
        continue;
      }
      int from = Math.min(at(1), at(ratio));
      line(
          "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"11\"/>",
          ratio < 1 ? "l" : "w", from, y - 6, Math.max(1, Math.abs(at(ratio) - at(1))));
      line("<text class=\"e\" x=\"%d\" y=\"%d\">%s</text>", panel, y + 4, number(ratio));
    }
  }

  private int at(double ratio) {
    double bounded = Math.min(WIDEST, Math.max(1 / WIDEST, ratio));
    return (int) Math.round(label + BAR + BAR * Math.log(bounded) / Math.log(WIDEST));
  }

  private static String tick(double value) {
    return value == Math.rint(value) ? Integer.toString((int) value) : Double.toString(value);
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "none" : String.format(Locale.ROOT, "%.2f", value);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private void line(String form, Object... values) {
    svg.append(String.format(Locale.ROOT, form, values)).append('\n');
  }
}
