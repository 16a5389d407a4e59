package dev.evolute.app.report;

/**
 * What all drawings have alike: how one opens, with its title, its description and its paper, the
 * type it is set in, and light and dark by the reader's preference.
 *
 * <p>Every id and style rule carries the prefix of its figure, so that several drawings can stand
 * in one HTML page.
 */
final class Svg {
  /** Size of text in pixels. */
  static final double FONT = 13;

  /** Size of an exponent beside the number it belongs to. */
  static final double SUPERSCRIPT = 0.72;

  /** Pixels left free at the edges. */
  static final double MARGIN = 12;

  static final String INK = "#1b1f24";
  static final String DARK_INK = "#e6e8eb";

  final Xml xml = new Xml();
  private final String id;
  private final StringBuilder css = new StringBuilder("\n");

  Svg(String id) {
    this.id = id;
    rule(
        "",
        "font:"
            + Xml.number(FONT)
            + "px system-ui,-apple-system,'Segoe UI',Roboto,"
            + "'Helvetica Neue',Arial,'DejaVu Sans',sans-serif;font-variant-numeric:tabular-nums");
    rule(" .end", "text-anchor:end");
    rule(" .mid", "text-anchor:middle");
  }

  /** A style rule within the drawing. */
  void rule(String selector, String declarations) {
    css.append('#').append(id).append(selector).append('{').append(declarations).append("}\n");
  }

  /**
   * The rules of colour. They are literal colours, not variables, so that SVG viewers other than
   * browsers show them too.
   *
   * @param light adds those of the drawing itself
   * @param dark the same for readers who prefer dark
   */
  void colours(Runnable light, Runnable dark) {
    rule(" .bg", "fill:#ffffff");
    rule(" .ink", "fill:" + INK);
    light.run();
    css.append("@media screen and (prefers-color-scheme:dark){\n");
    rule(" .bg", "fill:#14181d");
    rule(" .ink", "fill:" + DARK_INK);
    dark.run();
    css.append("}\n");
  }

  /** Opens the drawing; all its style rules are there. */
  void open(String title, String description, double width, double height) {
    xml.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "id",
        id,
        "viewBox",
        "0 0 " + Xml.number(width) + " " + Xml.number(height),
        "width",
        width,
        "height",
        height,
        "role",
        "img",
        "aria-labelledby",
        id + "-title " + id + "-desc");
    xml.line().open("title", "id", id + "-title").text(title).close();
    xml.line().open("desc", "id", id + "-desc").text(description).close();
    xml.line().open("style").text(css.toString()).close().line();
    xml.empty("rect", "class", "bg", "width", "100%", "height", "100%", "rx", 6);
  }

  void label(String text, double x, double y, String classes) {
    label(text, null, x, y, classes);
  }

  /** A text with an exponent behind it, or null for none. */
  void label(String text, String exponent, double x, double y, String classes) {
    xml.line().open("text", "class", classes, "x", x, "y", y).text(text);
    superscript(exponent);
    xml.close();
  }

  /** An exponent within a text, or null for none. */
  void superscript(String exponent) {
    if (exponent != null) {
      xml.open("tspan", "dy", -FONT * 0.38, "font-size", FONT * SUPERSCRIPT);
      xml.text(exponent).close();
    }
  }

  /** Closes the drawing. */
  String close() {
    return xml.line().close().toString();
  }
}
