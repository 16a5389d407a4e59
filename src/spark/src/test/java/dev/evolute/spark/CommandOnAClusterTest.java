package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.Evolute;
import dev.evolute.app.UsageException;
import dev.evolute.app.UserException;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command probe in a process of its own, on a standalone cluster of two workers. */
@Tag("slow")
class CommandOnAClusterTest {
  private static final long SECONDS = 900;

  @TempDir static Path folder;
  private static Standalone standalone;

  @BeforeAll
  static void start() throws Exception {
    standalone = new Standalone(folder, 2, 1, "2g");
  }

  @AfterAll
  static void stop() {
    standalone.close();
  }

  private static Process probe(String log, Path out, String engine) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--"))
        .forEach(command::add);
    Collections.addAll(
        command,
        "-cp",
        System.getProperty("java.class.path"),
        "dev.evolute.app.cli.Main",
        "probe",
        "--model=mnist-mlp",
        "--data=mnist-1k",
        "--precision=f64",
        "--parts=ends",
        "--threads=1",
        "--shards=3",
        "--engine=" + engine,
        "--executor-memory=1g",
        "--out=" + out);
    if (engine.startsWith("spark:")) {
      command.add("--executors=2");
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    return builder.redirectOutput(folder.resolve(log).toFile()).start();
  }

  private static String said(String log) {
    try {
      return Files.readString(folder.resolve(log));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static int status(Process process) throws InterruptedException {
    assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), "it takes too long");
    return process.exitValue();
  }

  /** Waits until some products with vectors of 42,310 numbers are there. */
  private static void awaitProducts(Process process, Path out, String log) throws Exception {
    File products = out.resolve("checkpoint/ends.products").toFile();
    while (products.length() < 5 * 8 * 42_310) {
      assertTrue(process.isAlive(), () -> said(log));
      Thread.sleep(5);
    }
  }

  private static List<String> results(Path out) throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(out.resolve("summary.json")));
    lines.removeIf(line -> line.startsWith("  \"seconds\""));
    return lines;
  }

  @Test
  void aDriverThatIsKilledInTheMiddleOfLanczosGoesOnToTheSameBytes() throws Exception {
    Path out = folder.resolve("out");
    assertEquals(0, status(probe("whole.log", out, standalone.address)), () -> said("whole.log"));
    List<String> whole = results(out);
    Files.delete(out.resolve("summary.json"));

    Process killed = probe("killed.log", out, standalone.address);
    awaitProducts(killed, out, "killed.log");
    killed.destroyForcibly();
    status(killed);
    assertFalse(Files.exists(out.resolve("summary.json")));

    assertEquals(
        0, status(probe("resumed.log", out, standalone.address)), () -> said("resumed.log"));
    assertTrue(said("resumed.log").contains("going on from the state in"));
    assertEquals(whole, results(out));
  }

  /** Spark would stop at once, and with it the product that is waited for. */
  @Test
  void aDriverThatIsToldToEndWritesWhatThereIs() throws Exception {
    Path out = folder.resolve("told");
    Process told = probe("told.log", out, "local[2]");
    awaitProducts(told, out, "told.log");
    told.destroy();
    assertEquals(143, status(told), () -> said("told.log"));
    assertTrue(Files.readString(out.resolve("summary.json")).contains("\"partial\" : true"));
    assertTrue(said("told.log").contains("partial results are in"), () -> said("told.log"));
  }

  /** The second worker's executors find another one's classes first, in the worker's folder. */
  @Test
  void anExecutorOfAnotherVersionIsNamed() throws Exception {
    Files.createDirectories(folder.resolve("work1"));
    other(folder.resolve("work1/other.jar"));
    String path = "../../other.jar" + File.pathSeparator + System.getProperty("java.class.path");
    System.setProperty("spark.executor.extraClassPath", path);
    try {
      Cluster.Request two = new Cluster.Request(standalone.address, 2, 1, "1g");
      String sentence =
          assertThrows(UserException.class, () -> Cluster.open(two).close()).getMessage();
      assertTrue(
          sentence.matches(
              "executor [01] on \\S+ runs Evolute 9\\.9\\.9 and this driver development; .*"),
          sentence);
    } finally {
      System.clearProperty("spark.executor.extraClassPath");
    }
  }

  /** It comes for one that was killed, after the work has begun. */
  @Test
  void aLaterExecutorOfAnotherVersionIsNamed() throws Exception {
    String path = "../../later.jar" + File.pathSeparator + System.getProperty("java.class.path");
    System.setProperty("spark.executor.extraClassPath", path);
    Problem problem = Problem.DIGITS;
    try (Cluster cluster = Cluster.open(new Cluster.Request(standalone.address, 2, 1, "1g"));
        Device device = Device.open("cpu", 1);
        SparkObjective f = problem.on(cluster.spark(), problem.sharding(2, DType.F32), device)) {
      f.keep();
      for (String work : List.of("work0", "work1")) {
        other(folder.resolve(work).resolve("later.jar"));
      }
      Standalone.executors(cluster.spark(), 2).getFirst().destroyForcibly();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      String sentence =
          assertThrows(
                  UserException.class,
                  () -> {
                    while (System.nanoTime() < end) {
                      f.hessianPass();
                    }
                  })
              .getMessage();
      assertTrue(
          sentence.matches(
              "executor 2 on \\S+ runs Evolute 9\\.9\\.9 and this driver development; .*"),
          sentence);
    } finally {
      System.clearProperty("spark.executor.extraClassPath");
    }
  }

  private static void other(Path jar) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, "9.9.9");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      // All of the package: the first class of it that is loaded says whose manifest holds.
      for (Class<?> one : List.of(Evolute.class, UserException.class, UsageException.class)) {
        String name = one.getName().replace('.', '/') + ".class";
        try (InputStream in = one.getClassLoader().getResourceAsStream(name)) {
          out.putNextEntry(new JarEntry(name));
          in.transferTo(out);
          out.closeEntry();
        }
      }
    }
  }
}
