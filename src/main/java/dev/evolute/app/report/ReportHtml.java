package dev.evolute.app.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes {@code report.html}: one page that needs nothing beside itself and no network, with all
 * its numbers within. Without its script it shows the same, still.
 */
final class ReportHtml {
  /** More numbers than that are folded away. */
  private static final int MANY = 40;

  private final StudyResult result;
  private final List<Figure> figures;
  private final Html html = new Html();

  private ReportHtml(StudyResult result, List<Figure> figures) {
    this.result = result;
    this.figures = figures;
  }

  static String text(StudyResult result, List<Figure> figures) {
    return new ReportHtml(result, figures).page();
  }

  private String page() {
    html.put("<header>\n");
    notices();
    head();
    html.put("</header>\n");
    contents();
    html.put("<main id=\"main\" tabindex=\"-1\">\n");
    tiles();
    for (String paragraph : result.prose()) {
      html.put("<p>").text(paragraph).put("</p>\n");
    }
    figures();
    ClaimsHtml.append(html, result.claims());
    metrics();
    html.put("<div class=\"pair\">\n");
    pairs("settings", "Settings", result.settings());
    pairs("machine", "Machine and data", machineAndData());
    html.put("</div>\n");
    reproduce();
    html.put("</main>\n<footer><p class=\"muted\">Made by Evolute ").text(result.version());
    html.put(".</p></footer>\n");
    html.data("id=\"summary\"", SummaryJson.text(result, figures));
    return Page.of(result.title(), html);
  }

  private void notices() {
    if (!result.data().real()) {
      html.put("<p class=\"notice\"><strong>Stand-in data.</strong> ");
      String standIn = result.data().standIn();
      html.text(standIn + " stands in for a data set that cannot be had; ");
      html.put(standIn.equals(result.data().name()) ? "these" : "its");
      html.put(" numbers do not reproduce the paper’s.</p>\n");
    }
    if (result.partial()) {
      html.put("<p class=\"notice\"><strong>Partial run.</strong> The run was interrupted; ");
      html.put("this page shows what was computed until then.</p>\n");
    }
  }

  private void head() {
    html.put("<p class=\"kicker\">Evolute <code>").text(result.study()).put("</code>");
    html.text(result.quick() ? " · quick run" : result.claims().isEmpty() ? "" : " · full run");
    html.put("</p>\n<h1>").text(result.title()).put("</h1>\n");
    html.paragraph("answer", result.answer());
    html.paragraph("cite", result.citation());
  }

  private void contents() {
    Map<String, String> parts = new LinkedHashMap<>();
    if (!figures.isEmpty()) {
      parts.put("pictures", "Pictures");
    }
    if (!result.claims().isEmpty()) {
      parts.put("claims", "Claims");
      parts.put("formulas", "What they say");
    }
    if (!result.metrics().isEmpty()) {
      parts.put("metrics", "All numbers");
    }
    parts.put("settings", "Settings");
    parts.put("machine", "Machine and data");
    parts.put("reproduce", "Make it again");
    html.put("<nav aria-label=\"On this page\"><ul>\n");
    parts.forEach((id, name) -> html.put("<li><a href=\"#" + id + "\">" + name + "</a></li>\n"));
    html.put("</ul></nav>\n");
  }

  private void tiles() {
    if (result.facts().isEmpty()) {
      return;
    }
    html.put("<dl class=\"tiles\">\n");
    for (StudyResult.Fact fact : result.facts()) {
      html.put("<div><dt>").text(fact.label()).put("</dt><dd><b>").text(fact.value()).put("</b>");
      if (!fact.note().isEmpty()) {
        html.put("<span>").text(fact.note()).put("</span>");
      }
      html.put("</dd></div>\n");
    }
    html.put("</dl>\n");
  }

  private void figures() {
    if (figures.isEmpty()) {
      return;
    }
    html.section("pictures", "Pictures");
    for (int i = 0; i < figures.size(); i++) {
      FigureHtml.append(html, figures.get(i), i + 1, true);
    }
    html.put("</section>\n");
  }

  private void metrics() {
    if (result.metrics().isEmpty()) {
      return;
    }
    html.section("metrics", "All numbers");
    boolean folded = result.metrics().size() > MANY;
    if (folded) {
      html.put("<details><summary>" + result.metrics().size() + " numbers</summary>\n");
    }
    html.pairs(result.metrics()).put(folded ? "</details>\n</section>\n" : "</section>\n");
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
    html.section(id, heading).pairs(rows).put("</section>\n");
  }

  private void reproduce() {
    html.section("reproduce", "Make it again");
    if (!result.command().isEmpty()) {
      html.put("<pre tabindex=\"0\"><code>").text(result.command()).put("</code></pre>\n");
    }
    html.put("<p>The numbers behind the pictures are in <a href=\"series.csv\">series.csv</a>, ");
    html.put("this summary for programs in <a href=\"summary.json\">summary.json</a>.</p>\n");
    html.put("<div id=\"downloads\" class=\"tools\"></div>\n</section>\n");
  }
}
