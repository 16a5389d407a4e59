package dev.evolute.spark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.api.java.JavaSparkContext;

/** Spark's own master and workers on loopback, each a process of its own. */
final class Standalone implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("spark://127\\.0\\.0\\.1:\\d+");
  private static final long START_SECONDS = 120;

  private final Path folder;
  private final List<Process> processes = new ArrayList<>();
  final String address;

  /**
   * Starts them.
   *
   * @param folder for what they write
   */
  Standalone(Path folder, int workers, int cores, String memory) throws Exception {
    this.folder = folder;
    Local.close();
    Files.createDirectories(folder.resolve("home/jars"));
    try {
      address =
          await(
              start("master", "org.apache.spark.deploy.master.Master", "--webui-port", "0"),
              ADDRESS);
      for (int i = 0; i < workers; i++) {
        Path log =
            start(
                "worker" + i,
                "org.apache.spark.deploy.worker.Worker",
                "--webui-port",
                "0",
                "--cores",
                "" + cores,
                "--memory",
                memory,
                "--work-dir",
                folder.resolve("work" + i).toString(),
                address);
        await(log, Pattern.compile("Successfully registered with master"));
      }
    } catch (Exception e) {
      close();
      throw e;
    }
  }

  private Path start(String name, String main, String... arguments) throws IOException {
    Path log = folder.resolve(name + ".log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("--enable-native-access=ALL-UNNAMED");
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--add-opens"))
        .forEach(command::add);
    Collections.addAll(command, "-cp", System.getProperty("java.class.path"), main);
    Collections.addAll(command, "--host", "127.0.0.1", "--port", "0");
    Collections.addAll(command, arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(log.toFile());
    builder.environment().put("SPARK_HOME", folder.resolve("home").toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    processes.add(builder.start());
    return log;
  }

  private String await(Path log, Pattern pattern) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (System.nanoTime() < end) {
      Matcher found = pattern.matcher(Files.exists(log) ? Files.readString(log) : "");
      if (found.find()) {
        return found.group();
      }
      if (processes.stream().anyMatch(process -> !process.isAlive())) {
        break;
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException(log + " says no " + pattern + ":\n" + Files.readString(log));
  }

  /** The processes of the executors. */
  static List<ProcessHandle> executors(JavaSparkContext spark, int tasks) {
    return spark
        .parallelize(Collections.nCopies(tasks, 0), tasks)
        .map(
            none -> {
              // Long enough for every executor to get one.
              Thread.sleep(200);
              return ProcessHandle.current().pid();
            })
        .distinct()
        .collect()
        .stream()
        .map(pid -> ProcessHandle.of(pid).orElseThrow())
        .toList();
  }

  @Override
  public void close() {
    for (Process process : processes.reversed()) {
      process.destroy();
      try {
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
