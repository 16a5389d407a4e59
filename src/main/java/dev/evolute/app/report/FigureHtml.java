package dev.evolute.app.report;

/**
 * A figure in a page: its caption, its still pictures, and its numbers, from which the script makes
 * the picture interactive. The still picture stands there twice, laid out for a wide and for a
 * narrow screen, so that text is neither cut nor tiny on a phone.
 */
final class FigureHtml {
  private FigureHtml() {}

  /**
   * Appends the figure.
   *
   * @param number which figure of the page it is, from 1
   * @param linked whether its SVG file lies beside the page
   */
  static void append(Html html, Figure figure, int number, boolean linked) {
    html.put("<figure id=\"picture-" + figure.name() + "\">\n<figcaption><h3>" + number + ". ");
    html.text(figure.title()).put("</h3>\n<p>").text(figure.caption());
    if (!figure.reproduces().isEmpty()) {
      html.put(" <span class=\"muted\">Reproduces ").text(figure.reproduces()).put(".</span>");
    }
    if (linked) {
      html.put(" <a href=\"" + figure.file() + "\" aria-label=\"SVG file of ");
      html.text(figure.title()).put("\">SVG</a>");
    }
    html.put("</p></figcaption>\n<div class=\"still\"><div class=\"wide\">");
    html.put(ChartSvg.draw(figure, ChartSvg.Layout.WIDE, "wide-" + figure.name()));
    html.put("</div>\n<div class=\"narrow\">");
    html.put(ChartSvg.draw(figure, ChartSvg.Layout.NARROW, "narrow-" + figure.name()));
    html.put("</div></div>\n").data("data-figure", FigureData.text(figure));
    html.put("</figure>\n");
  }
}
