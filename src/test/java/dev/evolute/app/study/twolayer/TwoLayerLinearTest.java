package dev.evolute.app.study.twolayer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evolute.app.UserException;
import dev.evolute.app.report.ExplainedClaims;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.StudySettings;
import dev.evolute.app.study.StudyTest;
import java.util.List;
import org.junit.jupiter.api.Test;

class TwoLayerLinearTest extends StudyTest {
  private static final Protocol PROTOCOL =
      new Protocol(
          2,
          List.of(60, 120),
          List.of(0.1, 1.0),
          List.of(30, 60),
          List.of(0.275, 0.475),
          List.of(40, 80),
          60,
          150,
          1,
          30,
          1,
          3);

  @Override
  protected void study(StudySettings settings, Progress progress) {
    new TwoLayerLinear().run(settings, progress, PROTOCOL);
  }

  @Override
  protected long[] stops() {
    return new long[] {20, 3, 15};
  }

  @Override
  protected String saved() {
    return "h60-s1-adaptive";
  }

  @Test
  void everyInequalityHoldsAndEveryPrintedFormFails() throws Exception {
    JsonNode summary = run("out", 2, Progress.silent());
    int printed = 0;
    for (JsonNode claim : summary.get("claims")) {
      ExplainedClaims.check(claim);
      String name = claim.get("name").asText();
      if (name.startsWith("printed")) {
        assertTrue(claim.get("violated").asInt() > 0, name);
        printed++;
      } else if (claim.get("paper").asText().contains("equation")
          || claim.get("paper").asText().contains("Theorem")
          || claim.get("paper").asText().contains("Lemma")
          || name.startsWith("corrected")) {
        assertTrue(claim.get("checked").asInt() > 0, name);
        assertEquals(0, claim.get("violated").asInt(), name);
      }
    }
    assertEquals(5, printed);
  }

  @Test
  void singlePrecisionIsRefused() {
    StudySettings single =
        new StudySettings(true, "cpu", 1, 3, "f32", folder.resolve("out"), null, false);
    UserException e =
        assertThrows(
            UserException.class,
            () -> new TwoLayerLinear().run(single, Progress.silent(), PROTOCOL));
    assertTrue(e.getMessage().contains("--precision"), e.getMessage());
  }

  @Test
  void protocolsHaveThePapersSettings() {
    assertEquals(9, Protocol.full(1).figure1().size());
    assertEquals(9, Protocol.quick(1).figure1().size());
    assertEquals(30, Protocol.full(1).repetitions());
  }
}
