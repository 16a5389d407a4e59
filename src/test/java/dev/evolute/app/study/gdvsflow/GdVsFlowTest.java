package dev.evolute.app.study.gdvsflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evolute.app.UserException;
import dev.evolute.app.data.Dataset;
import dev.evolute.app.report.ExplainedClaims;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.StudyRun;
import dev.evolute.app.study.StudySettings;
import dev.evolute.app.study.StudyTest;
import dev.evolute.kernels.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

class GdVsFlowTest extends StudyTest {
  private static final Protocol PROTOCOL = protocol(0.05, 2, 4);

  private static Protocol protocol(double eta0, int every, int probeEvery) {
    return new Protocol(
        eta0,
        List.of(2, 5),
        20,
        every,
        probeEvery,
        40,
        4,
        40,
        5,
        List.of(2),
        4,
        1_000_000,
        DType.F64,
        3);
  }

  /**
   * Forty blotched images of three classes, 6 x 6: the protocol, not the numbers, is under test.
   */
  static Dataset blotches() {
    int n = 40;
    byte[] labels = new byte[n];
    byte[] pixels = new byte[n * 36];
    for (int i = 0; i < n; i++) {
      labels[i] = (byte) (i % 3);
      for (int j = 0; j < 36; j++) {
        int bright = j % 3 == labels[i] ? 160 : 20;
        pixels[i * 36 + j] = (byte) (bright + (i * 31 + j * 17) % 60);
      }
    }
    return new Dataset(
        "blotches", false, "train", 6, 6, 3, pixels, labels, "made here", 0.3, 0.3, new int[0]);
  }

  @Override
  protected void study(StudySettings settings, Progress progress) {
    new GdVsFlow().run(settings, progress, PROTOCOL, blotches());
  }

  @Override
  protected long[] stops() {
    return new long[] {10, 200, 900};
  }

  @Override
  protected String saved() {
    return "linear-r2";
  }

  @Test
  void stateOfOtherSettingsIsPassedOver() throws Exception {
    run("parts", 1, stoppingAfter(700));
    StudySettings settings = settings("parts", 1);
    Protocol other = protocol(0.04, 2, 4);
    new GdVsFlow().run(settings, Progress.silent(), other, blotches());
    byte[] mixed = series("parts");
    new GdVsFlow().run(settings("clean", 1), Progress.silent(), other, blotches());
    assertArrayEquals(series("clean"), mixed);
  }

  @Test
  void whatIsFinishedIsNotComputedAgain() throws Exception {
    run("parts", 1, stoppingAfter(900));
    StudyRun study =
        new StudyRun(
            new GdVsFlow(),
            settings("parts", 1),
            Progress.silent(),
            PROTOCOL + " " + blotches().sha256());
    double[][] state = study.saved().restore("following");
    // The largest step of the last case: nothing else knows it.
    state[state.length - 1][5] = 12_345;
    study.saved().save("following", state);
    JsonNode cases = run("parts", 1, Progress.silent()).get("theorem3");
    assertEquals(12_345, cases.get(cases.size() - 1).get("largestStep").asDouble());
  }

  @Test
  void everyClaimIsCheckedAndHolds() throws Exception {
    new GdVsFlow().run(settings("out", 2), Progress.silent(), protocol(0.0005, 2, 4), blotches());
    JsonNode summary = summary("out");
    for (JsonNode claim : summary.get("claims")) {
      ExplainedClaims.check(claim);
      assertTrue(claim.get("checked").asInt() > 0, claim.toString());
      // The blotches are not learned in so short a time.
      if (!claim.get("name").asText().startsWith("towards convergence")) {
        assertEquals(0, claim.get("violated").asInt(), claim.toString());
      }
    }
    for (String equation : List.of("(13)", "(17)", "(18)", "(31)", "(32)")) {
      JsonNode claim = null;
      for (JsonNode candidate : summary.get("claims")) {
        String name = candidate.get("name").asText();
        if (name.contains("bound " + equation) && !name.contains("near zero")) {
          claim = candidate;
        }
      }
      assertEquals(4, claim.get("checked").asInt(), equation);
    }
    assertFalse(summary.get("data").get("real").asBoolean());
    assertTrue(summary.get("metrics").get("driftOverDistance").asDouble() < 0.1);
  }

  @Test
  void driftGrowsAsEulersMethodPredicts() throws Exception {
    // Euler's error is eta0 (1 - 1/r) / 2 to first order: r = 5 against r = 2 gives 1.6.
    Protocol small = protocol(0.002, 2, 20);
    new GdVsFlow().run(settings("out", 2), Progress.silent(), small, blotches());
    JsonNode metrics = summary("out").get("metrics");
    double two = metrics.get("linearDriftOverDistanceR2").asDouble();
    double five = metrics.get("linearDriftOverDistanceR5").asDouble();
    assertEquals(1.6, five / two, 0.1);
  }

  @Test
  void divergenceIsToldInOneSentence() {
    Protocol wild = protocol(1e6, 2, 1);
    UserException e =
        assertThrows(
            UserException.class,
            () -> new GdVsFlow().run(settings("out", 2), Progress.silent(), wild, blotches()));
    assertTrue(e.getMessage().contains("diverged"), e.getMessage());
    assertTrue(e.getMessage().contains("smaller step"), e.getMessage());
  }

  @Test
  void protocolsBySizeAndDevice() {
    for (StudySettings.Size size : StudySettings.Size.values()) {
      StudySettings onCpu = new StudySettings(size, "cpu", 1, 5, "f32", folder, null, false);
      Protocol expected =
          switch (size) {
            case QUICK -> Protocol.quick(DType.F32, 5);
            case LAPTOP -> Protocol.full(DType.F32, 5);
            case PAPER -> Protocol.paper(DType.F32, 5);
          };
      assertEquals(expected, GdVsFlow.protocol(onCpu));
      StudySettings onSoftware =
          new StudySettings(size, "cuda:software:shuffled", 1, 5, null, folder, null, false);
      assertEquals(Protocol.tiny(DType.F64, 5), GdVsFlow.protocol(onSoftware));
    }
  }

  @Test
  void everyProtocolProbesAtLeastTwentyPoints() {
    assertTrue(Protocol.quick(DType.F64, 1).probes() >= 20);
    assertTrue(Protocol.full(DType.F64, 1).probes() >= 20);
    assertEquals(380_000, Protocol.full(DType.F64, 1).steps());
    assertEquals(1000, Protocol.paper(DType.F64, 1).convolutionImages());
  }
}
