package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.engine.Request;
import dev.evolute.app.engine.Session;
import dev.evolute.app.engine.Store;
import dev.evolute.app.study.Progress;
import dev.evolute.app.train.Training;
import dev.evolute.kernels.DType;
import java.io.BufferedReader;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Training on a standalone cluster of two workers on loopback, each driver a process of its own:
 * what dies on the way changes no bit.
 */
@Tag("slow")
class StandaloneTrainingTest {
  private static final int STEPS = 12;
  private static final int SHARDS = 4;

  /** Batch norms: statistics travel, and each shard has its own. */
  private static final String MODEL = "resnet:1:2";

  @TempDir static Path folder;
  private static Standalone standalone;
  private static Path whole;

  @BeforeAll
  static void trainWithNothingInTheWay() throws Exception {
    standalone = new Standalone(folder, 2, 1, "2g");
    whole = folder("whole");
    train(2, whole, "", STEPS + 1, -1);
  }

  @AfterAll
  static void stop() {
    if (standalone != null) {
      standalone.close();
    }
  }

  private static Path folder(String name) throws Exception {
    return Files.createDirectories(folder.resolve(name));
  }

  /** What runs in a process of its own. */
  public static final class Driver {
    private Driver() {}

    /**
     * @param arguments master, executors, output folder, folder for checkpoints or none, step after
     *     which an executor is killed
     */
    public static void main(String[] arguments) {
      Request request =
          new Request(arguments[0], Integer.parseInt(arguments[1]), 1, "1g", "cpu", SHARDS);
      Path out = Path.of(arguments[2]);
      int deadly = Integer.parseInt(arguments[4]);
      try (Cluster cluster =
              Cluster.open(new Cluster.Request(request.address(), request.executors(), 1, "1g"));
          Session session = new ClusterSession(cluster, request, line -> {})) {
        Store store = arguments[3].isEmpty() ? null : session.store(arguments[3]);
        assertEquals(request.executors(), cluster.executors());
        int[] steps = {0};
        Progress progress =
            new Progress(System.out, false, false, () -> 80) {
              @Override
              public void add(long units) {
                if (++steps[0] == deadly) {
                  Standalone.executors(cluster.spark(), 2).getFirst().destroyForcibly();
                }
                System.out.println("step");
                System.out.flush();
              }
            };
        Training.run(
            Runs.settings(MODEL, STEPS, 0.1, DType.F32, out, true), session, store, progress);
      }
    }
  }

  /**
   * Trains in another process, and kills that after some steps.
   *
   * @return how many steps it has said
   */
  private static int train(int executors, Path out, String checkpoints, int life, int deadly)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(option -> option.startsWith("--"))
            .toList());
    command.add("-Xmx512m");
    command.add("-Dspark.locality.wait=500ms");
    command.add("-Devolute.spark.log=" + folder.resolve("driver.log"));
    Collections.addAll(command, "-cp", System.getProperty("java.class.path"));
    Collections.addAll(command, Driver.class.getName(), standalone.address, "" + executors);
    Collections.addAll(command, out.toString(), checkpoints, "" + deadly);
    File errors = folder.resolve("errors").toFile();
    Process process = new ProcessBuilder(command).redirectError(errors).start();
    int seen = 0;
    try (BufferedReader said = process.inputReader()) {
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        seen += line.equals("step") ? 1 : 0;
        if (seen == life) {
          process.toHandle().destroyForcibly();
        }
      }
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the process did not end");
      if (life > STEPS) {
        assertEquals(0, process.exitValue(), Files.readString(errors.toPath()));
      } else {
        assertNotEquals(0, process.exitValue(), "it was killed");
      }
    } finally {
      process.destroyForcibly();
    }
    return seen;
  }

  private static void assertWhole(Path out) throws Exception {
    assertEquals(Runs.series(whole), Runs.series(out));
    assertArrayEquals(Runs.parameters(whole), Runs.parameters(out));
  }

  @Test
  void oneExecutorGivesTheBitsOfTwo() throws Exception {
    Path out = folder("one");
    assertEquals(STEPS, train(1, out, "", STEPS + 1, -1));
    assertWhole(out);
  }

  @Test
  void aSecondRunGivesTheSameBits() throws Exception {
    Path out = folder("second");
    train(2, out, "", STEPS + 1, -1);
    assertWhole(out);
  }

  @Test
  void anExecutorThatIsKilledChangesNoBit() throws Exception {
    Path out = folder("wounded");
    assertEquals(STEPS, train(2, out, "", STEPS + 1, 5));
    assertWhole(out);
  }

  @Test
  void aDriverThatIsKilledGoesOnWithAnotherNumberOfExecutors() throws Exception {
    Path out = folder("killed");
    String checkpoints = "file:" + folder.resolve("checkpoints");
    train(2, out, checkpoints, 6, -1);
    assertFalse(Files.exists(out.resolve("model.safetensors")), "it was not done");
    assertTrue(Files.exists(folder.resolve("checkpoints/checkpoint.safetensors")));
    int left = train(1, out, checkpoints, STEPS + 1, -1);
    assertTrue(left < STEPS && left >= STEPS - 7, left + " of " + STEPS + " steps were left");
    assertWhole(out);
  }
}
