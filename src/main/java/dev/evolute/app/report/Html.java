package dev.evolute.app.report;

import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/** Collects HTML: markup as it is, and text in which nothing is taken for markup. */
final class Html {
  private final StringBuilder html = new StringBuilder();

  /** Appends markup as it is. */
  Html put(String markup) {
    html.append(markup);
    return this;
  }

  /** Appends text that came from elsewhere. */
  Html text(String content) {
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

  /** A paragraph, unless there is nothing to say. */
  Html paragraph(String style, String content) {
    if (!content.isEmpty()) {
      put("<p class=\"" + style + "\">").text(content).put("</p>\n");
    }
    return this;
  }

  /** Opens a section that its heading names. */
  Html section(String id, String heading) {
    put("<section id=\"" + id + "\" aria-labelledby=\"" + id + "-heading\">\n");
    return put("<h2 id=\"" + id + "-heading\">").text(heading).put("</h2>\n");
  }

  /** Opens a region that scrolls sideways where a table is wider than the screen. */
  Html scroll(String labelledBy) {
    put("<div class=\"scroll\" role=\"region\" aria-labelledby=\"" + labelledBy + "\" ");
    return put("tabindex=\"0\">");
  }

  /** A cell with a number or whatever else there is. */
  Html cell(Object value) {
    if (value instanceof Number number) {
      return put("<td class=\"n\">").text(Numbers.text(number)).put("</td>");
    }
    return put("<td>").text(plain(value)).put("</td>");
  }

  /** A table of names and values. */
  Html pairs(Map<String, ?> rows) {
    put("<table class=\"pairs\"><tbody>\n");
    rows.forEach(
        (key, value) ->
            put("<tr><th scope=\"row\">").text(key).put("</th>").cell(value).put("</tr>\n"));
    return put("</tbody></table>\n");
  }

  /** JSON that a script or a program reads; no text in it can end it. */
  Html data(String attributes, String json) {
    put("<script type=\"application/json\" " + attributes + ">");
    return put(json.replace("<", "\\u003c")).put("</script>\n");
  }

  static String plain(Object value) {
    return value instanceof Collection<?> several
        ? several.stream().map(Html::plain).collect(Collectors.joining(", "))
        : String.valueOf(value);
  }

  @Override
  public String toString() {
    return html.toString();
  }
}
