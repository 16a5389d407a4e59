package dev.evolute.app.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evolute.app.UserException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results that were written are read back and laid side by side. */
class ComparisonTest {
  private static final ClaimCheck HOLDS = new ClaimCheck("bound", "002, equation (13)");
  private static final ClaimCheck FAILS = new ClaimCheck("bound", "002, equation (13)");

  static {
    HOLDS.check(2, 1);
    FAILS.check(1, 2);
  }

  @TempDir Path folder;
  private Path a;
  private Path b;

  @BeforeEach
  void results() {
    a = folder.resolve("a");
    b = folder.resolve("b");
    write(a, result(1, 4, HOLDS), figures(1));
    write(b, result(2, 5, FAILS), figures(2));
  }

  /** A page for tests of how pages are built. */
  static String page() throws Exception {
    Path at = Files.createTempDirectory("comparison");
    try {
      List<Path> both = List.of(at.resolve("a"), at.resolve("b"));
      write(both.get(0), result(1, 4, HOLDS), ReportPageTest.figures());
      write(both.get(1), result(2, 5, FAILS), ReportPageTest.figures());
      return ComparisonHtml.text(Comparison.of(both), "./evolute compare a b");
    } finally {
      try (var files = Files.walk(at)) {
        files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  private static StudyResult result(long seed, double lambda, ClaimCheck claim) {
    return StudyResult.of("probe")
        .seed(seed)
        .machine("cpu", "one")
        .setting("step, 1/√m scaling", 0.1)
        .setting("widths", List.of(1, 2 * seed))
        .data("mnist-1k", seed == 1, 1000, "00")
        .metric("lambdaMax", lambda)
        .metric("same", 1)
        .metric(seed == 1 ? "onlyFirst" : "onlySecond", 0)
        .claim(claim.claim())
        .build();
  }

  private static List<Figure> figures(int run) {
    double[] x = {0, 1, 2};
    Line line = Line.solid("loss", x, new double[] {run, run, run}, 3);
    Chart single = Chart.titled("").line(line).horizontal(run, "level").build();
    Chart pair =
        Chart.titled("pair")
            .line(line)
            .line(Line.points("dots", x, x, 1))
            .horizontal(0, "0")
            .build();
    return List.of(
        new Figure("loss", "Loss", "", "", List.of(single, pair)),
        new Figure("only-" + run, "Only here", "", "", List.of(single)));
  }

  private static void write(Path out, StudyResult result, List<Figure> figures) {
    ReportWriter.write(out, result, new SeriesTable("x"), figures);
  }

  @Test
  void whatDiffersIsTold() {
    String text = Comparison.of(List.of(a, b)).text();
    assertTrue(text.contains("seed                    1 | 2"), text);
    assertTrue(text.contains("widths                  1, 2 | 1, 4"), text);
    assertTrue(text.contains("data/real               true | false"), text);
    assertFalse(text.contains("scaling"), text);
    assertTrue(text.contains("4 numbers, of which 3 differ"), text);
    assertTrue(text.contains("bound (002, equation (13)): holds | fails"), text);
    assertTrue(text.contains("1 claims, of which 1 have different verdicts"), text);
  }

  @Test
  void aClaimThatOneResultLacksIsNoDifferentVerdict() {
    Path c = folder.resolve("c");
    write(
        c,
        StudyResult.of("probe")
            .seed(1)
            .machine("cpu", "one")
            .data("mnist-1k", true, 1000, "00")
            .build(),
        figures(3));
    Comparison comparison = Comparison.of(List.of(a, c));
    String sentence = "1 claims, of which 0 have different verdicts and 1 are not in every result";
    assertTrue(comparison.text().endsWith(sentence + System.lineSeparator()), comparison.text());
    assertTrue(ComparisonHtml.text(comparison, "command").contains(sentence));
  }

  @Test
  void theSameResultTwiceDiffersInNothing() {
    String text = Comparison.of(List.of(a, a.resolve("report.html"))).text();
    assertEquals(
        List.of("3 numbers, of which 0 differ", "1 claims, of which 0 have different verdicts"),
        text.lines().skip(2).toList());
  }

  @Test
  void numbersHaveTheirDifferenceInPerCent() {
    Document page = Jsoup.parse(ComparisonHtml.text(Comparison.of(List.of(a, b)), "command"));
    String row =
        page.select("#metrics tr").stream()
            .map(tr -> tr.text())
            .filter(tr -> tr.startsWith("lambdaMax"))
            .findFirst()
            .orElseThrow();
    assertEquals("lambdaMax 4 5+25.0 %", row);
    assertTrue(page.text().contains("1 numbers are the same"));
    assertTrue(page.text().contains("Stand-in data in B"));
    assertEquals("command", page.selectFirst("#reproduce code").text());
  }

  /** One line a panel: colours tell the runs apart. Several: dashes do, and colours of points. */
  @Test
  void picturesOfOneNameLieOverEachOther() {
    List<Figure> figures = Comparison.of(List.of(a, b)).figures();
    assertEquals(List.of("loss"), figures.stream().map(Figure::name).toList());
    Chart single = figures.get(0).panels().get(0);
    assertEquals(List.of("A: loss", "B: loss"), single.lines().stream().map(Line::name).toList());
    assertEquals(List.of(0, 1), single.lines().stream().map(Line::colour).toList());
    assertEquals(2, single.references().size());
    Chart pair = figures.get(0).panels().get(1);
    assertEquals(
        List.of(Line.Style.SOLID, Line.Style.POINTS, Line.Style.DASHED, Line.Style.POINTS),
        pair.lines().stream().map(Line::style).toList());
    assertEquals(List.of(3, 1, 3, 4), pair.lines().stream().map(Line::colour).toList());
    assertEquals(1, pair.references().size());
  }

  @Test
  void aSummaryAloneHasNumbersButNoPictures() throws Exception {
    Files.delete(b.resolve("report.html"));
    Comparison comparison = Comparison.of(List.of(a, b, a.resolve("summary.json")));
    assertEquals(List.of(), comparison.figures());
    JsonNode json = new ObjectMapper().readTree(ReportWriter.json(comparison.json()));
    assertEquals(5, json.get("metrics").get("lambdaMax").get(1).asDouble());
    assertTrue(json.get("metrics").get("onlyFirst").get(1).isNull());
    assertEquals("fails", json.get("claims").get(0).get("verdicts").get(1).asText());
    assertEquals(3, json.get("runs").size());
  }

  @Test
  void whatIsNoResultIsNamedInOneSentence() throws Exception {
    Path text = Files.writeString(folder.resolve("text.json"), "text");
    Path other = Files.writeString(folder.resolve("other.json"), "{}");
    Path old = Files.writeString(folder.resolve("old.html"), "<html></html>");
    for (Path wrong : List.of(folder.resolve("missing"), folder, text, other, old)) {
      String message =
          assertThrows(UserException.class, () -> Comparison.of(List.of(a, wrong))).getMessage();
      assertTrue(message.startsWith("compare: " + wrong), message);
      assertFalse(message.contains("\n"), message);
    }
  }
}
