package dev.evolute.app.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.parser.Parser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How the pages are built, for readers of every kind; a browser's view is tested elsewhere. */
class ReportPageTest {
  static final HeatMap MATRIX =
      new HeatMap(List.of("1", "2"), new double[][] {{1, 1e-3}, {1e-3, 0}});

  static Stream<String> pages() throws Exception {
    return Stream.of(
        ReportHtml.text(SampleReport.result(true, false), figures()),
        ReportHtml.text(SampleReport.result(false, true), List.of()),
        ComparisonTest.page());
  }

  static List<Figure> figures() {
    return Stream.concat(
            SampleReport.figures().stream(),
            Stream.of(new Figure("blocks", "Blocks", "A matrix.", "", List.of(), MATRIX)))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void thePageIsWellFormed(String html) {
    Parser parser = Parser.htmlParser().setTrackErrors(20);
    Document page = Jsoup.parse(html, "", parser);
    assertTrue(parser.getErrors().isEmpty(), parser.getErrors()::toString);
    assertEquals("en", page.selectFirst("html").attr("lang"));
    assertFalse(page.title().isEmpty());
  }

  @ParameterizedTest
  @MethodSource("pages")
  void headingsDescendOneByOne(String html) {
    int before = 0;
    int first = 0;
    for (Element heading : Jsoup.parse(html).select("h1, h2, h3, h4")) {
      int level = heading.tagName().charAt(1) - '0';
      first += level == 1 ? 1 : 0;
      assertTrue(level <= before + 1, heading.outerHtml());
      before = level;
    }
    assertEquals(1, first);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void landmarksAreThereAndEveryLinkLeadsSomewhere(String html) {
    Document page = Jsoup.parse(html);
    assertEquals(1, page.select("body > header").size());
    assertEquals(1, page.select("body > main").size());
    assertEquals(1, page.select("body > nav[aria-label]").size());
    assertEquals("#main", page.body().child(0).attr("href"));
    for (Element link : page.select("a[href^=#]")) {
      assertEquals(1, page.select("[id=" + link.attr("href").substring(1) + "]").size());
    }
    for (Element named : page.select("[aria-labelledby]")) {
      for (String id : named.attr("aria-labelledby").split(" ")) {
        assertEquals(1, page.select("[id=" + id + "]").size(), id);
      }
    }
    List<String> ids = page.select("[id]").eachAttr("id");
    assertEquals(ids.size(), ids.stream().distinct().count(), ids::toString);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void picturesHaveATitleAndADescription(String html) {
    for (Element svg : Jsoup.parse(html).select("svg")) {
      assertEquals("img", svg.attr("role"));
      assertFalse(svg.selectFirst("title").text().isEmpty());
      assertFalse(svg.selectFirst("desc").text().isEmpty());
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyHeaderOfATableHasAScope(String html) {
    Document page = Jsoup.parse(html);
    assertFalse(page.select("table th").isEmpty());
    assertTrue(page.select("table th:not([scope])").isEmpty());
  }

  @Test
  void aClaimLeadsToItsFormulaInWords() throws Exception {
    StudyResult result =
        StudyResult.of("s")
            .data("d", true, 1, null)
            .claim(new ClaimCheck("λmin ≥ −1", "002, equation (13)").claim())
            .claim(new ClaimCheck("again", "002, equation (13)").claim())
            .build();
    Document page = Jsoup.parse(ReportHtml.text(result, List.of()));
    Element row = page.selectFirst("table.claims tbody tr");
    assertEquals("equation", row.attr("data-kind"));
    assertEquals("open", row.attr("data-verdict"));
    String target = row.selectFirst("a").attr("href").substring(1);
    Element formula = page.getElementById(target);
    assertTrue(formula.text().contains("the smallest eigenvalue of the Hessian is at least"));
    assertTrue(formula.text().contains("λmin ≥ −1; again"), formula::text);
    assertEquals(1, page.select(".formulas > div").size());
  }

  @Test
  void kindsAreReadOffTheSource() {
    String[][] kinds = {
      {"002, Theorem 3, equation (7)", "theorem"},
      {"000, Thms 4.2, 4.3", "other"},
      {"000, Prop. C.1", "proposition"},
      {"001, lemmas A.6, A.7", "lemma"},
      {"000, (4), (5), (6)", "equation"},
      {"002, equations (12), (16) and (30)", "equation"},
      {"001, Figure 1(b)-(d)", "figure"},
      {"000, Def. 3.1", "definition"}
    };
    for (String[] kind : kinds) {
      Claim claim = new ClaimCheck("c", kind[0]).claim();
      assertEquals(kind[0].contains("Thms") ? "theorem" : kind[1], claim.kind(), kind[0]);
    }
  }

  /** Nine digits are kept; abscissae that lines share stand there once. */
  @Test
  void theNumbersOfAFigureComeBackAsTheyWere() throws Exception {
    for (Figure figure : figures()) {
      String text = FigureData.text(figure);
      assertFalse(text.contains("NaN") || text.contains("Infinity"), text);
      JsonNode node = new ObjectMapper().readTree(text);
      Figure back = FigureData.read(node);
      assertEquals(text, FigureData.text(back));
      assertEquals(figure.title(), back.title());
      for (int p = 0; p < figure.panels().size(); p++) {
        Chart chart = figure.panels().get(p);
        Chart again = back.panels().get(p);
        assertEquals(chart.references(), again.references());
        for (int i = 0; i < chart.lines().size(); i++) {
          Line line = chart.lines().get(i);
          assertEquals(line.name(), again.lines().get(i).name());
          assertEquals(line.style(), again.lines().get(i).style());
          assertEquals(line.y().length, again.lines().get(i).y().length);
          for (int k = 0; k < line.y().length; k++) {
            double y = line.y()[k];
            assertEquals(y, again.lines().get(i).y()[k], 5e-9 * Math.abs(y));
            assertEquals(line.x()[k], again.lines().get(i).x()[k], 5e-9 * Math.abs(line.x()[k]));
          }
        }
      }
    }
    JsonNode loss = new ObjectMapper().readTree(FigureData.text(figures().get(0)));
    assertEquals(1, loss.get("panels").get(0).get("xs").size());
  }

  @Test
  void aMillionPointsMakeAPageThatOpensAndKeepTheirSpike() throws Exception {
    double[] x = new double[1_000_000];
    double[] y = new double[x.length];
    Arrays.setAll(x, i -> i);
    Arrays.setAll(y, i -> i == 654_321 ? 50 : i % 3 == 0 ? Double.NaN : Math.sin(i * 0.7));
    Chart chart = Chart.titled("t").line(Line.solid("l", x, y, 0)).build();
    String text = FigureData.text(new Figure("f", "f", "", "", List.of(chart)));
    assertTrue(text.length() < 600_000, text.length() + " characters");
    Line back = FigureData.read(new ObjectMapper().readTree(text)).panels().get(0).lines().get(0);
    assertEquals(50, Arrays.stream(back.y()).filter(v -> !Double.isNaN(v)).max().orElseThrow());
    assertEquals(0, back.x()[0]);
    assertEquals(999_999, back.x()[back.x().length - 1]);
    for (int i = 1; i < back.x().length; i++) {
      assertTrue(back.x()[i] > back.x()[i - 1]);
    }
  }

  @Test
  void gapsAndTextThatEndsScriptsSurvive() throws Exception {
    String evil = "</script><!--";
    double[] gap = {Double.NaN, Double.POSITIVE_INFINITY, 1e-300, 0.1};
    Line line = Line.points(evil, new double[] {0, 1, 2, 3}, gap, -1);
    Figure figure = new Figure("f", evil, evil, "", List.of(Chart.titled(evil).line(line).build()));
    StudyResult result = StudyResult.of("s").data("d", true, 1, null).title(evil).build();
    Document page = Jsoup.parse(ReportHtml.text(result, List.of(figure)));
    String data = page.selectFirst("script[data-figure]").data();
    Figure back = FigureData.read(new ObjectMapper().readTree(data));
    assertEquals(evil, back.panels().get(0).lines().get(0).name());
    double[] y = back.panels().get(0).lines().get(0).y();
    assertTrue(Double.isNaN(y[0]) && Double.isNaN(y[1]));
    assertEquals(1e-300, y[2]);
    assertEquals(0.1, y[3]);
    JsonNode summary = new ObjectMapper().readTree(page.getElementById("summary").data());
    assertEquals("s", summary.get("study").asText());
  }

  /** Contrast by WCAG 2: 4.5 for text, 3 for what is drawn. */
  @Test
  void coloursStandOutFromThePaperInBothSchemes() {
    for (String[] scheme : new String[][] {{"#ffffff", "0"}, {"#14181d", "1"}}) {
      String[] rules = ChartSvg.palette().split("@media");
      String palette = rules[Integer.parseInt(scheme[1])];
      java.util.regex.Matcher colour =
          java.util.regex.Pattern.compile("--s\\d:(#\\w{6})").matcher(palette);
      int count = 0;
      while (colour.find()) {
        assertTrue(contrast(colour.group(1), scheme[0]) >= 3, colour.group(1));
        count++;
      }
      assertEquals(Marker.values().length, count);
    }
    String[] css = Page.resource("report.css").split("@media", 2);
    for (String name : List.of("ink", "muted", "link", "good", "bad")) {
      for (int dark = 0; dark < 2; dark++) {
        String ink = variable(css[dark], name);
        assertTrue(contrast(ink, variable(css[dark], "paper")) >= 4.5, name);
        assertTrue(contrast(ink, variable(css[dark], "card")) >= 4.5, name);
      }
    }
  }

  private static String variable(String css, String name) {
    return css.split("--" + name + ": ")[1].substring(0, 7);
  }

  private static double contrast(String a, String b) {
    double la = luminance(a);
    double lb = luminance(b);
    return (Math.max(la, lb) + 0.05) / (Math.min(la, lb) + 0.05);
  }

  private static double luminance(String colour) {
    double[] weights = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      double c = Integer.parseInt(colour.substring(1 + 2 * i, 3 + 2 * i), 16) / 255.0;
      sum += weights[i] * (c <= 0.03928 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
  }
}
