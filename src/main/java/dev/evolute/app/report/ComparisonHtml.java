package dev.evolute.app.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Writes {@code compare.html}: several results on one page that needs nothing beside itself. */
final class ComparisonHtml {
  private final Comparison comparison;
  private final String command;
  private final Html html = new Html();

  private ComparisonHtml(Comparison comparison, String command) {
    this.comparison = comparison;
    this.command = command;
  }

  static String text(Comparison comparison, String command) {
    return new ComparisonHtml(comparison, command).page();
  }

  private String page() {
    List<SavedResult> runs = comparison.runs();
    List<Figure> figures = comparison.figures();
    html.put("<header>\n<p class=\"kicker\">Evolute <code>compare</code></p>\n<h1>");
    html.put(runs.size() + " results side by side</h1>\n");
    runs();
    html.put("</header>\n<nav aria-label=\"On this page\"><ul>\n");
    html.put("<li><a href=\"#settings\">What differs in settings</a></li>\n");
    html.put("<li><a href=\"#metrics\">Numbers</a></li>\n");
    html.put(comparison.claims().isEmpty() ? "" : "<li><a href=\"#claims\">Claims</a></li>\n");
    html.put(figures.isEmpty() ? "" : "<li><a href=\"#pictures\">Pictures</a></li>\n");
    html.put("<li><a href=\"#reproduce\">Make it again</a></li>\n</ul></nav>\n");
    html.put("<main id=\"main\" tabindex=\"-1\">\n");
    settings();
    metrics();
    claims();
    if (!figures.isEmpty()) {
      html.section("pictures", "Pictures");
      for (int i = 0; i < figures.size(); i++) {
        FigureHtml.append(html, figures.get(i), i + 1, false);
      }
      html.put("</section>\n");
    }
    html.section("reproduce", "Make it again");
    html.put("<pre tabindex=\"0\"><code>").text(command).put("</code></pre>\n");
    html.put("<p>All of it for programs is in <a href=\"compare.json\">compare.json</a>.</p>\n");
    html.put("</section>\n</main>\n");
    return Page.of("Comparison", html);
  }

  private void runs() {
    html.put("<dl class=\"tiles\">\n");
    for (int i = 0; i < comparison.runs().size(); i++) {
      SavedResult run = comparison.runs().get(i);
      html.put("<div><dt>").text(run.path().toString()).put("</dt><dd><b>");
      html.put(Comparison.letter(i) + "</b><span>").text(run.title()).put("</span></dd></div>\n");
    }
    html.put("</dl>\n");
    boolean mixed =
        comparison.runs().stream().map(run -> run.summary().get("study")).distinct().count() > 1;
    if (mixed) {
      html.put("<p class=\"notice\"><strong>Different kinds of results.</strong> ");
      html.put("Numbers of the same name need not mean the same.</p>\n");
    }
    for (int i = 0; i < comparison.runs().size(); i++) {
      if (!comparison.runs().get(i).summary().path("data").path("real").asBoolean(true)) {
        html.put("<p class=\"notice\"><strong>Stand-in data</strong> in ");
        html.put(Comparison.letter(i) + ".</p>\n");
      }
    }
  }

  private void columns(String heading) {
    html.put("<thead><tr><th scope=\"col\">" + heading + "</th>");
    for (int i = 0; i < comparison.runs().size(); i++) {
      html.put("<th scope=\"col\" class=\"n\">" + Comparison.letter(i) + "</th>");
    }
    html.put("</tr></thead>\n<tbody>\n");
  }

  private void settings() {
    html.section("settings", "What differs in settings, machine and data");
    Map<String, List<String>> differing = new LinkedHashMap<>();
    comparison.settings().forEach((k, v) -> put(differing, k, v, Comparison.differs(v)));
    if (differing.isEmpty()) {
      html.put("<p>Nothing.</p>\n</section>\n");
      return;
    }
    html.scroll("settings-heading").put("<table>\n");
    columns("Setting");
    differing.forEach(
        (key, values) -> {
          html.put("<tr><th scope=\"row\">").text(key.replace("/", ": ")).put("</th>");
          values.forEach(value -> html.put("<td class=\"wrap\">").text(value).put("</td>"));
          html.put("</tr>\n");
        });
    html.put("</tbody></table></div>\n<p class=\"muted\">");
    html.put((comparison.settings().size() - differing.size()) + " others are the same.</p>\n");
    html.put("</section>\n");
  }

  private static <V> void put(Map<String, V> into, String key, V value, boolean wanted) {
    if (wanted) {
      into.put(key, value);
    }
  }

  private void metrics() {
    html.section("metrics", "Numbers");
    Map<String, double[]> differing = new LinkedHashMap<>();
    Map<String, double[]> same = new LinkedHashMap<>();
    comparison
        .metrics()
        .forEach((key, values) -> (Comparison.differs(values) ? differing : same).put(key, values));
    html.put("<p class=\"muted\">Below each number its difference to A, in per cent of A.</p>\n");
    if (!differing.isEmpty()) {
      table(differing);
    }
    if (!same.isEmpty()) {
      html.put("<details><summary>" + same.size() + " numbers are the same</summary>\n");
      table(same);
      html.put("</details>\n");
    }
    html.put("</section>\n");
  }

  private void table(Map<String, double[]> rows) {
    html.scroll("metrics-heading").put("<table>\n");
    columns("Number");
    rows.forEach(
        (key, values) -> {
          html.put("<tr><th scope=\"row\">").text(key).put("</th>");
          for (int i = 0; i < values.length; i++) {
            html.put("<td class=\"n\">").text(Numbers.text(values[i]));
            double percent = i == 0 ? Double.NaN : Comparison.percent(values[i], values[0]);
            if (Double.isFinite(percent) && percent != 0) {
              html.put("<small>").text(signed(percent)).put("</small>");
            }
            html.put("</td>");
          }
          html.put("</tr>\n");
        });
    html.put("</tbody></table></div>\n");
  }

  private static String signed(double percent) {
    String digits =
        Math.abs(percent) < 1e6
            ? String.format(Locale.ROOT, "%.3g", Math.abs(percent))
            : Numbers.text(Math.abs(percent));
    return (percent < 0 ? "−" : "+") + digits + " %";
  }

  /** Those first on which the runs do not agree. */
  private void claims() {
    if (comparison.claims().isEmpty()) {
      return;
    }
    List<List<Claim>> rows = new ArrayList<>(comparison.claims().values());
    rows.sort(Comparator.comparing(row -> !Comparison.verdictsDiffer(row)));
    html.section("claims", "Claims").put("<p class=\"muted\">" + comparison.verdicts());
    html.put("; those with different verdicts come first.</p>\n").scroll("claims-heading");
    html.put("<table>\n");
    columns("Claim");
    for (List<Claim> row : rows) {
      Claim any = row.stream().filter(Objects::nonNull).findFirst().orElseThrow();
      html.put("<tr><th scope=\"row\">").text(any.name()).put("<small>").text(any.paper());
      html.put(". ").text(Formulas.of(any.paper())).put("</small></th>");
      for (Claim claim : row) {
        html.put("<td class=\"n\">");
        if (claim == null) {
          html.put("–</td>");
          continue;
        }
        html.put(ClaimsHtml.verdict(claim)).put("<small>");
        html.text(Numbers.text(claim.violated()) + " of " + Numbers.text(claim.checked()));
        html.put("</small></td>");
      }
      html.put("</tr>\n");
    }
    html.put("</tbody></table></div>\n</section>\n");
  }
}
