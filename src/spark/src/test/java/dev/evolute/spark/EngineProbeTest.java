package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evolute.app.engine.Request;
import dev.evolute.app.probe.Part;
import dev.evolute.app.probe.Probe;
import dev.evolute.app.probe.ProbeSettings;
import dev.evolute.app.study.Progress;
import dev.evolute.kernels.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command probe on an engine: it finds what it finds in one process, and goes on likewise. */
class EngineProbeTest {
  private static final Request SPARK = new Request("local[2]", 0, 1, "1g", "cpu", 3);

  @TempDir Path folder;

  @BeforeAll
  static void probesStartApplicationsOfTheirOwn() {
    Local.close();
  }

  /** A user who ends a probe within a stage, as soon as some of its products are there. */
  private static final class User extends Progress {
    private final ByteArrayOutputStream said;
    private final Path products;

    private User(Path products, ByteArrayOutputStream said) {
      super(new PrintStream(said, true, StandardCharsets.UTF_8), false, false, () -> 0);
      this.products = products;
      this.said = said;
    }

    User(Path products) {
      this(products, new ByteArrayOutputStream());
    }

    @Override
    public boolean interrupted() {
      // The key of the run is in it too.
      if (products != null && products.toFile().length() > 100_000) {
        interrupt();
      }
      return super.interrupted();
    }

    String said() {
      return said.toString(StandardCharsets.UTF_8);
    }
  }

  private User probe(String out, Request engine, String until) {
    Path at = folder.resolve(out);
    User user = new User(until == null ? null : at.resolve("checkpoint/" + until + ".products"));
    Probe.run(
        new ProbeSettings(
            "mlp:784-6-10:tanh",
            "mnist-1k",
            40,
            Part.of("ends,layers"),
            null,
            DType.F64,
            "cpu",
            1,
            engine,
            3,
            null,
            at,
            false,
            null,
            "again"),
        user);
    return user;
  }

  private JsonNode summary(String out) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(out).resolve("summary.json").toFile());
  }

  private List<String> results(String out) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String file : List.of("summary.json", "ends.svg", "blocks.svg")) {
      lines.addAll(Files.readAllLines(folder.resolve(out).resolve(file)));
    }
    lines.removeIf(line -> line.startsWith("  \"seconds\""));
    return lines;
  }

  @Test
  void itFindsWhatOneProcessFindsAndGoesOnToTheSameBytes() throws IOException {
    probe("here", null, null);
    User user = probe("spark", SPARK, null);
    String engine = "Apache Spark 4.1.0 at local[2]: in this process, 3 shards of 1 thread on cpu";
    assertTrue(user.said().contains(engine), user::said);
    JsonNode here = summary("here");
    JsonNode spark = summary("spark");
    assertEquals(engine, spark.at("/settings/engine").asText());
    assertTrue(here.at("/settings/engine").isMissingNode());
    double scale = here.at("/metrics/lambdaMax").asDouble();
    for (String metric : List.of("loss", "gradientNorm", "lambdaMax", "lambdaMin")) {
      double expected = here.at("/metrics/" + metric).asDouble();
      // Eigenvalues are as close as they were asked for.
      double close = metric.startsWith("lambda") ? 1e-6 * scale : 1e-12 * Math.abs(expected);
      assertEquals(expected, spark.at("/metrics/" + metric).asDouble(), close, metric);
    }
    JsonNode norms = here.at("/layers/norms");
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 2; j++) {
        double norm = norms.get(i).get(j).asDouble();
        double found = spark.at("/layers/norms").get(i).get(j).asDouble();
        assertEquals(norm, found, 1e-6 * norm, "block " + i + ", " + j);
      }
    }
    for (String stage : List.of("ends", "layer-0")) {
      probe("parts", SPARK, stage);
      assertTrue(summary("parts").get("partial").asBoolean());
    }
    assertTrue(probe("parts", SPARK, null).said().contains("going on from the state in"));
    assertEquals(results("spark"), results("parts"));
    assertFalse(Files.exists(folder.resolve("parts/checkpoint")));
  }

  @Test
  void otherShardsAreOtherSettings() throws IOException {
    probe("other", SPARK, "ends");
    Request two = new Request("local[2]", 0, 1, "1g", "cpu", 2);
    assertFalse(probe("other", two, null).said().contains("going on from"));
  }
}
