package dev.evolute.app.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MachineTest {
  private static final List<String> CPUINFO =
      List.of(
          "processor\t: 0",
          "model name\t: Some CPU @ 2.00GHz: fast",
          "flags\t\t: fpu fma avx avx2 avx512f fma4 amx_bf16 amx_tile",
          "vmx flags\t: ept",
          "",
          "model name\t: another");

  @Test
  void processorIsReadFromCpuinfo() {
    assertEquals("Some CPU @ 2.00GHz: fast", Machine.cpu(CPUINFO));
    assertEquals(
        Set.of("fma", "avx2", "avx512f", "amx_bf16", "amx_tile"), Machine.features(CPUINFO));
  }

  @Test
  void withoutCpuinfoThereIsStillAName() {
    assertFalse(Machine.cpu(List.of()).isEmpty());
    assertEquals(Set.of(), Machine.features(List.of()));
  }

  @Test
  void summaryHasTheKeysOfAResultFile() {
    var summary = Machine.here().summary("cpu", 2);
    assertEquals(
        List.of("cpu", "vectorBits", "threads", "device", "jdk"),
        new ArrayList<>(summary.keySet()));
    assertTrue((int) summary.get("vectorBits") >= 64);
  }
}
