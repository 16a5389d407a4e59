package dev.evolute.app.cli;

import dev.evolute.app.Evolute;
import dev.evolute.app.data.DataSets;
import dev.evolute.app.study.Machine;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceProvider;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code evolute doctor}: what Evolute sees of this machine. */
@Command(
    name = "doctor",
    description = {
      "Tells what Evolute sees of this machine: processor, memory, devices, data sets.",
      "Each device is tried with a product. All of it belongs in a report of a bug."
    },
    footer = {"", "Examples:", "  evolute doctor", "  evolute doctor --json -"})
final class DoctorCommand implements Runnable {
  /** Variables that change what Java, a GPU or this program does. */
  private static final List<String> VARIABLES =
      List.of(
          "CUDA_PATH",
          "CUDA_VISIBLE_DEVICES",
          "JAVA_HOME",
          "JAVA_TOOL_OPTIONS",
          "JDK_JAVA_OPTIONS",
          "LANG",
          "LC_ALL",
          "NO_COLOR",
          "TERM",
          "XDG_CACHE_HOME");

  @Spec CommandSpec spec;
  @Mixin StandardOptions help;
  @Mixin DataFolder data;
  @Mixin JsonOption json;

  private PrintWriter out;

  @Override
  public void run() {
    json.check();
    Map<String, Object> found = found(Machine.here());
    json.write(found);
    if (json.onStandardOutput()) {
      return;
    }
    out = spec.commandLine().getOut();
    found.forEach(this::print);
    out.flush();
  }

  private Map<String, Object> found(Machine machine) {
    Map<String, Object> found = new LinkedHashMap<>();
    found.put("evolute", Evolute.version());
    found.put("jdk", machine.jdk());
    found.put("java", java());
    found.put("system", machine.os());
    found.put("cpu", machine.cpu());
    found.put("cores", machine.cores());
    found.put("vectorBits", machine.vectorBits());
    found.put("features", machine.features());
    found.put("memoryBytes", machine.memoryBytes());
    found.put("heapBytes", Runtime.getRuntime().maxMemory());
    Map<String, Object> devices = new LinkedHashMap<>();
    Map<String, Object> checks = new LinkedHashMap<>();
    for (DeviceProvider provider : Device.providers()) {
      String scheme = provider.scheme();
      devices.put(scheme, provider.describe());
      String check = DeviceCheck.of(scheme.equals("cpu") ? scheme : scheme + ":0");
      if (check != null) {
        checks.put(scheme, check);
      }
    }
    found.put("devices", devices);
    found.put("checks", checks);
    Map<String, Object> sets = new LinkedHashMap<>();
    DataSets.list(data.readable()).forEach(set -> sets.put(set.name(), set.where()));
    found.put("data", sets);
    found.put("folders", folders());
    found.put("variables", variables());
    return found;
  }

  private static Map<String, Object> java() {
    Map<String, Object> java = new LinkedHashMap<>();
    java.put("vm", System.getProperty("java.vm.name") + ", " + System.getProperty("java.vendor"));
    java.put("home", System.getProperty("java.home"));
    java.put("options", String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments()));
    java.put("encoding", System.getProperty("stdout.encoding", Charset.defaultCharset().name()));
    return java;
  }

  private static Map<String, Object> folders() {
    Map<String, Object> folders = new LinkedHashMap<>();
    folders.put("here", folder(Path.of("").toAbsolutePath()));
    folders.put("temporary", folder(Path.of(System.getProperty("java.io.tmpdir"))));
    return folders;
  }

  private static String folder(Path path) {
    String room;
    try {
      room = gibibytes(Files.getFileStore(path).getUsableSpace()) + " free";
    } catch (IOException e) {
      room = Errors.reason(e);
    }
    return path + (Files.isWritable(path) ? ", " : ", cannot be written to, ") + room;
  }

  private static Map<String, String> variables() {
    Map<String, String> set = new TreeMap<>();
    System.getenv()
        .forEach(
            (name, value) -> {
              if (name.startsWith("EVOLUTE_") || VARIABLES.contains(name)) {
                set.put(name, value);
              }
            });
    return set;
  }

  /** One line, or one for each entry. */
  private void print(String key, Object value) {
    switch (key) {
      case "vectorBits" -> line("vectors", value.equals(0) ? "none" : value + " bits");
      case "features" -> features(value);
      case "memoryBytes" -> line("memory", gibibytes((Long) value));
      case "heapBytes" -> line("heap", "up to " + gibibytes((Long) value));
      default -> {
        if (value instanceof Map<?, ?> several) {
          String each = key.matches("devices|checks|folders|variables") ? singular(key) : key;
          several.forEach((name, what) -> line(each + " " + name, String.valueOf(what)));
        } else {
          line(key, String.valueOf(value));
        }
      }
    }
  }

  private static String singular(String plural) {
    return plural.substring(0, plural.length() - 1);
  }

  private void features(Object value) {
    Set<String> features =
        ((Set<?>) value).stream().map(String::valueOf).collect(Collectors.toUnmodifiableSet());
    line("fma", fma(features));
    line("amx", amx(features));
  }

  private void line(String what, String value) {
    out.printf("%-22s%s%n", what, value);
  }

  static String fma(Set<String> features) {
    // Every 64-bit Arm processor with vectors has fused multiply-add.
    return features.contains("fma") || features.contains("asimd")
        ? "yes"
        : features.isEmpty() ? "unknown on this system" : "no";
  }

  static String amx(Set<String> features) {
    String found =
        features.stream()
            .filter(feature -> feature.startsWith("amx_"))
            .map(feature -> feature.substring("amx_".length()))
            .sorted()
            .collect(Collectors.joining(", "));
    return !found.isEmpty()
        ? "yes (" + found + ")"
        : features.isEmpty() ? "unknown on this system" : "no";
  }

  private static String gibibytes(long bytes) {
    return "%.1f GiB".formatted(bytes / (double) (1L << 30));
  }
}
