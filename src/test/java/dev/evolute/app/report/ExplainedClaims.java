package dev.evolute.app.report;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;

/** That a report says in words what a claim of a study is about; for the tests of the studies. */
public final class ExplainedClaims {
  private ExplainedClaims() {}

  /**
   * @param claim as it stands in {@code summary.json}
   */
  public static void check(JsonNode claim) {
    String source = claim.get("paper").asText();
    assertTrue(Formulas.knows(source), source + " has no line in formulas.txt");
  }
}
