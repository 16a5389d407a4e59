package dev.evolute.bench.duel;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;

/** The benchmark file: one object, keys in a fixed order, null for a number that is not there. */
final class BenchFile {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final MathContext DIGITS = new MathContext(5);

  /** Of eigenvalues, whose errors are looked at. */
  private static final MathContext VALUE_DIGITS = new MathContext(12);

  private BenchFile() {}

  static String text(Outcome outcome) {
    ObjectNode root = NODES.objectNode();
    root.put("bench", outcome.bench().name());
    root.put("quick", outcome.quick());
    root.set("machine", new ObjectMapper().valueToTree(outcome.machine()));
    root.set("contenders", new ObjectMapper().valueToTree(outcome.contenders()));
    ObjectNode limits = root.putObject("limits");
    limits.put("what", outcome.bench().limitName());
    limits.put("unit", outcome.bench().unit());
    outcome.limits().forEach((key, value) -> limits.set(key, number(value)));
    ArrayNode rows = root.putArray("rows");
    for (Row row : outcome.rows()) {
      ObjectNode entry = rows.addObject();
      entry.put("case", row.which().toString());
      entry.put("unit", outcome.bench().unit());
      entry.set("ours", number(row.ours()));
      ObjectNode peers = entry.putObject("peers");
      row.peers().forEach((peer, rate) -> peers.set(peer, number(rate)));
      entry.set("ratio", number(row.ratio()));
      entry.set("limit", number(row.limit()));
      entry.set("ofLimit", number(row.ofLimit()));
      entry.set("spread", number(row.spread()));
      entry.set("bytesPerCall", number(row.bytes()));
      row.figures().forEach((name, value) -> entry.set(name, number(value)));
      if (!row.attempts().isEmpty()) {
        ArrayNode attempts = entry.putArray("attempts");
        row.attempts().forEach(attempt -> attempts.add(node(attempt)));
      }
    }
    root.set("geomean", number(outcome.geomean()));
    root.set("min", number(outcome.min()));
    if (!outcome.note().isEmpty()) {
      root.put("note", outcome.note());
    }
    root.set("seconds", number(outcome.seconds()));
    DefaultIndenter lines = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(lines).withArrayIndenter(lines);
    try {
      return new ObjectMapper().writer(printer).writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write JSON in memory: " + e.getMessage(), e);
    }
  }

  private static ObjectNode node(Attempt attempt) {
    Solution solution = attempt.solution();
    ObjectNode node = NODES.objectNode();
    node.put("contender", attempt.contender());
    node.put("rule", solution.rule());
    node.set("seconds", number(solution.seconds()));
    node.put("products", solution.products());
    node.set("lambdaMin", number(solution.min(), VALUE_DIGITS));
    node.set("lambdaMax", number(solution.max(), VALUE_DIGITS));
    node.set("residualMin", number(solution.minResidual()));
    node.set("residualMax", number(solution.maxResidual()));
    node.set("errorMin", number(attempt.minError()));
    node.set("errorMax", number(attempt.maxError()));
    node.put("rounds", attempt.rounds());
    node.put("roundsAsExact", attempt.reached());
    return node;
  }

  private static JsonNode number(double value) {
    return number(value, DIGITS);
  }

  private static JsonNode number(double value, MathContext digits) {
    return Double.isFinite(value)
        ? NODES.numberNode(new BigDecimal(value).round(digits))
        : NODES.nullNode();
  }
}
