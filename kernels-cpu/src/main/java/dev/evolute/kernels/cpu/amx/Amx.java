package dev.evolute.kernels.cpu.amx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Whether there is a matrix unit in this machine's processor, and leave to use it. */
public final class Amx {
  /** {@code -Devolute.amx=off} leaves the unit alone. */
  static final String SWITCH = "evolute.amx";

  /** What the code in this package executes, by Linux' names of the parts of a processor. */
  static final List<String> NEEDED =
      List.of("avx512f", "avx512vl", "avx512_bf16", "amx_tile", "amx_bf16");

  private static final Path CPU = Path.of("/proc/cpuinfo");

  /** The states of tiles are large: Linux saves them for processes that asked. */
  private static final long ARCH_REQ_XCOMP_PERM = 0x1023;

  private static final long XFEATURE_XTILEDATA = 18;

  private Amx() {}

  /** The unit of this processor. */
  private static final class Here implements Unit {
    @Override
    public List<Routine> load(List<byte[]> codes) {
      // The pages stay, as compiled code does.
      return CodePages.write(codes).seal();
    }
  }

  /** Asked once: what is wrong, or null. */
  private static final class Permission {
    static final String TROUBLE = ask();

    private static String ask() {
      int error = Posix.archPrctl(ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA);
      return error == 0
          ? codeTrouble()
          : "the system gives this process no leave to use it, error "
              + error
              + " (Linux 5.16 or newer does, unless a thread's signal stack is too small)";
    }
  }

  /** What keeps this process from running code that it wrote, in a clause, or null. */
  static String codeTrouble() {
    Assembler nothing = new Assembler();
    nothing.ret();
    try (CodePages pages = CodePages.write(List.of(nothing.bytes()))) {
      pages.seal().getFirst().call(0);
      return null;
    } catch (IllegalStateException e) {
      return e.getMessage();
    }
  }

  /** What keeps this process from using the unit, in a clause, or null. */
  public static String trouble() {
    String trouble =
        trouble(
            System.getProperty(SWITCH, "on"),
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            parts());
    return trouble != null ? trouble : Permission.TROUBLE;
  }

  /**
   * What keeps a machine like this from using the unit, or null.
   *
   * @param parts of the processor, as Linux calls them
   */
  static String trouble(String power, String system, String processor, Set<String> parts) {
    if (power.equalsIgnoreCase("off")) {
      return "it is switched off by -D" + SWITCH + "=" + power;
    }
    if (!system.equals("Linux") || !processor.equals("amd64")) {
      return "it is reached under Linux on x86-64, and this is " + system + " on " + processor;
    }
    List<String> missing = NEEDED.stream().filter(part -> !parts.contains(part)).toList();
    if (missing.isEmpty()) {
      return null;
    }
    List<String> there = NEEDED.stream().filter(parts::contains).toList();
    return "this processor has "
        + (there.isEmpty() ? "none of its parts" : String.join(", ", there))
        + " and lacks "
        + String.join(", ", missing);
  }

  static Unit unit() {
    String trouble = trouble();
    if (trouble != null) {
      throw new IllegalStateException("amx: " + trouble);
    }
    return new Here();
  }

  /** Parts of the processor that Linux knows and has switched on; it lists no others. */
  static Set<String> parts() {
    try (Stream<String> lines = Files.lines(CPU)) {
      return lines
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("flags"))
          .findFirst()
          .map(line -> new HashSet<>(List.of(line.split("\\s+"))))
          .orElseGet(HashSet::new);
    } catch (IOException | RuntimeException e) {
      return Set.of();
    }
  }
}
