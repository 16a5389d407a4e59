package dev.evolute.app.cli;

import dev.evolute.app.UserException;
import dev.evolute.app.engine.Engine;
import dev.evolute.app.engine.Request;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of every command that computes. */
final class CommonOptions {
  /** More threads than any machine has processors are a slip of the finger. */
  private static final int MAX_THREADS = 4096;

  private static final List<String> PRECISIONS = List.of("f32", "f64");

  /** For a shell; there may be more devices. */
  static final class Devices extends Names {
    Devices() {
      super(List.of("cpu", "cuda:0", "cuda:software"));
    }
  }

  /** For a shell. */
  static final class Precisions extends Names {
    Precisions() {
      super(PRECISIONS);
    }
  }

  @Spec(Spec.Target.MIXEE)
  CommandSpec command;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "cpu",
      completionCandidates = Devices.class,
      description =
          "where to compute: cpu, cuda:0 or cuda:software, a slow GPU of software (default:"
              + " ${DEFAULT-VALUE}); on matrix units, in f32,%n"
              + "  cpu:bf16x6 (as exact), cpu:bf16x3, cpu:bf16 (AMX)%n"
              + "  cuda:0:tf32x3 (about as exact), cuda:0:bf16x3,%n"
              + "  cuda:0:tf32, cuda:0:bf16 (tensor cores)")
  private String device;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "seed of every random stream (default: ${DEFAULT-VALUE})")
  long seed;

  @Mixin DataFolder data;

  private int threads = Runtime.getRuntime().availableProcessors();
  private String precision;
  private Path out;

  /** The device's name; what it begins with is one that there is. */
  String device() {
    List<String> known = Device.providers().stream().map(DeviceProvider::scheme).sorted().toList();
    String scheme = device.split(":", 2)[0];
    if (!known.contains(scheme)) {
      throw usage(
          "--device: '%s' is unknown, there is %s".formatted(device, String.join(" and ", known)));
    }
    return device;
  }

  int threads() {
    return threads;
  }

  /** {@code f32}, {@code f64}, or null where the command is free to choose. */
  String precision() {
    return precision;
  }

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "CPU threads to use (default: one a core)")
  void setThreads(int value) {
    if (value < 1 || value > MAX_THREADS) {
      throw usage("--threads: %d given, 1 to %d are possible".formatted(value, MAX_THREADS));
    }
    threads = value;
  }

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      completionCandidates = Precisions.class,
      description = "f32 or f64 (default: what the command needs)")
  void setPrecision(String value) {
    if (!PRECISIONS.contains(value)) {
      throw usage("--precision: '%s' given, f32 and f64 are possible".formatted(value));
    }
    precision = value;
  }

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "folder for the result files (default: out/ and the name of the study, out/train;"
              + " probe and profile: none)")
  void setOut(Path value) {
    if (value.toString().isEmpty()) {
      throw usage("--out: the name of a folder is missing; . is the present one");
    }
    out = value;
  }

  boolean hasOut() {
    return out != null;
  }

  /**
   * The folder for result files, made where it is missing.
   *
   * @param engine what computes, null for the device
   */
  Path writableOut(String name, Request engine) {
    // A folder made for a device or an engine that is not there would stay behind, empty.
    if (engine == null) {
      Device.open(device(), 1).close();
    } else {
      Engine.find();
    }
    return writable("--out", out == null ? Path.of("out", name) : out);
  }

  /** A folder that an option names or has its file in, made where it is missing. */
  static Path writable(String option, Path folder) {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, ".evolute", null));
    } catch (IOException e) {
      throw new UserException(
          "%s: files cannot be written to %s (%s); name another folder"
              .formatted(option, folder, Errors.reason(e)),
          e);
    }
    return folder;
  }

  /** The data folder, or null; says so at once where it is of no use. */
  Path readableDataDir() {
    return data.readable();
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
