package dev.evolute.app.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Writes {@code summary.json}: one object, keys in a fixed order, no number that JSON lacks. */
final class SummaryJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private SummaryJson() {}

  static String text(StudyResult result, List<Figure> figures) {
    ObjectNode root = NODES.objectNode();
    root.put("evolute", result.version());
    root.put("study", result.study());
    root.put("quick", result.quick());
    root.put("partial", result.partial());
    root.put("seed", result.seed());
    root.set("machine", node(result.machine()));
    root.set("settings", node(result.settings()));
    root.putObject("data")
        .put("name", result.data().name())
        .put("real", result.data().real())
        .put("samples", result.data().samples())
        .put("sha256", result.data().sha256());
    root.set("seconds", node(result.seconds()));
    root.set("metrics", node(result.metrics()));
    ArrayNode claims = root.putArray("claims");
    for (Claim claim : result.claims()) {
      ObjectNode entry = claims.addObject();
      entry.put("name", claim.name());
      entry.put("paper", claim.paper());
      entry.put("checked", claim.checked());
      entry.put("violated", claim.violated());
      entry.set("tightest", node(claim.tightest()));
      entry.put("holds", claim.holds());
      if (!claim.note().isEmpty()) {
        entry.put("note", claim.note());
      }
    }
    ArrayNode list = root.putArray("figures");
    for (Figure figure : figures) {
      list.addObject().put("file", figure.file()).put("reproduces", figure.reproduces());
    }
    result.more().forEach((key, value) -> root.set(key, node(value)));
    return print(root);
  }

  /** Any object of maps, lists, numbers and texts. */
  static String text(Map<String, ?> object) {
    return print(node(object));
  }

  private static String print(JsonNode root) {
    DefaultIndenter lines = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(lines).withArrayIndenter(lines);
    try {
      return new ObjectMapper().writer(printer).writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write JSON in memory: " + e.getMessage(), e);
    }
  }

  private static JsonNode node(Object value) {
    if (value instanceof Map<?, ?> map) {
      ObjectNode object = NODES.objectNode();
      map.forEach((key, v) -> object.set(key.toString(), node(v)));
      return object;
    }
    if (value instanceof Collection<?> collection) {
      ArrayNode array = NODES.arrayNode();
      collection.forEach(v -> array.add(node(v)));
      return array;
    }
    if (value instanceof Integer || value instanceof Long || value instanceof Short) {
      return NODES.numberNode(((Number) value).longValue());
    }
    if (value instanceof Float f) {
      return Float.isFinite(f) ? NODES.numberNode(f) : NODES.nullNode();
    }
    if (value instanceof Number n) {
      double v = n.doubleValue();
      return Double.isFinite(v) ? NODES.numberNode(v) : NODES.nullNode();
    }
    if (value instanceof Boolean b) {
      return NODES.booleanNode(b);
    }
    return value == null ? NODES.nullNode() : NODES.textNode(value.toString());
  }
}
