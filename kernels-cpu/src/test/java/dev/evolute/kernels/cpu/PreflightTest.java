package dev.evolute.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceProvider;
import dev.evolute.kernels.DeviceUnavailableException;
import dev.evolute.kernels.ForkedJvm;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A Java that would be silently slow is refused in one sentence, with the way out. */
final class PreflightTest {
  private static final String SERVER = "OpenJDK 64-Bit Server VM";
  private static final String MIXED = "mixed mode, sharing";

  /** Opens a device, computes, and describes; prints one line a step. */
  static final class Open {
    public static void main(String[] arguments) {
      try (Device cpu = Device.open("cpu", 1);
          Buffer x = cpu.allocate(DType.F32, 3)) {
        cpu.kernels(DType.F32).fill(2, x);
        System.out.println("opened: " + cpu.kernels(DType.F32).dot(x, x));
      } catch (DeviceUnavailableException e) {
        System.out.println("refused: " + e.getMessage());
      }
      for (DeviceProvider provider : Device.providers()) {
        System.out.println(provider.scheme() + " is: " + provider.describe());
      }
    }
  }

  @Test
  void withoutTheVectorApiTheSentenceNamesTheFlag() {
    ForkedJvm jvm = ForkedJvm.run(List.of("-Devolute.allowSlow=true"), Open.class);
    List<String> lines = jvm.output().strip().lines().toList();
    assertEquals(2, lines.size(), jvm.output());
    assertEquals(
        "refused: device: this Java was started without the Vector API, which the CPU kernels are"
            + " written in; start it with --add-modules jdk.incubator.vector",
        lines.get(0));
    assertTrue(lines.get(1).startsWith("cpu is: this Java was started without"), lines.get(1));
  }

  @Test
  void vectorsTooNarrowForTheVectorApiAreRefused() {
    ForkedJvm jvm =
        ForkedJvm.run(
            ForkedJvm.with("-XX:MaxVectorSize=8", "-Devolute.allowSlow=true"), Open.class);
    assertTrue(jvm.output().contains("refused: device: vectors have fewer than 128"), jvm.output());
  }

  @ParameterizedTest
  @CsvSource({
    "-Xint, without -Xint",
    "-XX:TieredStopAtLevel=1, without -XX:TieredStopAtLevel",
    "-XX:-UseFMA, without -XX:-UseFMA"
  })
  void aSlowJavaIsRefusedUnlessTheUserInsists(String option, String wayOut) {
    ForkedJvm refused = ForkedJvm.run(ForkedJvm.with(option), Open.class);
    assertTrue(refused.output().contains("refused: device: "), refused.output());
    assertTrue(refused.output().contains(wayOut), refused.output());
    assertTrue(
        refused.output().contains("accept slow kernels with -Devolute.allowSlow=true"),
        refused.output());
    ForkedJvm accepted =
        ForkedJvm.run(ForkedJvm.with(option, "-Devolute.allowSlow=true"), Open.class);
    assertTrue(accepted.output().contains("opened: 12.0"), accepted.output());
  }

  @Test
  void everyTroubleHasItsSentence() {
    assertNull(Preflight.trouble(SERVER, MIXED, false, 20));
    assertNull(Preflight.trouble("Java HotSpot(TM) 64-Bit Server VM", MIXED, false, 20));
    assertAll(
        () -> assertSays("OpenJ9", "Eclipse OpenJ9 VM", MIXED, false, 20),
        () -> assertSays("Substrate VM", "Substrate VM", "static mode", false, 20),
        () -> assertSays("-Xint", SERVER, "interpreted mode, sharing", false, 20),
        () -> assertSays("C1", SERVER, "mixed mode, emulated-client, sharing", false, 20),
        () -> assertSays("-XX:-UseJVMCICompiler", SERVER, MIXED, true, 20),
        () -> assertSays("fused multiply-add", SERVER, MIXED, false, 30_000));
  }

  private static void assertSays(
      String word, String name, String info, boolean jvmci, double fmaNanos) {
    String sentence = Preflight.trouble(name, info, jvmci, fmaNanos);
    assertTrue(sentence.contains(word), sentence);
    assertTrue(sentence.endsWith("slow kernels with -Devolute.allowSlow=true"), sentence);
  }
}
