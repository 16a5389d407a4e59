package dev.evolute.app.study.gdvsflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.StudySettings;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceUnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole study on the software GPU, in the size that a user gets there, on small images. */
class GdVsFlowOnCudaTest {
  @TempDir Path folder;

  private StudySettings settings(String device) {
    return new StudySettings(
        true, device, 2, 1, null, folder.resolve(device.replace(':', '-')), null, true);
  }

  private JsonNode summary(StudySettings settings) throws Exception {
    return new ObjectMapper().readTree(settings.out().resolve("summary.json").toFile());
  }

  private static List<String> series(StudySettings settings) throws Exception {
    return Files.readAllLines(settings.out().resolve("series.csv"));
  }

  @Test
  void numbersAreThoseOfTheCpu() throws Exception {
    StudySettings cuda = settings("cuda:software");
    try {
      Device.open(cuda.device(), 1).close();
    } catch (DeviceUnavailableException e) {
      abort(e.getMessage());
    }
    StudySettings cpu = settings("cpu");
    Protocol tiny = GdVsFlow.protocol(cuda);
    new GdVsFlow().run(cuda, Progress.silent(), tiny, GdVsFlowTest.blotches());
    new GdVsFlow().run(cpu, Progress.silent(), tiny, GdVsFlowTest.blotches());
    JsonNode summary = summary(cuda);
    assertFalse(summary.get("partial").asBoolean());
    for (JsonNode claim : summary.get("claims")) {
      assertTrue(claim.get("checked").asInt() > 0, claim.toString());
    }
    assertEquals(summary(cpu).get("claims").size(), summary.get("claims").size());
    List<String> expected = series(cpu);
    List<String> found = series(cuda);
    assertEquals(expected.size(), found.size());
    String[] columns = found.get(0).split(",");
    assertEquals(expected.get(0), found.get(0));
    for (int i = 1; i < found.size(); i++) {
      String[] left = expected.get(i).split(",", -1);
      String[] right = found.get(i).split(",", -1);
      assertEquals(left[0], right[0]);
      for (int k = 1; k < left.length; k++) {
        assertEquals(left[k].isEmpty(), right[k].isEmpty(), columns[k]);
        if (left[k].isEmpty() || columns[k].endsWith("Residual")) {
          continue;
        }
        double value = Double.parseDouble(left[k]);
        // The solver of eigenvalues stops where they are close enough, so not after equal steps.
        double share = columns[k].startsWith("lambda") ? 1e-4 : 1e-7;
        double room = share * Math.max(Math.abs(value), share == 1e-4 ? 1 : 1e-2);
        assertEquals(value, Double.parseDouble(right[k]), room, columns[k] + ": " + found.get(i));
      }
    }
  }
}
