package dev.evolute.app.cli;

import dev.evolute.app.Evolute;
import dev.evolute.app.data.DataSets;
import dev.evolute.app.study.Machine;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceProvider;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code evolute doctor}: what Evolute sees of this machine. */
@Command(
    name = "doctor",
    description = "Tells what Evolute sees of this machine: processor, memory, devices, data sets.",
    footer = {"", "Examples:", "  evolute doctor", "  evolute doctor --json -"})
final class DoctorCommand implements Runnable {
  @Spec CommandSpec spec;
  @Mixin StandardOptions help;
  @Mixin DataFolder data;
  @Mixin JsonOption json;

  private PrintWriter out;

  @Override
  public void run() {
    Machine machine = Machine.here();
    json.check();
    json.write(object(machine));
    if (json.onStandardOutput()) {
      return;
    }
    out = spec.commandLine().getOut();
    print("evolute", Evolute.version());
    print("jdk", machine.jdk() + " (" + System.getProperty("java.vm.name") + ")");
    print("system", machine.os());
    print("cpu", machine.cpu());
    print("cores", Integer.toString(machine.cores()));
    print("vectors", machine.vectorBits() == 0 ? "none" : machine.vectorBits() + " bits");
    print("fma", fma(machine.features()));
    print("amx", amx(machine.features()));
    print(
        "memory",
        "%s, Java heap up to %s"
            .formatted(
                gibibytes(machine.memoryBytes()), gibibytes(Runtime.getRuntime().maxMemory())));
    for (DeviceProvider provider : Device.providers()) {
      print("device " + provider.scheme(), provider.describe());
    }
    for (DataSets.Listing set : DataSets.list(data.readable())) {
      print("data " + set.name(), set.where());
    }
    out.flush();
  }

  private Map<String, Object> object(Machine machine) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("evolute", Evolute.version());
    object.put("jdk", machine.jdk());
    object.put("system", machine.os());
    object.put("cpu", machine.cpu());
    object.put("cores", machine.cores());
    object.put("vectorBits", machine.vectorBits());
    object.put("features", machine.features());
    object.put("memoryBytes", machine.memoryBytes());
    object.put("heapBytes", Runtime.getRuntime().maxMemory());
    Map<String, Object> devices = new LinkedHashMap<>();
    Device.providers().forEach(provider -> devices.put(provider.scheme(), provider.describe()));
    object.put("devices", devices);
    Map<String, Object> sets = new LinkedHashMap<>();
    DataSets.list(data.readable()).forEach(set -> sets.put(set.name(), set.where()));
    object.put("data", sets);
    return object;
  }

  private void print(String what, String value) {
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
            .collect(Collectors.joining(", "));
    return !found.isEmpty()
        ? "yes (" + found + ")"
        : features.isEmpty() ? "unknown on this system" : "no";
  }

  private static String gibibytes(long bytes) {
    return "%.1f GiB".formatted(bytes / (double) (1L << 30));
  }
}
