package dev.evolute.kernels;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A JVM of its own on this class path, for what depends on how Java was started.
 *
 * @param status exit status
 * @param output standard output and error
 */
public record ForkedJvm(int status, String output) {
  public static final List<String> VECTORS = List.of("--add-modules", "jdk.incubator.vector");

  /** Runs a main class to its end. */
  public static ForkedJvm run(List<String> options, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    try {
      Process jvm = builder.start();
      String output = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new ForkedJvm(jvm.waitFor(), output);
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** {@link #VECTORS} and these options. */
  public static List<String> with(String... options) {
    List<String> all = new ArrayList<>(VECTORS);
    all.addAll(List.of(options));
    return all;
  }
}
