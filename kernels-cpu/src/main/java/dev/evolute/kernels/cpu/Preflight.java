package dev.evolute.kernels.cpu;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.evolute.kernels.DeviceUnavailableException;
import java.lang.management.ManagementFactory;
import jdk.incubator.vector.FloatVector;

/**
 * Whether this Java compiles vectors to the processor's. Where it does not, kernels give right
 * results 60 to 10,000 times slower and say nothing, so the device says it before they start. Takes
 * far less than a millisecond: it reads what the virtual machine tells of itself and times a fused
 * multiply-add. Loads without the Vector API.
 */
final class Preflight {
  /** {@code -Devolute.allowSlow=true} computes all the same. */
  private static final String ALLOW_SLOW = "evolute.allowSlow";

  /** A fused multiply-add takes 15 to 20 ns interpreted, and in software 50,000 ns at first. */
  private static final double SLOW_FMA_NANOS = 1000;

  private static final int FMA_SAMPLES = 16;
  private static final int FMA_CALLS = 4;
  private static final int LEAST_BITS = 128;

  private static final int BITS = bits();

  /** What is wrong, or null. */
  private static final String TROUBLE =
      BITS == 0
          ? "this Java was started without the Vector API, which the CPU kernels are written in;"
              + " start it with --add-modules jdk.incubator.vector"
          : BITS < LEAST_BITS
              ? "vectors have fewer than 128 bits here, which no kernel is written for; start Java"
                  + " without -XX:MaxVectorSize"
              : trouble(
                  System.getProperty("java.vm.name", ""),
                  System.getProperty("java.vm.info", ""),
                  compiledByJvmci(),
                  fmaNanos());

  private Preflight() {}

  /** Loaded only where the Vector API is. */
  private static final class Vectors {
    static int bits() {
      return FloatVector.SPECIES_PREFERRED.vectorBitSize();
    }
  }

  /** Throws what is wrong with this Java, in one sentence. */
  static void require() {
    boolean onlySlow = BITS >= LEAST_BITS;
    if (TROUBLE != null && !(onlySlow && Boolean.getBoolean(ALLOW_SLOW))) {
      throw new DeviceUnavailableException("device: " + TROUBLE);
    }
  }

  /** Whether this Java compiles vectors. */
  static boolean isFast() {
    return TROUBLE == null;
  }

  /** What is wrong with this Java, or what its vectors are like. */
  static String describe() {
    return TROUBLE != null
        ? TROUBLE
        : BITS + "-bit vectors, " + Runtime.getRuntime().availableProcessors() + " cores";
  }

  /** Width of the preferred vectors; 0 without the Vector API. */
  private static int bits() {
    try {
      return Vectors.bits();
    } catch (NoClassDefFoundError e) {
      return 0;
    } catch (ExceptionInInitializerError e) {
      // The Vector API itself does not start with vectors of 64 bits.
      return 1;
    }
  }

  /**
   * What is wrong with a virtual machine that describes itself like this, or null.
   *
   * @param name {@code java.vm.name}
   * @param info {@code java.vm.info}
   * @param jvmci whether C2 is replaced by a compiler written in Java, as in GraalVM
   * @param fmaNanos what a fused multiply-add takes
   */
  static String trouble(String name, String info, boolean jvmci, double fmaNanos) {
    String what;
    if (!name.contains("HotSpot") && !name.contains("OpenJDK")) {
      what =
          "this Java is '"
              + name
              + "', which makes objects of vectors; take a HotSpot one, such as"
              + " OpenJDK's";
    } else if (info.contains("interpreted")) {
      what =
          "this Java interprets and does not compile, which makes vectors 1000 times slower; start"
              + " it without -Xint";
    } else if (info.contains("emulated-client")) {
      what =
          "this Java compiles with C1 alone, which makes objects of vectors; start it without"
              + " -XX:TieredStopAtLevel and -XX:CompilationMode";
    } else if (jvmci) {
      what =
          "this Java compiles with Graal in place of C2, which makes objects of some vectors; start"
              + " it with -XX:-UseJVMCICompiler";
    } else if (fmaNanos > SLOW_FMA_NANOS) {
      what =
          "fused multiply-add is done in software here; take a processor that has it, and start Java"
              + " without -XX:-UseFMA and -XX:UseAVX=0";
    } else {
      return null;
    }
    return what + ", or accept slow kernels with -D" + ALLOW_SLOW + "=true";
  }

  /** Asks the management interface only where such a compiler may be: it takes 50 ms to load. */
  private static boolean compiledByJvmci() {
    if (!System.getProperty("java.vm.version", "").contains("jvmci")) {
      return false;
    }
    try {
      return Boolean.parseBoolean(
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
              .getVMOption("UseJVMCICompiler")
              .getValue());
    } catch (IllegalArgumentException | NoClassDefFoundError noSuchOption) {
      return false;
    }
  }

  private static double fmaNanos() {
    double least = Double.MAX_VALUE;
    double x = 1;
    for (int i = 0; i < FMA_SAMPLES && least > SLOW_FMA_NANOS; i++) {
      long start = System.nanoTime();
      for (int j = 0; j < FMA_CALLS; j++) {
        x = Math.fma(x, 0.9, 0.3);
      }
      least = Math.min(least, (System.nanoTime() - start) / (double) FMA_CALLS);
    }
    return x > 0 ? least : Double.MAX_VALUE;
  }
}
