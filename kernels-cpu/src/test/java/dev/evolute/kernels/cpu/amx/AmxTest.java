package dev.evolute.kernels.cpu.amx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceUnavailableException;
import dev.evolute.kernels.ForkedJvm;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Precision;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** When the unit is used, and what is said where there is none. */
final class AmxTest {
  private static final Set<String> ALL = Set.copyOf(Amx.NEEDED);

  @Test
  void theUnitIsUsedWhereAllOfItIsThereAndNobodySwitchedItOff() {
    assertNull(Amx.trouble("on", "Linux", "amd64", ALL));
    assertEquals(
        "it is switched off by -Devolute.amx=OFF", Amx.trouble("OFF", "Linux", "amd64", ALL));
    assertEquals(
        "it is reached under Linux on x86-64, and this is Mac OS X on aarch64",
        Amx.trouble("on", "Mac OS X", "aarch64", Set.of()));
    assertEquals(
        "this processor has avx512f, avx512vl, avx512_bf16 and lacks amx_tile, amx_bf16",
        Amx.trouble("on", "Linux", "amd64", Set.of("avx512f", "avx512vl", "avx512_bf16", "fma")));
    assertEquals(
        "this processor has none of its parts and lacks avx512f, avx512vl, avx512_bf16, amx_tile,"
            + " amx_bf16",
        Amx.trouble("on", "Linux", "amd64", Set.of("sse2")));
  }

  @Test
  void whereItIsMissingADeviceSaysSoInOneSentence() {
    Assumptions.assumeTrue(Amx.trouble() != null, "this machine has it");
    for (String precision : new String[] {"bf16x6", "bf16x3", "bf16"}) {
      String message =
          assertThrows(
                  DeviceUnavailableException.class,
                  () -> Device.open("cpu:" + precision, 1).close())
              .getMessage();
      assertTrue(message.contains("'cpu:" + precision + "' needs the matrix unit AMX"), message);
      assertTrue(message.contains(Amx.trouble()), message);
    }
    try (Device cpu = Device.open("cpu", 1)) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> cpu.precision(Precision.BF16X6))
              .getMessage();
      assertTrue(message.startsWith("precision: BF16X6 needs the matrix unit AMX"), message);
      assertEquals(Precision.F32, cpu.precision());
      assertTrue(
          Device.providers().stream().noneMatch(family -> family.describe().contains("AMX")));
      // Nothing changes for what only GPUs have, which is as exact as it was.
      cpu.precision(Precision.TF32X3);
      assertEquals(Precision.F32, cpu.precision());
    }
  }

  @Test
  void namesWithAPrecisionOpenTheCpuOrSayWhatThereIs() {
    try (Device cpu = Device.open("cpu:f32", 1)) {
      assertEquals("cpu:f32", cpu.name());
    }
    for (String name : new String[] {"cpu:tf32x3", "cpu:", "cpu:bf16x7", "cpu:BF16"}) {
      String message =
          assertThrows(DeviceUnavailableException.class, () -> Device.open(name, 1)).getMessage();
      assertTrue(message.contains("'" + name + "'") && message.contains("cpu:bf16x6"), message);
    }
  }

  /** A product in f32, and nothing else. */
  static final class Plain {
    public static void main(String[] arguments) {
      try (Device cpu = Device.open("cpu", 2);
          Buffer x = cpu.allocate(DType.F32, 128 * 128)) {
        Matrix square = Matrix.of(x, 128, 128);
        cpu.precision(Precision.F32);
        cpu.kernels(DType.F32).gemm(1, square, square, 0, square);
        System.out.println("computed");
      }
    }
  }

  @Test
  void nothingOfItIsLoadedWhereNobodyAsksForIt() {
    ForkedJvm jvm = ForkedJvm.run(ForkedJvm.with("-Xlog:class+load"), Plain.class);
    assertEquals(0, jvm.status(), jvm.output());
    assertTrue(jvm.output().contains("computed"), jvm.output());
    assertTrue(jvm.output().contains("dev.evolute.kernels.cpu.CpuDevice "), "no log of classes");
    String own = Plain.class.getName();
    boolean loaded =
        jvm.output()
            .lines()
            .anyMatch(line -> line.contains("dev.evolute.kernels.cpu.amx.") && !line.contains(own));
    assertFalse(loaded, jvm.output());
  }

  @Test
  void codeThatThisProcessWroteRunsWhereLinuxDoesNotForbidIt() {
    Assumptions.assumeTrue(System.getProperty("os.name").equals("Linux"));
    Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"));
    assertNull(Amx.codeTrouble());
  }

  /** The processor's own parts, as the kernel lists them. */
  @Test
  void partsAreReadFromTheSystem() {
    Assumptions.assumeTrue(System.getProperty("os.name").equals("Linux"));
    Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"));
    assertTrue(Amx.parts().contains("sse2"), Amx.parts().toString());
  }
}
