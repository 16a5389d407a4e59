package dev.evolute.kernels.gpu;

import dev.evolute.kernels.DeviceUnavailableException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A CUDA driver, an NVRTC and a cuBLAS that run kernels on the CPU, one fiber a CUDA thread. Their
 * C++ sources stand in the jar; g++ builds them on first use, and compiles the kernels too. For
 * trying and testing: it finds what is wrong with a kernel, and is slow.
 */
final class SoftwareGpu {
  private static final List<String> SOURCES =
      List.of(
          "runtime.h",
          "cuda_on_cpu.h",
          "ptx_on_cpu.h",
          "scheduler.h",
          "scheduler.cpp",
          "memory.h",
          "memory.cpp",
          "driver.cpp",
          "nvrtc.cpp",
          "nvrtc.map",
          "cublas.cpp",
          "cublas.map");

  /** Headers that the compiler puts before each kernel source. */
  private static final List<String> LANGUAGE =
      List.of("cuda_on_cpu.h", "ptx_on_cpu.h", "runtime.h");

  static final String DRIVER = "libcuda.so.1";
  static final String NVRTC = "libnvrtc.so.12";
  static final String CUBLAS = "libcublas.so.12";

  private final Path folder;

  private SoftwareGpu(Path folder) {
    this.folder = folder;
  }

  Path driver() {
    return folder.resolve(DRIVER);
  }

  Path nvrtc() {
    return folder.resolve(NVRTC);
  }

  Path cublas() {
    return folder.resolve(CUBLAS);
  }

  /** The folder's name is the hash of the sources: kernels compiled by other ones are others. */
  String version() {
    return folder.getFileName().toString();
  }

  /** The command of the C++ compiler. */
  static String compiler() {
    String chosen = System.getenv("EVOLUTE_CXX");
    return chosen == null || chosen.isEmpty() ? "g++" : chosen;
  }

  /** Built now if it was not before. */
  static SoftwareGpu ready() {
    requireLinux();
    List<String> texts = SOURCES.stream().map(name -> Resource.text("cpp/" + name)).toList();
    String key = Cache.key(texts).substring(0, 32);
    Path root = new Cache("software-gpu").folder();
    Path folder = root.resolve(key);
    try {
      if (!Files.isRegularFile(folder.resolve(CUBLAS))) {
        Cache.makePrivate(root);
        Path work = Files.createTempDirectory(root, "build");
        build(work, texts);
        publish(work, folder);
      }
    } catch (IOException e) {
      throw new DeviceUnavailableException(
          "no software GPU: " + root + " cannot be written (" + e.getMessage() + ")");
    }
    return new SoftwareGpu(folder);
  }

  private static void requireLinux() {
    String system = System.getProperty("os.name");
    String machine = System.getProperty("os.arch");
    if (!system.equals("Linux") || !machine.equals("amd64")) {
      throw new DeviceUnavailableException(
          "no software GPU: it needs Linux on x86-64, this is " + system + " on " + machine);
    }
  }

  private static void build(Path work, List<String> texts) throws IOException {
    for (int i = 0; i < SOURCES.size(); i++) {
      Files.writeString(work.resolve(SOURCES.get(i)), texts.get(i));
    }
    StringBuilder language = new StringBuilder();
    for (String name : LANGUAGE) {
      String text = texts.get(SOURCES.indexOf(name));
      language.append("{\"" + name + "\", R\"EOF(" + text + ")EOF\"},\n");
    }
    Files.writeString(work.resolve("language.inc"), language);
    compile(work, "-O2", DRIVER, List.of("driver.cpp", "scheduler.cpp", "memory.cpp"), List.of());
    compile(work, "-O1", NVRTC, List.of("nvrtc.cpp"), List.of("-Wl,--version-script=nvrtc.map"));
    compile(
        work,
        "-O2",
        CUBLAS,
        List.of("cublas.cpp", "-L.", "-l:" + DRIVER),
        List.of("-Wl,--version-script=cublas.map"));
  }

  private static void compile(
      Path work, String level, String library, List<String> sources, List<String> options)
      throws IOException {
    List<String> command =
        new ArrayList<>(List.of(compiler(), "-std=c++17", level, "-fPIC", "-shared", "-I."));
    command.add("-fvisibility=hidden");
    command.add("-Wl,-soname," + library);
    command.addAll(options);
    command.addAll(List.of("-o", library));
    command.addAll(sources);
    Path log = work.resolve("log");
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .directory(work.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      throw new DeviceUnavailableException(
          "no software GPU: it is built by "
              + compiler()
              + ", which cannot be started; install g++ or name a compiler in EVOLUTE_CXX");
    }
    try {
      if (process.waitFor() != 0) {
        throw new DeviceUnavailableException(
            "no software GPU: " + compiler() + " cannot build it; " + log + " says why");
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new DeviceUnavailableException("no software GPU: its build was interrupted");
    }
  }

  /** The folder appears whole; if another process was first, its build serves as well. */
  private static void publish(Path work, Path folder) throws IOException {
    try {
      Cache.move(work, folder);
    } catch (IOException e) {
      if (!Files.isRegularFile(folder.resolve(CUBLAS))) {
        throw e;
      }
      try (Stream<Path> files = Files.list(work)) {
        files.map(Path::toFile).forEach(File::delete);
      }
      Files.delete(work);
    }
  }

  /** Builds it, for the project's own build; where there is no compiler, says so and passes. */
  public static void main(String[] arguments) {
    try {
      System.out.println("software GPU: " + ready().folder);
    } catch (DeviceUnavailableException | UncheckedIOException e) {
      System.out.println(e.getMessage());
    }
  }
}
