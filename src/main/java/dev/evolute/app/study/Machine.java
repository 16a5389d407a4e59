package dev.evolute.app.study;

import com.sun.management.OperatingSystemMXBean;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceProvider;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import jdk.incubator.vector.VectorShape;

/**
 * The machine a study runs on.
 *
 * @param cpu name of the processor
 * @param cores logical processors this process may use
 * @param vectorBits width of the vectors that kernels are compiled to, in bits; 0 where Java was
 *     started without the Vector API
 * @param features instruction sets of interest: {@code fma}, {@code avx512f}, {@code amx_bf16} ...
 * @param memoryBytes physical memory, or the limit of the container
 * @param os operating system with its version and architecture
 * @param jdk version of the Java runtime
 */
public record Machine(
    String cpu,
    int cores,
    int vectorBits,
    Set<String> features,
    long memoryBytes,
    String os,
    String jdk) {

  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  /** Looks at this machine. */
  public static Machine here() {
    List<String> cpuinfo = cpuinfo();
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new Machine(
        cpu(cpuinfo),
        Runtime.getRuntime().availableProcessors(),
        preferredBits(),
        features(cpuinfo),
        system.getTotalMemorySize(),
        String.join(
            " ",
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("os.arch")),
        System.getProperty("java.version"));
  }

  /**
   * The {@code machine} object of a result file, with what devices of the kind have chosen by
   * measuring up to now.
   */
  public Map<String, Object> summary(String device, int threads) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("cpu", cpu);
    summary.put("vectorBits", vectorBits);
    summary.put("threads", threads);
    summary.put("device", device);
    summary.put("jdk", jdk);
    for (DeviceProvider provider : Device.providers()) {
      if (device.startsWith(provider.scheme() + ":")) {
        summary.putAll(provider.choices());
      }
    }
    return summary;
  }

  private static int preferredBits() {
    try {
      return VectorShape.preferredShape().vectorBitSize();
    } catch (NoClassDefFoundError withoutVectorApi) {
      return 0;
    }
  }

  private static List<String> cpuinfo() {
    try {
      return Files.readAllLines(CPUINFO, StandardCharsets.UTF_8);
    } catch (IOException elsewhereThanLinux) {
      return List.of();
    }
  }

  static String cpu(List<String> cpuinfo) {
    String name = value(cpuinfo, "model name");
    if (name.isEmpty()) {
      // Windows tells it in the environment; elsewhere the architecture is all there is.
      name = System.getenv().getOrDefault("PROCESSOR_IDENTIFIER", System.getProperty("os.arch"));
    }
    return name;
  }

  static Set<String> features(List<String> cpuinfo) {
    String flags = value(cpuinfo, "flags") + " " + value(cpuinfo, "Features");
    Set<String> known = new TreeSet<>();
    for (String flag : flags.split("\\s+")) {
      if (flag.equals("fma")
          || flag.equals("avx2")
          || flag.equals("avx512f")
          || flag.startsWith("amx_")
          || flag.equals("asimd")
          || flag.startsWith("sve")) {
        known.add(flag);
      }
    }
    return known;
  }

  private static String value(List<String> cpuinfo, String key) {
    for (String line : cpuinfo) {
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).strip().equals(key)) {
        return line.substring(colon + 1).strip();
      }
    }
    return "";
  }
}
