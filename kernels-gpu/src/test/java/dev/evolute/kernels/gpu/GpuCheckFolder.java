package dev.evolute.kernels.gpu;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Makes a folder that runs {@link GpuCheck} on a machine that has an NVIDIA driver, NVRTC and
 * nothing else: a Java runtime, all jars, and a script.
 */
public final class GpuCheckFolder {
  private static final String MODULES =
      "java.base,java.logging,java.management,jdk.incubator.vector,jdk.management,jdk.unsupported";

  private static final String RUN =
      """
      #!/bin/sh
      # Runs the conformance suite on a CUDA device and prints how fast it is.
      #
      #   ./run [DEVICE [TEST...]]   cuda:0 unless another is named; all tests unless some are
      #
      # Takes an NVIDIA driver and NVRTC, and cuBLAS where it is to be tried, of CUDA 12 or 13; EVOLUTE_CUDA may name
      # their folders, colons between.
      cd "$(dirname "$0")" || exit 1
      jre/bin/java --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \\
        ${EVOLUTE_CUDA:+-Devolute.cuda.libraries="$EVOLUTE_CUDA"} \\
        -cp 'jars/*' dev.evolute.kernels.gpu.GpuCheck "$@"
      status=$?
      # What a user of PyTorch would have, where it is there.
      if [ $status -lt 2 ] && python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
        python3 pytorch.py
      fi
      exit $status
      """;

  private static final String PYTORCH =
      """
      # Products and copies of PyTorch on the same device, for the lines of the same sizes.
      import time, torch

      def rate(name, amount, unit, call):
          call(); torch.cuda.synchronize(); calls = 1
          while True:
              start = time.perf_counter()
              for _ in range(calls): call()
              torch.cuda.synchronize()
              seconds = time.perf_counter() - start
              if seconds > 0.1: break
              calls *= 2
          print("PyTorch %-22s%.4g %s" % (name, 1e-9 * amount * calls / seconds, unit))

      x, y = (torch.ones(1 << 27, device="cuda") for _ in range(2))
      rate("copy", 8 * x.numel(), "GB/s", lambda: y.copy_(x))
      for tf32 in (False, True):
          torch.backends.cuda.matmul.allow_tf32 = tf32
          for n in (256, 1024, 4096):
              a, b = (torch.ones(n, n, device="cuda") for _ in range(2))
              rate("gemm %d%s" % (n, " TF32" if tf32 else ""), 2 * n ** 3, "GFLOP/s", lambda: a @ b)
      """;

  private GpuCheckFolder() {}

  /**
   * Makes the folder from the class path of this program.
   *
   * @param arguments the folder, which must not be there
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    Path jars = Files.createDirectories(folder.resolve("jars"));
    int number = 0;
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path from = Path.of(entry);
      Path to = jars.resolve(number++ + "-" + name(from) + ".jar");
      if (Files.isDirectory(from)) {
        pack(from, to);
      } else if (Files.isRegularFile(from)) {
        Files.copy(from, to);
      }
    }
    link(folder.resolve("jre"));
    Files.writeString(folder.resolve("pytorch.py"), PYTORCH);
    Path run = Files.writeString(folder.resolve("run"), RUN);
    if (!run.toFile().setExecutable(true)) {
      throw new IOException(run + " cannot be made executable");
    }
    System.out.println("GPU check: " + folder + ", copy it to the machine and run " + run);
  }

  private static String name(Path entry) {
    return entry.getFileName().toString().replaceFirst("\\.jar$", "");
  }

  private static void pack(Path classes, Path jar) throws IOException {
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream packed = new JarOutputStream(out);
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        String name = classes.relativize(file).toString().replace(File.separatorChar, '/');
        if (!name.equals("module-info.class")) {
          packed.putNextEntry(new JarEntry(name));
          Files.copy(file, packed);
          packed.closeEntry();
        }
      }
    }
  }

  private static void link(Path runtime) throws IOException {
    ToolProvider jlink =
        ToolProvider.findFirst("jlink")
            .orElseThrow(() -> new IOException("this Java has no jlink; take a JDK that has"));
    List<String> options =
        List.of(
            "--add-modules",
            MODULES,
            "--strip-debug",
            "--no-header-files",
            "--no-man-pages",
            "--compress",
            "zip-6",
            "--output",
            runtime.toString());
    int status =
        jlink.run(
            new PrintWriter(System.out, true),
            new PrintWriter(System.err, true),
            options.toArray(String[]::new));
    if (status != 0) {
      throw new IOException("jlink failed with status " + status);
    }
  }
}
