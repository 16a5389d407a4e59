package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.UserException;
import dev.evolute.app.data.Images;
import dev.evolute.app.data.Samples;
import dev.evolute.app.engine.Session;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.study.Progress;
import dev.evolute.app.train.TrainSettings;
import dev.evolute.app.train.Training;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.io.Safetensors;
import dev.evolute.autodiff.io.Tensor;
import dev.evolute.autodiff.optim.Sampler;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs of training on an engine, from their settings to their report. */
class DataParallelTrainingTest {
  private static final String MODEL = "mlp:784-12-10:tanh:bias";
  private static final int STEPS = 20;
  private static final int SHARDS = 3;

  @TempDir Path folder;

  private Path folder(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  private static void run(TrainSettings settings, int shards, Progress progress) {
    Session session = shards == 0 ? null : Local.session(shards);
    Training.run(settings, session, null, progress);
  }

  /** The optimiser, the step sizes and the clipping of textbooks, in double. */
  @Test
  void twentyStepsAreThoseOfAdamByHand() throws IOException {
    Path out = folder("engine");
    run(Runs.settings(MODEL, STEPS, 0, DType.F64, out, false), SHARDS, Progress.silent());
    NamedModel model = NamedModel.of(MODEL);
    Samples samples = training();
    try (Device device = Device.open("cpu", 1);
        Program first = ByHand.over(model, samples, new int[] {0}, DType.F64, device)) {
      model.start().fill(first, Runs.SEED);
      double[] theta = first.theta().toArray();
      double[] m = new double[theta.length];
      double[] v = new double[theta.length];
      int clipped = 0;
      for (int step = 0; step < STEPS; step++) {
        int[] which =
            ByHand.union(ByHand.parts(samples.count(), Runs.BATCH, SHARDS, Runs.SEED, step));
        double[] g;
        try (Program batch = ByHand.over(model, samples, which, DType.F64, device)) {
          batch.theta().set(theta);
          batch.gradientPass();
          g = batch.gradient().toArray();
        }
        double norm = Math.sqrt(Arrays.stream(g).map(x -> x * x).sum());
        double factor = Math.min(1, Runs.CLIP / norm);
        clipped += factor < 1 ? 1 : 0;
        double eta =
            Runs.END + (Runs.PEAK - Runs.END) * (1 + Math.cos(Math.PI * step / (STEPS - 1))) / 2;
        for (int i = 0; i < theta.length; i++) {
          double slope = factor * g[i];
          m[i] = 0.9 * m[i] + 0.1 * slope;
          v[i] = 0.95 * v[i] + 0.05 * slope * slope;
          double mean = m[i] / (1 - Math.pow(0.9, step + 1));
          double square = v[i] / (1 - Math.pow(0.95, step + 1));
          theta[i] -= eta * mean / (Math.sqrt(square) + 1e-8);
        }
      }
      assertTrue(clipped > 0 && clipped < STEPS, clipped + " gradients were clipped");
      Map<String, Tensor> saved = Safetensors.read(out.resolve("model.safetensors"));
      for (Value parameter : first.parameters()) {
        int from = (int) parameter.offset();
        double[] values = saved.get(parameter.name()).values();
        assertArrayEquals(
            Arrays.copyOfRange(theta, from, from + values.length), values, 1e-9, parameter.name());
      }
    }
  }

  /** The images of a run that holds none out, in its order. */
  private static Samples training() {
    Images images = Images.open("mnist-1k", null);
    int[] order = new int[images.count()];
    Sampler shuffle = new Sampler(order.length, order.length, true, Runs.SEED);
    shuffle.seek(1L << 40);
    shuffle.next(order);
    return images.only(order);
  }

  @Test
  void interruptedRunGoesOnWithTheSameNumbers() throws IOException {
    String model = "resnet:1:2";
    Path whole = folder("whole");
    run(settings(model, whole, false), SHARDS, Progress.silent());
    Path out = folder("stopped");
    run(settings(model, out, false), SHARDS, Runs.watched(() -> {}, 4));
    run(settings(model, out, true), SHARDS, Progress.silent());
    assertEquals(Runs.series(whole), Runs.series(out));
    assertArrayEquals(Runs.parameters(whole), Runs.parameters(out));
    assertTrue(Files.readString(out.resolve("summary.json")).contains("\"shards\" : 3"));
    assertTrue(Files.readString(out.resolve("report.html")).contains("samples of its own"));
  }

  private static TrainSettings settings(String model, Path out, boolean resume) {
    return Runs.settings(model, 9, 0.1, DType.F32, out, resume);
  }

  @Test
  void otherShardsDoNotGoOn() throws IOException {
    Path out = folder("stopped");
    run(settings(MODEL, out, false), SHARDS, Runs.watched(() -> {}, 4));
    assertEquals(refusal(out, "3", "2"), refused(out, 2));
    assertEquals(refusal(out, "3", "none"), refused(out, 0));
    Path alone = folder("alone");
    run(settings(MODEL, alone, false), 0, Runs.watched(() -> {}, 4));
    assertEquals(refusal(alone, "none", "2"), refused(alone, 2));
  }

  private static String refusal(Path out, String there, String here) {
    return "cannot resume from %s: it was made with shards %s, this run has %s; give the same, or start over with --fresh"
        .formatted(out.resolve("checkpoint.safetensors"), there, here);
  }

  private static String refused(Path out, int shards) {
    return assertThrows(
            UserException.class, () -> run(settings(MODEL, out, true), shards, Progress.silent()))
        .getMessage();
  }

  @Test
  void oneShardIsOneProcess() throws IOException {
    Path here = folder("here");
    Path there = folder("there");
    run(settings("vit:2-2-8-14", here, false), 0, Progress.silent());
    run(settings("vit:2-2-8-14", there, false), 1, Progress.silent());
    assertEquals(Runs.series(here), Runs.series(there));
    assertArrayEquals(Runs.parameters(here), Runs.parameters(there));
  }
}
