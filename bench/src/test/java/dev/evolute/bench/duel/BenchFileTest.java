package dev.evolute.bench.duel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

/** What a run leaves behind. */
class BenchFileTest {
  private static Row row(String which, double ours, double openBlas, double oneMkl) {
    Map<String, Double> peers = new LinkedHashMap<>();
    peers.put("openblas", openBlas);
    peers.put("onemkl", oneMkl);
    return new Row(Case.parse(which), ours, peers, 200, 0.01, 0, Map.of());
  }

  private static Outcome outcome(Row... rows) {
    return new Outcome(
        new GemmBench(),
        true,
        Map.of("cpu", "a processor"),
        Map.of("evolute", "ours"),
        List.of(rows),
        12);
  }

  private static final Outcome TWO =
      outcome(row("f32 64x64x64 nn t1", 100, 50, 40), row("f32 10x10x4000 nn t1", 50, 60, 100));

  @Test
  void theFileHasTheKeysOfTheDesign() throws Exception {
    JsonNode file = new ObjectMapper().readTree(BenchFile.text(TWO));
    assertEquals("gemm", file.get("bench").asText());
    assertEquals("a processor", file.get("machine").get("cpu").asText());
    JsonNode row = file.get("rows").get(1);
    assertEquals("f32 10x10x4000 nn t1", row.get("case").asText());
    assertEquals("GFLOP/s", row.get("unit").asText());
    assertEquals(50, row.get("ours").asDouble());
    assertEquals(60, row.get("peers").get("openblas").asDouble());
    assertEquals(0.5, row.get("ratio").asDouble(), "over the faster peer");
    assertEquals(0.25, row.get("ofLimit").asDouble());
    assertEquals(1, file.get("geomean").asDouble(), 1e-12, "of 2 and 1/2");
    assertEquals(0.5, file.get("min").asDouble());
    assertEquals(200, file.get("limits").get("f32 t1").asDouble());
  }

  @Test
  void aRowWithoutPeersHasNoRatioAndDoesNotCount() throws Exception {
    Row alone = new Row(Case.parse("f32 sigmoid 1000 t1"), 3, Map.of(), Double.NaN, 0, 0, Map.of());
    JsonNode file =
        new ObjectMapper()
            .readTree(BenchFile.text(outcome(alone, row("f32 16x16x16 nn t1", 3, 1, 2))));
    assertTrue(file.get("rows").get(0).get("ratio").isNull());
    assertTrue(file.get("rows").get(0).get("peers").isEmpty());
    assertEquals(1.5, file.get("geomean").asDouble(), 1e-12);
    JsonNode nothing = new ObjectMapper().readTree(BenchFile.text(outcome(alone)));
    assertTrue(nothing.get("geomean").isNull() && nothing.get("min").isNull());
  }

  @Test
  void theReportNamesTheSlowestPointsFirst() {
    String report = BenchTable.report(TWO, "chart.svg");
    String slowest =
        report.substring(report.indexOf("## The slowest points"), report.indexOf("## All points"));
    int worst = slowest.indexOf("10x10x4000");
    assertTrue(worst > 0 && worst < slowest.indexOf("64x64x64"), slowest);
    assertTrue(report.contains("(chart.svg)"));
  }

  @Test
  void theChartIsWellFormed() throws Exception {
    String svg = RatioChart.svg(TWO);
    var document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)));
    assertEquals(1 + 2, document.getElementsByTagName("rect").getLength(), "paper and two bars");
  }

  private static Row solved(Map<String, Double> peers) {
    Solution ours = new Solution("residual 1.0E-4", 0.1, 30, -3.5290751234, 26.723655, 2e-3, 1e-5);
    return new Row(
        Case.parse("f32 784-50-50-10 relu cross-entropy n1000 digits t2"),
        600,
        peers,
        Double.NaN,
        0.01,
        Double.NaN,
        Map.of(),
        List.of(new Attempt("evolute", ours, 4e-8, 1e-7, 3, 3)));
  }

  @Test
  void whatSolversFoundIsInTheFileAndInTheReport() throws Exception {
    Outcome outcome = outcome(solved(Map.of("arpack", 100.0)), solved(Map.of()));
    JsonNode rows = new ObjectMapper().readTree(BenchFile.text(outcome)).get("rows");
    assertEquals(6, rows.get(0).get("ratio").asDouble());
    assertTrue(rows.get(1).get("ratio").isNull());
    JsonNode found = rows.get(0).get("attempts").get(0);
    assertEquals("evolute", found.get("contender").asText());
    assertEquals(-3.5290751234, found.get("lambdaMin").asDouble(), "no digit is lost");
    assertEquals(30, found.get("products").asInt());
    assertEquals(1e-7, found.get("errorMax").asDouble());
    assertEquals(3, found.get("roundsAsExact").asInt());
    assertTrue(BenchTable.report(outcome, "chart.svg").contains("evolute: residual 1.0E-4"));
    assertTrue(!BenchTable.report(TWO, "chart.svg").contains("What was found"));
  }

  @Test
  void busyCoresAreNoted() {
    Outcome busy =
        outcome(
            new Row(Case.parse("f32 16x16x16 nn t1"), 1, Map.of(), 200, 0, 0, Map.of()),
            new Row(Case.parse("f32 16x16x16 nn t2"), 1, Map.of(), 210, 0, 0, Map.of()));
    assertTrue(busy.note().startsWith("two cores were not free"), busy.note());
    assertEquals("", TWO.note());
  }
}
