package dev.evolute.app.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.UserException;
import dev.evolute.app.data.Samples;
import dev.evolute.app.engine.BatchLoss;
import dev.evolute.app.engine.Session;
import dev.evolute.app.engine.Store;
import dev.evolute.app.engine.Traffic;
import dev.evolute.app.engine.TrainingTask;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.study.Progress;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.io.Checkpoint;
import dev.evolute.autodiff.io.Safetensors;
import dev.evolute.autodiff.io.Tensor;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run learns, and goes on from wherever it was stopped with the same numbers to the bit. */
class TrainingTest {
  private static final int STEPS = 90;

  @TempDir Path folder;

  /** Short batches at the end of epochs, accumulated gradients, momentum of Adam, probes. */
  private static TrainSettings settings(Path out, boolean resume) {
    return settings(out, resume, "cpu");
  }

  private static TrainSettings settings(Path out, boolean resume, String device) {
    return new TrainSettings(
        "mlp:784-20-10:tanh",
        "mnist-1k",
        STEPS,
        1,
        Double.POSITIVE_INFINITY,
        70,
        32,
        new Rule("adamw", 0.9, 0.9, 0.95, 0.1),
        new Course("cosine", 0.01, 1e-4, "10%", 2),
        1,
        0.2,
        30,
        new Tracking(40, 50, 1, 1e-3, 200),
        3,
        DType.F32,
        device,
        1,
        5,
        false,
        out,
        null,
        resume,
        false,
        "./evolute train");
  }

  /** An engine in this process; what a network knows of the driver's device is its name. */
  private static final class Here implements Session {
    String device;

    @Override
    public String key() {
      return "here";
    }

    @Override
    public String description() {
      return "this process";
    }

    @Override
    public int shards() {
      return 1;
    }

    @Override
    public Objective loss(
        NamedModel model,
        String data,
        Samples samples,
        int count,
        int rows,
        DType dtype,
        Device device) {
      throw new AssertionError("training asks for batches");
    }

    @Override
    public Traffic traffic(long elements, DType dtype) {
      return new Traffic(0, 0, 0);
    }

    @Override
    public BatchLoss batches(TrainingTask task, Device device) {
      this.device = device.name();
      return new LocalBatches(task, device);
    }

    @Override
    public Store store(String folder) {
      throw new AssertionError("checkpoints are in the output folder");
    }

    @Override
    public void close() {}
  }

  /** Executors have the device that is asked for, and the driver may have none such. */
  @Test
  void anEnginesDriverComputesOnTheCpu() throws IOException {
    Path out = folder("engine");
    Here here = new Here();
    Training.run(settings(out, false, "cuda:99"), here, null, Progress.silent());
    assertEquals("cpu", here.device);
    assertTrue(Files.exists(out.resolve("model.safetensors")));
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  /** The series without its throughput, which no two runs share. */
  private static List<String> series(Path out) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(out.resolve("series.csv"))) {
      String[] cells = line.split(",", -1);
      cells[5] = "";
      lines.add(String.join(",", cells));
    }
    return lines;
  }

  private static byte[] parameters(Path out) throws IOException {
    return Files.readAllBytes(out.resolve("model.safetensors"));
  }

  /** Ends a run after some steps, as Ctrl-C does. */
  private static Progress endedAfter(int steps) {
    Progress silent = Progress.silent();
    int[] calls = {0};
    return new Progress(new PrintStream(OutputStream.nullOutputStream()), true, false, () -> 80) {
      @Override
      public void add(long units) {
        if (++calls[0] == steps) {
          interrupt();
        }
        silent.add(units);
      }
    };
  }

  @Test
  void runLearnsAndWritesItsResults() throws IOException {
    Path out = folder("whole");
    Training.run(settings(out, false), Progress.silent());
    List<String> series = series(out);
    assertEquals(STEPS + 2, series.size(), "a header, the start, and every step");
    double before = Double.parseDouble(series.get(2).split(",")[1]);
    double after = Double.parseDouble(series.getLast().split(",")[1]);
    assertTrue(after < 0.5 * before, before + " to " + after);
    String[] last = series.getLast().split(",");
    assertTrue(Double.parseDouble(last[3]) > 0.7, "accuracy " + last[3]);
    double lambdaMax = Double.parseDouble(last[6]);
    assertTrue(Double.parseDouble(last[7]) <= lambdaMax && lambdaMax > 0);
    assertFalse(Files.exists(out.resolve("checkpoint.safetensors")));
    for (String file : List.of("summary.json", "report.html", "loss.svg", "sharpness.svg")) {
      assertTrue(Files.size(out.resolve(file)) > 0, file);
    }
  }

  @Test
  void interruptedRunGoesOnWithTheSameNumbers() throws IOException {
    Path whole = folder("whole");
    Training.run(settings(whole, false), Progress.silent());
    for (int stop : new int[] {1, 13, 40}) {
      Path out = folder("stopped" + stop);
      Training.run(settings(out, false), endedAfter(stop));
      assertTrue(Files.readString(out.resolve("summary.json")).contains("\"partial\" : true"));
      Training.run(settings(out, true), endedAfter(20));
      Training.run(settings(out, true), Progress.silent());
      assertEquals(series(whole), series(out));
      assertTrue(Arrays.equals(parameters(whole), parameters(out)));
    }
  }

  /** What runs in the other process. */
  public static final class Child {
    private Child() {}

    /**
     * @param arguments the output folder
     */
    public static void main(String[] arguments) {
      Training.run(
          settings(Path.of(arguments[0]), true),
          new Progress(System.out, false, false, () -> 80) {
            @Override
            public void add(long units) {
              System.out.println("step");
              System.out.flush();
            }
          });
    }
  }

  /** SIGKILL leaves no time to write anything. */
  @Test
  void killedRunGoesOnWithTheSameNumbers() throws Exception {
    Path whole = folder("whole");
    Training.run(settings(whole, false), Progress.silent());
    Path out = folder("killed");
    int[] lives = {7, 25};
    for (int steps : lives) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--add-modules",
                  "jdk.incubator.vector",
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Child.class.getName(),
                  out.toString())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (BufferedReader said = process.inputReader()) {
        int seen = 0;
        for (String line = said.readLine(); line != null; line = said.readLine()) {
          seen += line.equals("step") ? 1 : 0;
          if (seen == steps) {
            process.toHandle().destroyForcibly();
          }
        }
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the process did not end");
        assertNotEquals(0, process.exitValue(), "it was killed");
      } finally {
        process.destroyForcibly();
      }
      assertFalse(Files.exists(out.resolve("model.safetensors")), "it was not done");
    }
    Training.run(settings(out, true), Progress.silent());
    assertEquals(series(whole), series(out));
    assertTrue(Arrays.equals(parameters(whole), parameters(out)));
  }

  private static String refused(TrainSettings settings) {
    return assertThrows(UserException.class, () -> Training.run(settings, Progress.silent()))
        .getMessage();
  }

  @Test
  void checkpointsThatDoNotFitAreRefused() throws IOException {
    Path out = folder("stopped");
    Training.run(settings(out, false), endedAfter(4));
    Path file = out.resolve("checkpoint.safetensors");
    assertEquals(
        out
            + " holds an unfinished run; go on with --resume, start over with --fresh, or choose"
            + " another folder with --out",
        refused(settings(out, false)));
    byte[] good = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(good, good.length / 2));
    assertTrue(refused(settings(out, true)).contains("truncated"), refused(settings(out, true)));
    byte[] flipped = good.clone();
    flipped[good.length - 9] ^= 4;
    Files.write(file, flipped);
    assertEquals(
        "cannot resume from "
            + file
            + ": the checkpoint is damaged, its checksum does not fit; restore a copy of it; start"
            + " over with --fresh",
        refused(settings(out, true)));
    Files.write(file, replaced(good, "\"probe-share\"", "\"probe-shame\""));
    assertTrue(refused(settings(out, true)).contains("its checksum does not fit"));
    Map<String, String> texts = new LinkedHashMap<>(Checkpoint.load(whole(file, good)).texts());
    texts.remove("probe-share");
    new Checkpoint(texts, Checkpoint.load(whole(file, good)).tensors()).save(file);
    assertEquals(
        "cannot resume from "
            + file
            + ": it says nothing of probe-share, an older version of the program made it; go on"
            + " with that, or start over with --fresh",
        refused(settings(out, true)));
    Files.write(file, replaced(good, "checkpoint\":\"1\"", "checkpoint\":\"0\""));
    assertEquals(
        "cannot resume from "
            + file
            + ": the checkpoint has version 0 of the format, this program reads 1; go on with the"
            + " program that wrote it, or start anew; start over with --fresh",
        refused(settings(out, true)));
    Files.write(file, good);
    TrainSettings s = settings(out, true);
    TrainSettings other = changed(s, "mlp:784-21-10:tanh", s.minutes(), s.tracking());
    assertEquals(
        "cannot resume from "
            + file
            + ": it was made with model mlp:784-20-10:tanh, this run has mlp:784-21-10:tanh; give"
            + " the same, or start over with --fresh",
        refused(other));
  }

  private static Path whole(Path file, byte[] content) throws IOException {
    return Files.write(file, content);
  }

  /** With a text of the header in the place of another of that length. */
  private static byte[] replaced(byte[] content, String old, String by) {
    String all = new String(content, StandardCharsets.ISO_8859_1);
    assertTrue(all.contains(old), old);
    return all.replace(old, by).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static TrainSettings changed(
      TrainSettings s, String model, double minutes, Tracking tracking) {
    return new TrainSettings(
        model,
        s.data(),
        s.steps(),
        s.epochs(),
        minutes,
        s.batch(),
        s.microBatch(),
        s.rule(),
        s.course(),
        s.clip(),
        s.validation(),
        s.evaluateEvery(),
        tracking,
        s.saveEvery(),
        s.dtype(),
        s.device(),
        s.threads(),
        s.seed(),
        s.quick(),
        s.out(),
        s.dataDir(),
        s.resume(),
        s.fresh(),
        s.command());
  }

  /** A run whose time is up is whole, and goes on when it is given more of it. */
  @Test
  void runOfSomeSecondsGoesOnWithTheSameNumbers() throws IOException {
    Path whole = folder("whole");
    Training.run(settings(whole, false), Progress.silent());
    Path out = folder("timed");
    TrainSettings s = settings(out, false);
    int[] steps = {0};
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    Progress slow =
        new Progress(new PrintStream(said, true), false, false, () -> 80) {
          @Override
          public void add(long units) {
            if (++steps[0] == 13) {
              // A permit that a kernel's threads have left would end a single wait at once.
              long end = System.nanoTime() + 2_000_000_000L;
              while (System.nanoTime() < end) {
                LockSupport.parkNanos(end - System.nanoTime());
              }
            }
          }
        };
    Training.run(changed(s, s.model(), 0.03, s.tracking()), slow);
    assertTrue(steps[0] <= 13, steps[0] + " steps in 1.8 s, 2 s of which were waited");
    String summary = Files.readString(out.resolve("summary.json"));
    assertTrue(summary.contains("\"partial\" : false"), summary);
    assertTrue(
        said.toString().contains("After 0.03 minutes and " + steps[0] + " of 90 steps"),
        said.toString());
    assertTrue(Files.size(out.resolve("model.safetensors")) > 0);
    Training.run(settings(out, true), Progress.silent());
    assertEquals(series(whole), series(out));
    assertTrue(Arrays.equals(parameters(whole), parameters(out)));
    assertFalse(Files.exists(out.resolve("checkpoint.safetensors")));
  }

  /** Which probes are left out does not depend on time, nor on where a run was stopped. */
  @Test
  void probesStayWithinTheirShare() throws IOException {
    Path whole = folder("whole");
    TrainSettings often = settings(whole, false);
    Tracking tracking = new Tracking(2, 50, 0.5, 1e-2, 200);
    Training.run(changed(often, often.model(), often.minutes(), tracking), Progress.silent());
    long probed = series(whole).stream().filter(line -> !line.split(",", -1)[6].isEmpty()).count();
    assertTrue(probed > 4 && probed < STEPS / 2, probed + " probes, a header included");
    Path out = folder("stopped");
    TrainSettings first = settings(out, false);
    Training.run(changed(first, first.model(), first.minutes(), tracking), endedAfter(40));
    TrainSettings again = settings(out, true);
    Training.run(changed(again, again.model(), again.minutes(), tracking), Progress.silent());
    assertEquals(series(whole), series(out));
  }

  @Test
  void shareCountsProductsAsTheyAreBounded() {
    // 8 products and a gradient on 50 samples are (18 + 1) 50 = 950.
    assertTrue(new Tracking(1, 50, 0.5, 1e-3, 200).isAffordable(8, 1, 950));
    assertFalse(new Tracking(1, 50, 0.5, 1e-3, 200).isAffordable(8, 1, 949));
    assertTrue(new Tracking(1, 50, 1, 1e-3, 200).isAffordable(8, 1, 0));
  }

  @Test
  void coursesThatCannotBeReadAreRefused() {
    assertEquals(
        "--schedule: there is no 'linear'; there is constant, cosine, wsd, adaptive:H0:H1[:F]",
        refusedCourse(new Course("linear", 1, 0, "0", 0)));
    assertEquals(
        "--warmup: 11 given for 10 steps; give a number of steps up to that, or a share such as"
            + " 10%",
        refusedCourse(new Course("cosine", 1, 0, "11", 0)));
    assertTrue(refusedCourse(new Course("adaptive:1", 1, 0, "0", 0)).contains("cannot be read"));
    assertTrue(refusedCourse(new Course("adaptive:1:1", 1, 0, "1", 0)).contains("by themselves"));
    assertEquals(
        1 / 70.0, new Course("adaptive:1:2:0.5", 1, 0, "0", 0).schedule(9).eta(3, 2), 1e-16);
  }

  private static String refusedCourse(Course course) {
    return assertThrows(UserException.class, () -> course.schedule(10)).getMessage();
  }

  /** Batch norm, and drop path: both have numbers beside theta that a run goes on from. */
  @ParameterizedTest
  @ValueSource(strings = {"resnet:1-1:4", "vit:2-2-16-7"})
  void blockModelsGoOnWithTheSameNumbers(String model) throws IOException {
    Path whole = folder("blocks-whole");
    Training.run(onImages(model, whole, 12, 0.01, false), Progress.silent());
    Path out = folder("blocks-stopped");
    Training.run(onImages(model, out, 12, 0.01, false), endedAfter(5));
    Training.run(onImages(model, out, 12, 0.01, true), Progress.silent());
    assertEquals(series(whole), series(out));
    assertTrue(Arrays.equals(parameters(whole), parameters(out)));
  }

  /** Held-out samples see the running statistics, which have moved away from their start. */
  @Test
  void runningStatisticsAreTrainedAndSaved() throws IOException {
    Path out = folder("statistics");
    Training.run(onImages("resnet:1:4", out, 40, 0.01, false), Progress.silent());
    Map<String, Tensor> saved = Safetensors.read(out.resolve("model.safetensors"));
    double[] variance = saved.get("stem.scale.variance").values();
    assertTrue(Arrays.stream(variance).allMatch(v -> v > 0 && v != 1), Arrays.toString(variance));
    String[] last = series(out).getLast().split(",");
    assertTrue(Double.parseDouble(last[2]) < Math.log(10), "held-out loss " + last[2]);
    assertTrue(Double.parseDouble(last[6]) > 0, "sharpness " + last[6]);
  }

  /** Every mini-batch gets better by its step, which is a half of a half of the first one tried. */
  @Test
  void searchedStepsAreHalvesOfTheFirst() throws IOException {
    Path whole = folder("searched");
    Training.run(searched(whole, false), Progress.silent());
    List<String> series = series(whole);
    int taken = 0;
    for (String line : series.subList(2, series.size())) {
      double eta = Double.parseDouble(line.split(",", -1)[4]);
      double halvings = Math.log(8 / eta) / Math.log(2);
      assertEquals(Math.rint(halvings), halvings, 1e-9, line);
      assertTrue(halvings >= 0, line);
      taken += halvings > 0 ? 1 : 0;
    }
    assertTrue(taken > 3, taken + " steps were shorter than the first one tried");
    double first = Double.parseDouble(series.get(2).split(",", -1)[1]);
    double last = Double.parseDouble(series.getLast().split(",", -1)[1]);
    assertTrue(last < 0.7 * first, first + " to " + last);
    Path out = folder("searched-stopped");
    Training.run(searched(out, false), endedAfter(7));
    Training.run(searched(out, true), Progress.silent());
    assertEquals(series, series(out));
  }

  private static TrainSettings searched(Path out, boolean resume) {
    TrainSettings s = onImages("mlp:784-20-10:tanh", out, 30, 8, resume);
    return new TrainSettings(
        s.model(),
        s.data(),
        s.steps(),
        s.epochs(),
        s.minutes(),
        64,
        0,
        new Rule("line-search", 0.9, 0.9, 0.95, Double.NaN),
        s.course(),
        s.clip(),
        s.validation(),
        s.evaluateEvery(),
        s.tracking(),
        s.saveEvery(),
        s.dtype(),
        s.device(),
        s.threads(),
        s.seed(),
        s.quick(),
        out,
        s.dataDir(),
        resume,
        false,
        s.command());
  }

  @Test
  void divergedRunLeavesItsReport() throws IOException {
    Path out = folder("diverged");
    String said = refused(onImages("mlp:784-10:relu", out, 40, 1e30, false));
    assertTrue(said.startsWith("training diverged: at step"), said);
    assertTrue(said.endsWith("; the report in " + out + " has the run up to there"), said);
    assertTrue(Files.readString(out.resolve("summary.json")).contains("\"partial\" : true"));
    assertFalse(Files.exists(out.resolve("checkpoint.safetensors")));
  }

  @Test
  void resumingWithoutACheckpointIsSaid() throws IOException {
    Path out = folder("nothing");
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    Training.run(
        onImages("mlp:784-10:relu", out, 2, 0.01, true),
        new Progress(new PrintStream(said, true), false, false, () -> 80));
    assertTrue(
        said.toString().contains(out + " has no checkpoint to resume from; starting at step 0"),
        said.toString());
  }

  private static TrainSettings onImages(
      String model, Path out, int steps, double eta, boolean resume) {
    return new TrainSettings(
        model,
        "mnist-1k",
        steps,
        1,
        Double.POSITIVE_INFINITY,
        20,
        12,
        new Rule(eta > 1 ? "sgd" : "adamw", 0.9, 0.9, 0.95, 0.1),
        new Course("constant", eta, eta, "0", 0),
        Double.POSITIVE_INFINITY,
        0.05,
        20,
        new Tracking(20, 10, 1, 1e-3, 200),
        3,
        DType.F32,
        "cpu",
        1,
        5,
        false,
        out,
        null,
        resume,
        false,
        "./evolute train");
  }

  /** A decoder learns to repeat a sentence, and goes on from a stop with the same numbers. */
  @Test
  void decoderLearnsText() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "to be or not to be; ".repeat(60));
    Path whole = folder("text-whole");
    Training.run(onText(text, whole, false), Progress.silent());
    List<String> series = series(whole);
    double loss = Double.parseDouble(series.getLast().split(",")[2]);
    assertTrue(loss < 1, "held-out loss " + loss + " of a start near " + Math.log(256));
    Path out = folder("text-stopped");
    Training.run(onText(text, out, false), endedAfter(17));
    Training.run(onText(text, out, true), Progress.silent());
    assertEquals(series, series(out));
  }

  private static TrainSettings onText(Path text, Path out, boolean resume) {
    return new TrainSettings(
        "decoder:2-2-32-16",
        "text:" + text,
        80,
        1,
        Double.POSITIVE_INFINITY,
        8,
        0,
        new Rule("adamw", 0.9, 0.9, 0.95, 0.1),
        new Course("wsd", 0.01, 1e-4, "10%", 0),
        1,
        0.1,
        40,
        new Tracking(40, 4, 1, 1e-3, 200),
        5,
        DType.F32,
        "cpu",
        1,
        3,
        false,
        out,
        null,
        resume,
        false,
        "./evolute train");
  }

  @Test
  void textThatIsTooShortIsRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("short"), "too short");
    assertTrue(
        refused(onText(text, folder("short-out"), false))
            .startsWith("text:" + text + " has 9 tokens, too few for sequences of 16"));
  }
}
