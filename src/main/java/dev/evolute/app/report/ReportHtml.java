package dev.evolute.app.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes {@code report.html}: one page that needs nothing beside itself, no script and no network.
 *
 * <p>Each figure stands in it twice, laid out for a wide and for a narrow screen; a style rule
 * shows one of them, so that text is neither cut nor tiny on a phone.
 */
final class ReportHtml {
  private final StudyResult result;
  private final List<Figure> figures;
  private final StringBuilder html = new StringBuilder();

  private ReportHtml(StudyResult result, List<Figure> figures) {
    this.result = result;
    this.figures = figures;
  }

  static String text(StudyResult result, List<Figure> figures) {
    return new ReportHtml(result, figures).page();
  }

  private String page() {
    put("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    put("<meta name=\"color-scheme\" content=\"light dark\">\n");
    put("<title>").text(result.title()).put("</title>\n<style>\n").put(stylesheet());
    put("</style>\n</head>\n<body>\n<main>\n");
    notices();
    head();
    tiles();
    for (String paragraph : result.prose()) {
      put("<p>").text(paragraph).put("</p>\n");
    }
    figures();
    claims();
    metrics();
    put("<div class=\"pair\">\n");
    pairs("settings", "Settings", result.settings());
    pairs("machine", "Machine and data", machineAndData());
    put("</div>\n");
    reproduce();
    put("</main>\n</body>\n</html>\n");
    return html.toString();
  }

  private void notices() {
    if (!result.data().real()) {
      put("<p class=\"notice\"><strong>Stand-in data.</strong> ");
      String standIn = result.data().standIn();
      text(standIn + " stands in for a data set that cannot be had; ");
      put(standIn.equals(result.data().name()) ? "these" : "its");
      put(" numbers do not reproduce the paper’s.</p>\n");
    }
    if (result.partial()) {
      put("<p class=\"notice\"><strong>Partial run.</strong> The run was interrupted; ");
      put("this page shows what was computed until then.</p>\n");
    }
  }

  private void head() {
    put("<header>\n<p class=\"kicker\">Evolute study <code>").text(result.study()).put("</code>");
    text(result.quick() ? " · quick run" : " · full run");
    put("</p>\n<h1>").text(result.title()).put("</h1>\n");
    paragraph("answer", result.answer());
    paragraph("cite", result.citation());
    put("</header>\n");
  }

  private void paragraph(String style, String content) {
    if (!content.isEmpty()) {
      put("<p class=\"" + style + "\">").text(content).put("</p>\n");
    }
  }

  private void tiles() {
    if (result.facts().isEmpty()) {
      return;
    }
    put("<dl class=\"tiles\">\n");
    for (StudyResult.Fact fact : result.facts()) {
      put("<div><dt>").text(fact.label()).put("</dt><dd><b>").text(fact.value()).put("</b>");
      if (!fact.note().isEmpty()) {
        put("<span>").text(fact.note()).put("</span>");
      }
      put("</dd></div>\n");
    }
    put("</dl>\n");
  }

  private void figures() {
    for (int i = 0; i < figures.size(); i++) {
      Figure figure = figures.get(i);
      put("<figure id=\"" + figure.name() + "\">\n<div class=\"wide\">");
      put(ChartSvg.draw(figure, ChartSvg.Layout.WIDE, "wide-" + figure.name()));
      put("</div>\n<div class=\"narrow\">");
      put(ChartSvg.draw(figure, ChartSvg.Layout.NARROW, "narrow-" + figure.name()));
      put("</div>\n<figcaption><strong>" + (i + 1) + ". ").text(figure.title()).put("</strong> ");
      text(figure.caption());
      if (!figure.reproduces().isEmpty()) {
        put(" <span class=\"muted\">Reproduces ").text(figure.reproduces()).put(".</span>");
      }
      put(" <a href=\"" + figure.file() + "\">SVG</a></figcaption>\n</figure>\n");
    }
  }

  private void claims() {
    if (result.claims().isEmpty()) {
      return;
    }
    section("claims", "Claims of the paper, checked");
    put(
        "<p class=\"muted\">The tightest point is the smallest (left − right) / max(|left|,"
            + " |right|) ");
    put("over all points checked; below zero the inequality fails there.</p>\n");
    put("<div class=\"scroll\" role=\"region\" aria-labelledby=\"claims-heading\" tabindex=\"0\">");
    put("<table class=\"claims\">\n<thead><tr><th scope=\"col\">Verdict</th>");
    put("<th scope=\"col\">Claim</th><th scope=\"col\" class=\"n\">Violated</th>");
    put("<th scope=\"col\" class=\"n\">Tightest</th></tr></thead>\n<tbody>\n");
    for (Claim claim : result.claims()) {
      String verdict =
          claim.checked() == 0
              ? "<span class=\"unknown\">– not checked</span>"
              : claim.holds()
                  ? "<span class=\"holds\">✓ holds</span>"
                  : "<span class=\"fails\">✗ fails</span>";
      put("<tr><td>" + verdict + "</td><th scope=\"row\">").text(claim.name());
      put("<small>").text(claim.paper()).put("</small>");
      if (!claim.note().isEmpty()) {
        put("<small>").text(claim.note()).put("</small>");
      }
      put("</th><td class=\"n\">").text(Numbers.text(claim.violated()));
      put(" of ").text(Numbers.text(claim.checked())).put("</td>");
      if (Double.isNaN(claim.tightest())) {
        put("<td class=\"n\">–</td></tr>\n");
      } else {
        number(claim.tightest()).put("</tr>\n");
      }
    }
    put("</tbody>\n</table></div>\n</section>\n");
  }

  private void metrics() {
    if (!result.metrics().isEmpty()) {
      pairs("metrics", "All numbers", result.metrics());
    }
  }

  private Map<String, Object> machineAndData() {
    Map<String, Object> rows = new LinkedHashMap<>(result.machine());
    StudyResult.Data data = result.data();
    rows.put("data", data.name() + (data.real() ? "" : " (stand-in)"));
    rows.put("samples", data.samples());
    rows.put("sha256", data.sha256());
    rows.put("seed", result.seed());
    rows.put("time", String.format(Locale.ROOT, "%.1f s", result.seconds()));
    rows.put("evolute", result.version());
    return rows;
  }

  private void pairs(String id, String heading, Map<String, ?> rows) {
    section(id, heading);
    put("<table class=\"pairs\"><tbody>\n");
    rows.forEach(
        (key, value) -> {
          boolean numeric = value instanceof Number;
          put("<tr><th scope=\"row\">").text(key).put("</th>");
          if (numeric) {
            number((Number) value);
          } else {
            put("<td>").text(plain(value)).put("</td>");
          }
          put("</tr>\n");
        });
    put("</tbody></table>\n</section>\n");
  }

  private static String plain(Object value) {
    return value instanceof Collection<?> several
        ? several.stream().map(ReportHtml::plain).collect(Collectors.joining(", "))
        : String.valueOf(value);
  }

  private void reproduce() {
    section("reproduce", "Make it again");
    if (!result.command().isEmpty()) {
      put("<pre><code>").text(result.command()).put("</code></pre>\n");
    }
    put("<p>The numbers behind the figures are in <a href=\"series.csv\">series.csv</a>, ");
    put("this summary for programs in <a href=\"summary.json\">summary.json</a>.</p>\n");
    put("</section>\n");
  }

  private void section(String id, String heading) {
    put("<section>\n<h2 id=\"" + id + "-heading\">").text(heading).put("</h2>\n");
  }

  private ReportHtml number(Number value) {
    String[] parts = Numbers.text(value).split("\\^");
    put("<td class=\"n\">").text(parts[0]);
    if (parts.length > 1) {
      put("<sup>").text(parts[1].replace('-', '−')).put("</sup>");
    }
    return put("</td>");
  }

  /** Appends markup as it is. */
  private ReportHtml put(String markup) {
    html.append(markup);
    return this;
  }

  /** Appends text that came from elsewhere, so that nothing in it is taken for markup. */
  private ReportHtml text(String content) {
    for (char c : Xml.legal(content).toCharArray()) {
      switch (c) {
        case '&' -> html.append("&amp;");
        case '<' -> html.append("&lt;");
        case '>' -> html.append("&gt;");
        case '"' -> html.append("&quot;");
        case '\'' -> html.append("&#39;");
        default -> html.append(c);
      }
    }
    return this;
  }

  private static String stylesheet() {
    try (InputStream in = ReportHtml.class.getResourceAsStream("report.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read report.css from the application itself", e);
    }
  }
}
