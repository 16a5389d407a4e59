package dev.evolute.app.report;

import java.util.ArrayList;
import java.util.List;

/** The table of claims, and what the formulas that they check say. */
final class ClaimsHtml {
  private ClaimsHtml() {}

  static void append(Html html, List<Claim> claims) {
    if (claims.isEmpty()) {
      return;
    }
    List<String> sources = claims.stream().map(Claim::paper).distinct().toList();
    html.section("claims", "Claims of the paper, checked");
    html.put("<p class=\"muted\">The tightest point is the smallest (left − right) / max(|left|,");
    html.put(" |right|) over all points checked; below zero the inequality fails there.</p>\n");
    html.scroll("claims-heading").put("<table class=\"claims\">\n<thead><tr>");
    html.put("<th scope=\"col\">Verdict</th><th scope=\"col\">Claim</th>");
    html.put("<th scope=\"col\">Source</th><th scope=\"col\" class=\"n\">Violated</th>");
    html.put("<th scope=\"col\" class=\"n\">Tightest</th></tr></thead>\n<tbody>\n");
    for (Claim claim : claims) {
      row(html, claim, "formula-" + sources.indexOf(claim.paper()));
    }
    html.put("</tbody>\n</table></div>\n</section>\n");
    formulas(html, claims, sources);
  }

  private static void row(Html html, Claim claim, String formula) {
    html.put("<tr data-verdict=\"" + claim.verdict() + "\" data-kind=\"").text(claim.kind());
    html.put("\"><td>" + verdict(claim) + "</td><th scope=\"row\">").text(claim.name());
    if (!claim.note().isEmpty()) {
      html.put("<small>").text(claim.note()).put("</small>");
    }
    html.put("</th><td><a href=\"#" + formula + "\">").text(claim.paper()).put("</a></td>");
    html.put("<td class=\"n\" data-sort=\"" + claim.violated() + "\">");
    html.text(Numbers.text(claim.violated())).put(" of ").text(Numbers.text(claim.checked()));
    if (Double.isNaN(claim.tightest())) {
      html.put("</td><td class=\"n\" data-sort=\"\">–</td></tr>\n");
    } else {
      html.put("</td><td class=\"n\" data-sort=\"" + claim.tightest() + "\">");
      html.text(Numbers.text(claim.tightest())).put("</td></tr>\n");
    }
  }

  /** The verdict in a word and a sign. */
  static String verdict(Claim claim) {
    return switch (claim.verdict()) {
      case "open" -> "<span class=\"unknown\">– not checked</span>";
      case "holds" -> "<span class=\"holds\">✓ holds</span>";
      default -> "<span class=\"fails\">✗ fails</span>";
    };
  }

  private static void formulas(Html html, List<Claim> claims, List<String> sources) {
    html.section("formulas", "What they say");
    html.put("<dl class=\"formulas\">\n");
    for (int i = 0; i < sources.size(); i++) {
      String source = sources.get(i);
      List<String> names = new ArrayList<>();
      claims.stream().filter(c -> c.paper().equals(source)).map(Claim::name).forEach(names::add);
      html.put("<div id=\"formula-" + i + "\" tabindex=\"-1\"><dt>").text(source).put("</dt><dd>");
      html.text(Formulas.of(source)).put("<small>Checked as: ");
      html.text(String.join("; ", names)).put("</small></dd></div>\n");
    }
    html.put("</dl>\n</section>\n");
  }
}
