package dev.evolute.app.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/**
 * The numbers of a {@link Figure} as JSON, which stands in the report beside its picture: the
 * script draws from it, a reader saves it, and a comparison reads it back. Each number has nine
 * digits; {@code series.csv} has them all.
 */
final class FigureData {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final MathContext DIGITS = new MathContext(9);

  /** A line of more points is thinned to about as many. */
  private static final int MOST_POINTS = 20_000;

  private FigureData() {}

  static String text(Figure figure) {
    try {
      return new ObjectMapper().writeValueAsString(node(figure));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write JSON in memory: " + e.getMessage(), e);
    }
  }

  private static ObjectNode node(Figure figure) {
    ObjectNode root = NODES.objectNode();
    root.put("name", figure.name()).put("title", figure.title());
    root.put("caption", figure.caption()).put("reproduces", figure.reproduces());
    ArrayNode panels = root.putArray("panels");
    figure.panels().forEach(chart -> panels.add(node(chart)));
    if (figure.matrix() != null) {
      ObjectNode matrix = root.putObject("matrix");
      figure.matrix().labels().forEach(matrix.putArray("labels")::add);
      ArrayNode rows = matrix.putArray("values");
      for (double[] row : figure.matrix().values()) {
        rows.add(numbers(row));
      }
    }
    return root;
  }

  /** Abscissae that several lines share stand there once. */
  private static ObjectNode node(Chart chart) {
    ObjectNode panel = NODES.objectNode();
    panel.put("title", chart.title()).put("x", chart.xLabel()).put("y", chart.yLabel());
    panel.put("logX", chart.xLog()).put("logY", chart.yLog()).put("nested", chart.nested());
    chart.places().forEach(panel.putArray("places")::add);
    List<double[]> xs = new ArrayList<>();
    ArrayNode lines = panel.putArray("lines");
    for (Line whole : chart.lines()) {
      Line line = thinned(whole);
      ObjectNode entry = lines.addObject();
      entry.put("name", line.name());
      entry.put("style", line.style().name().toLowerCase(Locale.ROOT));
      entry.put("colour", ChartSvg.colour(line.colour()));
      entry.put("x", index(xs, line.x()));
      entry.set("y", numbers(line.y()));
    }
    ArrayNode bands = panel.putArray("bands");
    for (Chart.Band band : chart.bands()) {
      ObjectNode entry = bands.addObject();
      entry.put("colour", ChartSvg.colour(band.colour())).put("x", index(xs, band.x()));
      entry.set("low", numbers(band.low()));
      entry.set("high", numbers(band.high()));
    }
    ArrayNode references = panel.putArray("references");
    for (Chart.Reference reference : chart.references()) {
      ObjectNode entry = references.addObject();
      entry.put("vertical", reference.vertical()).put("label", reference.label());
      entry.set("value", number(reference.value()));
      entry.put("stretch", reference.stretch());
    }
    ArrayNode all = panel.putArray("xs");
    xs.forEach(x -> all.add(numbers(x)));
    return panel;
  }

  /**
   * Of very many points the first, the lowest, the highest and the last of each stretch: what is
   * drawn stays the same, and a run of a million steps makes a page that opens.
   */
  private static Line thinned(Line line) {
    int n = line.x().length;
    if (n <= MOST_POINTS) {
      return line;
    }
    int stretch = Math.ceilDiv(4 * n, MOST_POINTS);
    IntStream.Builder kept = IntStream.builder();
    for (int start = 0; start < n; start += stretch) {
      int end = Math.min(n, start + stretch);
      int low = start;
      int high = start;
      for (int i = start; i < end; i++) {
        double y = line.y()[i];
        low = y < line.y()[low] || Double.isNaN(line.y()[low]) ? i : low;
        high = y > line.y()[high] || Double.isNaN(line.y()[high]) ? i : high;
      }
      IntStream.of(start, low, high, end - 1).sorted().distinct().forEach(kept::add);
    }
    int[] at = kept.build().toArray();
    return new Line(
        line.name(),
        Arrays.stream(at).mapToDouble(i -> line.x()[i]).toArray(),
        Arrays.stream(at).mapToDouble(i -> line.y()[i]).toArray(),
        line.style(),
        line.colour());
  }

  private static int index(List<double[]> xs, double[] x) {
    for (int i = 0; i < xs.size(); i++) {
      if (Arrays.equals(xs.get(i), x)) {
        return i;
      }
    }
    xs.add(x);
    return xs.size() - 1;
  }

  private static ArrayNode numbers(double[] values) {
    ArrayNode array = NODES.arrayNode(values.length);
    for (double value : values) {
      array.add(number(value));
    }
    return array;
  }

  private static JsonNode number(double value) {
    if (!Double.isFinite(value)) {
      return NODES.nullNode();
    }
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return NODES.numberNode((long) value);
    }
    return NODES.numberNode(new BigDecimal(value).round(DIGITS).stripTrailingZeros());
  }

  /** The figure that {@link #text} wrote. */
  static Figure read(JsonNode root) {
    List<Chart> panels = stream(root.get("panels")).map(FigureData::chart).toList();
    HeatMap matrix = null;
    if (root.hasNonNull("matrix")) {
      JsonNode found = root.get("matrix");
      matrix =
          new HeatMap(
              texts(found.get("labels")),
              stream(found.get("values")).map(FigureData::doubles).toArray(double[][]::new));
    }
    return new Figure(
        root.get("name").asText(),
        root.get("title").asText(),
        root.get("caption").asText(),
        root.get("reproduces").asText(),
        panels,
        matrix);
  }

  private static Chart chart(JsonNode panel) {
    List<double[]> xs = stream(panel.get("xs")).map(FigureData::doubles).toList();
    return new Chart(
        panel.get("title").asText(),
        panel.get("x").asText(),
        panel.get("y").asText(),
        panel.get("logX").asBoolean(),
        panel.get("logY").asBoolean(),
        panel.get("nested").asBoolean(),
        stream(panel.get("lines"))
            .map(
                line ->
                    new Line(
                        line.get("name").asText(),
                        xs.get(line.get("x").asInt()),
                        doubles(line.get("y")),
                        Line.Style.valueOf(line.get("style").asText().toUpperCase(Locale.ROOT)),
                        line.get("colour").asInt()))
            .toList(),
        stream(panel.get("references"))
            .map(
                reference ->
                    new Chart.Reference(
                        reference.get("vertical").asBoolean(),
                        number(reference.get("value")),
                        reference.get("label").asText(),
                        reference.get("stretch").asBoolean()))
            .toList(),
        stream(panel.get("bands"))
            .map(
                band ->
                    new Chart.Band(
                        xs.get(band.get("x").asInt()),
                        doubles(band.get("low")),
                        doubles(band.get("high")),
                        band.get("colour").asInt()))
            .toList(),
        texts(panel.get("places")));
  }

  private static java.util.stream.Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  private static List<String> texts(JsonNode array) {
    return stream(array).map(JsonNode::asText).toList();
  }

  private static double[] doubles(JsonNode array) {
    return stream(array).mapToDouble(FigureData::number).toArray();
  }

  private static double number(JsonNode value) {
    return value.isNull() ? Double.NaN : value.asDouble();
  }
}
