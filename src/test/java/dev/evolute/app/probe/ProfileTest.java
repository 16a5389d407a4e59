package dev.evolute.app.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evolute.app.study.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A profile of a small network on a few digits. */
class ProfileTest {
  @TempDir Path folder;

  private ProbeSettings settings(Path out, Path json) {
    return new ProbeSettings(
        "mlp:784-6-10:tanh",
        "mnist-1k",
        40,
        Part.of(null),
        null,
        null,
        "cpu",
        1,
        null,
        3,
        null,
        out,
        false,
        json,
        "again");
  }

  @Test
  void itsNormsAreThoseOfTheProbeAndItsTimesAddUp() throws IOException {
    Path out = folder.resolve("out");
    Path json = folder.resolve("profile.json");
    String text = Profile.run(settings(out, json), Progress.silent());
    assertTrue(text.startsWith("lambda_max"), text);
    assertTrue(text.contains("Hessian-vector product") && text.contains("gemm"), text);
    JsonNode file = new ObjectMapper().readTree(Files.readString(json));
    assertEquals("profile", file.get("study").asText());
    JsonNode metrics = file.get("metrics");
    for (String metric :
        new String[] {"peakFlops", "copyBytesPerSecond", "productsPerSecond", "gradientSeconds"}) {
      assertTrue(metrics.get(metric).asDouble() > 0, metric);
    }
    Path probed = folder.resolve("probe.json");
    Probe.run(settings(null, probed), Progress.silent());
    JsonNode probe = new ObjectMapper().readTree(Files.readString(probed));
    double max = probe.get("metrics").get("lambdaMax").asDouble();
    assertEquals(max, metrics.get("lambdaMax").asDouble());
    assertEquals(
        probe.get("layers").get("norms").toString(), file.get("layers").get("norms").toString());
    // The table in the result holds what the timeline does.
    JsonNode trace = new ObjectMapper().readTree(Files.readString(out.resolve("trace.json")));
    double inTrace = 0;
    for (JsonNode event : trace.get("traceEvents")) {
      inTrace += event.path("cat").asText().equals("kernel") ? event.get("dur").asDouble() : 0;
    }
    double inTable = 0;
    for (JsonNode kernel : file.get("kernels")) {
      inTable += kernel.get("seconds").asDouble();
    }
    assertEquals(inTrace, 1e6 * inTable, 1e-6 * inTrace);
    assertTrue(Files.readString(out.resolve("report.html")).contains("roofline"));
  }

  @Test
  void endedAtOnceItLeavesWhatThereIs() throws IOException {
    Path json = folder.resolve("ended.json");
    try (Progress progress = Progress.silent()) {
      progress.interrupt();
      Profile.run(settings(null, json), progress);
    }
    JsonNode file = new ObjectMapper().readTree(Files.readString(json));
    assertTrue(file.get("partial").asBoolean());
    assertEquals(0, file.get("kernels").size());
  }
}
