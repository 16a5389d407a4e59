package dev.evolute.app.study.warmup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evolute.app.data.DataSets;
import dev.evolute.app.data.Dataset;
import dev.evolute.app.report.ExplainedClaims;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.StudySettings;
import dev.evolute.app.study.StudyTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WarmupTest extends StudyTest {
  private static final Protocol PROTOCOL =
      new Protocol(
          List.of(
              Protocol.linear(1, 3, 3, 3),
              Protocol.linear(1, 3, 2, 4, 3),
              Protocol.leaky(Family.ONE_LEAKY, 1, 3, 2, 3),
              Protocol.leaky(Family.ALL_LEAKY, 1, 4, 3, 2, 2),
              Protocol.penalised(Family.SQUARES, 1, Smooth.SILU, 0.3, 2, 3, 3),
              Protocol.penalised(Family.LOGISTIC, 1, Smooth.TANH, 0.3, 1, 3, 3)),
          10,
          300,
          5,
          20,
          List.of(1e1, 1e3, 1e5),
          1e-4,
          2_000,
          3,
          List.of(Protocol.linear(1, 3, 3, 3)),
          500,
          1);

  @Override
  protected void study(StudySettings settings, Progress progress) {
    Dataset images = DataSets.open("mnist-1k", null);
    List<Watch> watches =
        List.of(
            new Watch(SmoothnessRunTest.learner(), false, 100, 1, 6, 4),
            new Watch(SmoothnessRunTest.learner(), true, 1, 1, 6, 4));
    Learner learner = SmoothnessRunTest.learner();
    Contest contest =
        new Contest(
            learner,
            learner.samples(),
            Strategy.Tail.STABLE,
            0,
            1,
            List.of(Strategy.NONE, Strategy.linear(0.2), Strategy.loss(0.5)),
            List.of(1e-2),
            2,
            15);
    new Warmup()
        .run(
            settings,
            progress,
            PROTOCOL,
            new Learners(settings.size(), images),
            watches,
            List.of(contest),
            images);
  }

  @Override
  protected long[] stops() {
    // Five pieces of 2,000 units come first, of which the first stop leaves four or three: the
    // second is after them, and before the end of the six of 300.
    return new long[] {1, 7_700};
  }

  @Override
  protected String saved() {
    return "descent-linear-3-3-3-s1";
  }

  /** Large networks take seconds to begin, and gigabytes: none does once the user wants an end. */
  @Test
  void anInterruptedRunBeginsNoOtherNetwork() throws Exception {
    Progress ended = Progress.silent();
    ended.interrupt();
    assertTrue(run("ended", 2, ended).get("partial").asBoolean());
    try (Stream<Path> saved = Files.list(folder.resolve("ended/checkpoint"))) {
      assertEquals(
          List.of(),
          saved.filter(file -> file.getFileName().toString().startsWith("smoothness")).toList());
    }
  }

  /**
   * What is proved holds at every point; what is printed and fails is what is known to fail; what
   * the paper saw may or may not be seen here.
   */
  @Test
  void onlyPrintedFormsFail() throws Exception {
    JsonNode summary = run("out", 2, Progress.silent());
    List<String> failing = new ArrayList<>();
    for (JsonNode claim : summary.get("claims")) {
      ExplainedClaims.check(claim);
      assertTrue(claim.get("checked").asInt() > 0, claim.toString());
      if (!claim.get("holds").asBoolean() && !claim.get("paper").asText().contains("Figures")) {
        failing.add(claim.get("paper").asText());
        assertTrue(claim.get("name").asText().startsWith("printed"), claim.toString());
      }
    }
    assertEquals(
        List.of(
            "000, Proposition C.1",
            "000, Prop. B.1",
            "000, Proposition B.2",
            "000, Proposition B.4",
            "000, remark after D.2",
            "000, proof of Theorem 4.1",
            "000, Theorem 4.1",
            "000, Section 4.4"),
        failing);
    assertEquals(6 * 20, summary.get("metrics").get("points").asInt());
    long lines = new String(series("out"), StandardCharsets.UTF_8).lines().count();
    assertEquals(1 + 6 * 20 + 2 * 6, lines);
  }
}
