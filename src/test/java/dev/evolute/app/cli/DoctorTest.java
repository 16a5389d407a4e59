package dev.evolute.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a person with a problem runs first has all that a report of a bug needs. */
class DoctorTest {
  private static String doctor(String... arguments) {
    StringWriter out = new StringWriter();
    var line = Main.commandLine(type -> null);
    line.setOut(new PrintWriter(out));
    String[] typed = new String[arguments.length + 1];
    typed[0] = "doctor";
    System.arraycopy(arguments, 0, typed, 1, arguments.length);
    assertEquals(0, line.execute(typed));
    return out.toString();
  }

  @Test
  void itTellsWhatIsThereAndTriesIt() {
    String said = doctor();
    for (String what :
        List.of(
            "evolute ",
            "jdk ",
            "java home ",
            "java options ",
            "system ",
            "cpu ",
            "cores ",
            "vectors ",
            "fma ",
            "amx ",
            "memory ",
            "heap ",
            "device cpu ",
            "device cuda ",
            "check cpu             products in f32 and f64 are right",
            "data mnist-1k ",
            "folder here ",
            "folder temporary ")) {
      assertTrue(said.lines().anyMatch(line -> line.startsWith(what)), what + " in " + said);
    }
    assertTrue(said.contains("--add-modules=jdk.incubator.vector"), said);
  }

  @Test
  void programsReadTheSame() throws Exception {
    JsonNode file = new ObjectMapper().readTree(doctor("--json", "-"));
    for (String key :
        List.of("evolute", "jdk", "java", "system", "cpu", "cores", "vectorBits", "features")) {
      assertTrue(file.has(key), key);
    }
    assertTrue(file.get("checks").get("cpu").asText().contains("right"));
    assertTrue(file.get("memoryBytes").asLong() > 0);
    assertTrue(file.get("folders").has("here") && file.has("variables"));
  }

  @Test
  void aDeviceThatIsNotThereIsNotTried() {
    assertNull(DeviceCheck.of("cuda:99"));
  }

  @Test
  void theProductThatIsTriedIsExactInBothTypes() {
    try (Device device = Device.open("cpu", 1)) {
      assertEquals(0, DeviceCheck.error(device, DType.F64));
      assertEquals(0, DeviceCheck.error(device, DType.F32));
    }
  }
}
