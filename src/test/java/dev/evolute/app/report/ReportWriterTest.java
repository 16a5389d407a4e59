package dev.evolute.app.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evolute.app.UserException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportWriterTest {
  @TempDir Path folder;

  @Test
  void writesEveryFileAndNothingElse() throws Exception {
    Path out = folder.resolve("a/b");
    ReportWriter.checkWritable(out);
    List<Path> files = write(out, SampleReport.result(true, false));
    assertEquals(
        List.of(
            "series.csv", "loss.svg", "spectrum.svg", "single.svg", "report.html", "summary.json"),
        files.stream().map(f -> f.getFileName().toString()).toList());
    try (Stream<Path> found = Files.list(out)) {
      assertEquals(files.size(), found.count());
    }
  }

  @Test
  void aSecondRunWithTheSameNumbersWritesTheSameBytes() throws Exception {
    List<Path> first = write(folder.resolve("1"), SampleReport.result(true, false));
    List<Path> second = write(folder.resolve("2"), SampleReport.result(true, false));
    for (int i = 0; i < first.size(); i++) {
      assertEquals(-1, Files.mismatch(first.get(i), second.get(i)), first.get(i).toString());
    }
    write(folder.resolve("2"), SampleReport.result(false, true));
    assertTrue(Files.mismatch(first.get(4), second.get(4)) >= 0);
  }

  @Test
  void summaryHasTheKeysOfTheDesignInOrder() throws Exception {
    JsonNode summary = summary(SampleReport.result(true, true));
    assertEquals(
        "evolute study quick partial seed machine settings data seconds metrics claims figures",
        keys(summary));
    assertEquals("cpu vectorBits threads device jdk", keys(summary.get("machine")));
    assertEquals("name real samples sha256", keys(summary.get("data")));
    assertEquals("name paper checked violated tightest holds", keys(summary.get("claims").get(0)));
    assertEquals("file reproduces", keys(summary.get("figures").get(0)));
    assertTrue(summary.get("partial").asBoolean());
    assertTrue(summary.get("metrics").get("steps").isIntegralNumber());
    assertEquals(5, summary.get("settings").get("divisors").get(1).asInt());
    assertEquals(40, summary.get("claims").get(0).get("checked").asInt());
  }

  @Test
  void numbersThatJsonLacksAreNull() throws Exception {
    StudyResult result =
        StudyResult.of("s")
            .data("d", true, 1, null)
            .seconds(Double.NaN)
            .metric("nan", Double.NaN)
            .metric("infinite", Float.NEGATIVE_INFINITY)
            .metric("tiny", Double.MIN_VALUE)
            .setting("list", List.of(1, Double.POSITIVE_INFINITY))
            .claim(new ClaimCheck("never checked", "").claim())
            .build();
    JsonNode summary = summary(result);
    assertTrue(summary.get("seconds").isNull());
    assertTrue(summary.get("metrics").get("nan").isNull());
    assertTrue(summary.get("metrics").get("infinite").isNull());
    assertEquals(Double.MIN_VALUE, summary.get("metrics").get("tiny").asDouble());
    assertTrue(summary.get("settings").get("list").get(1).isNull());
    assertTrue(summary.get("claims").get(0).get("tightest").isNull());
  }

  @Test
  void standInDataAndPartialRunsAreSaidFirst() {
    String plain = ReportHtml.text(SampleReport.result(true, false), List.of());
    assertFalse(plain.contains("class=\"notice\""));
    String html = ReportHtml.text(SampleReport.result(false, true), List.of());
    int standIn = html.indexOf("Stand-in data");
    int partial = html.indexOf("Partial run");
    assertTrue(html.indexOf("<body>") < standIn && standIn < partial);
    assertTrue(partial < html.indexOf("<h1>"));
  }

  @Test
  void theReportNeedsNothingFromOutside() {
    String html = ReportHtml.text(SampleReport.result(true, false), SampleReport.figures());
    assertFalse(html.contains("<link") || html.contains("@import") || html.contains("<img"));
    assertFalse(html.contains(" src=") || html.matches("(?s).*(fetch|import|eval)\\(.*"));
    // The script refers to a part of the picture that it draws, and to nothing else.
    assertEquals(1, html.split("url\\(").length - 1);
    assertFalse(html.replace("http://www.w3.org/2000/svg", "").matches("(?s).*https?:.*"));
    List<String> ids = new ArrayList<>();
    Matcher matcher = Pattern.compile(" id=\"([^\"]*)\"").matcher(html);
    while (matcher.find()) {
      ids.add(matcher.group(1));
    }
    assertEquals(ids.stream().distinct().count(), ids.size(), ids.toString());
    assertTrue(ids.size() > 10);
  }

  /** A browser runs what has this hash, and nothing else. */
  @Test
  void thePolicyAllowsTheOneScriptAndNoNetwork() throws Exception {
    String html = ReportHtml.text(SampleReport.result(true, false), SampleReport.figures());
    Matcher scripts = Pattern.compile("<script>(.*?)</script>", Pattern.DOTALL).matcher(html);
    assertTrue(scripts.find());
    byte[] digest =
        MessageDigest.getInstance("SHA-256")
            .digest(scripts.group(1).getBytes(StandardCharsets.UTF_8));
    assertFalse(scripts.find());
    Matcher policy = Pattern.compile("Security-Policy\" content=\"([^\"]*)").matcher(html);
    assertTrue(policy.find());
    assertEquals(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"
            + Base64.getEncoder().encodeToString(digest)
            + "'; base-uri 'none'; form-action 'none'",
        policy.group(1));
  }

  /** What stands in every report. */
  @Test
  void scriptAndStyleStaySmall() {
    String html = ReportHtml.text(SampleReport.result(true, false), List.of());
    assertTrue(html.length() < 45_000, html.length() + " characters");
  }

  @Test
  void verdictsAreWords() {
    String html = ReportHtml.text(SampleReport.result(true, false), List.of());
    assertTrue(html.contains("✓ holds") && html.contains("✗ fails"));
    assertTrue(html.contains("not checked") && html.contains("36 of 40"));
  }

  @Test
  void nothingGivenIsTakenForMarkup() {
    String evil = "<script>alert(\"x\")</script>'&";
    StudyResult result =
        StudyResult.of(evil)
            .version(evil)
            .machine(evil, evil)
            .setting(evil, List.of(evil))
            .data(evil, false, 1, evil)
            .metric(evil, 1)
            .claim(new ClaimCheck(evil, evil).note(evil).claim())
            .title(evil)
            .answer(evil)
            .citation(evil)
            .fact(evil, evil, evil)
            .prose(evil)
            .command(evil)
            .build();
    Line line = Line.solid(evil, new double[] {0, 1}, new double[] {0, 1}, 0);
    Chart chart = Chart.titled(evil).x(evil).y(evil).line(line).horizontal(0.5, evil).build();
    Figure figure = new Figure("evil", evil, evil, evil, List.of(chart));
    String html = ReportHtml.text(result, List.of(figure));
    assertFalse(html.contains("<script>alert"));
    assertTrue(html.contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;"));
  }

  @Test
  void aFolderThatCannotBeMadeIsNamedInOneSentence() throws Exception {
    Path file = Files.createFile(folder.resolve("taken"));
    for (Path out : List.of(file, file.resolve("inside"))) {
      String message =
          assertThrows(UserException.class, () -> ReportWriter.checkWritable(out)).getMessage();
      assertTrue(message.contains(out.toString()) && message.contains("--out"), message);
      assertFalse(message.contains("\n") || message.contains("null"), message);
      assertThrows(UserException.class, () -> write(out, SampleReport.result(true, false)));
    }
  }

  @Test
  void aFileThatCannotBeReplacedLeavesNoPartBehind() throws Exception {
    Files.createDirectories(folder.resolve("report.html/inside"));
    assertThrows(UserException.class, () -> write(folder, SampleReport.result(true, false)));
    try (Stream<Path> found = Files.list(folder)) {
      assertTrue(found.noneMatch(f -> f.toString().endsWith(".part")));
    }
    assertFalse(Files.exists(folder.resolve("summary.json")));
  }

  @Test
  void aFigureNameGivenTwiceIsRefused() {
    List<Figure> figures = SampleReport.figures();
    assertThrows(
        IllegalArgumentException.class,
        () ->
            ReportWriter.write(
                folder,
                SampleReport.result(true, false),
                SampleReport.series(),
                List.of(figures.get(0), figures.get(0))));
  }

  private static List<Path> write(Path out, StudyResult result) {
    return ReportWriter.write(out, result, SampleReport.series(), SampleReport.figures());
  }

  private static JsonNode summary(StudyResult result) throws Exception {
    String text = SummaryJson.text(result, SampleReport.figures());
    assertFalse(text.contains("\r"));
    return new ObjectMapper().readTree(text);
  }

  private static String keys(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return String.join(" ", names);
  }
}
