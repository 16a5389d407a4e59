package dev.evolute.app.cli;

import dev.evolute.app.Evolute;
import dev.evolute.app.data.DataSets;
import dev.evolute.app.study.Machine;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceProvider;
import java.io.PrintWriter;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code evolute doctor}: what Evolute sees of this machine. */
@Command(
    name = "doctor",
    description = "Tells what Evolute sees of this machine: processor, memory, devices, data sets.")
final class DoctorCommand implements Runnable {
  @Spec CommandSpec spec;
  @Mixin StandardOptions help;
  @Mixin CommonOptions common;

  private PrintWriter out;

  @Override
  public void run() {
    out = spec.commandLine().getOut();
    Machine machine = Machine.here();
    print("evolute", Evolute.version());
    print("jdk", machine.jdk() + " (" + System.getProperty("java.vm.name") + ")");
    print("system", machine.os());
    print("cpu", machine.cpu());
    print("threads", common.threads() + " of " + machine.cores() + " cores");
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
    for (DataSets.Listing set : DataSets.list(common.readableDataDir())) {
      print("data " + set.name(), set.where());
    }
    out.flush();
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
