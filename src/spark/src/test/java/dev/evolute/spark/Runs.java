package dev.evolute.spark;

import dev.evolute.app.study.Progress;
import dev.evolute.app.train.Course;
import dev.evolute.app.train.Rule;
import dev.evolute.app.train.Tracking;
import dev.evolute.app.train.TrainSettings;
import dev.evolute.kernels.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs of training as commands start them, and what they leave. */
final class Runs {
  static final long SEED = 5;
  static final int BATCH = 96;
  static final double PEAK = 0.01;
  static final double END = 1e-4;
  static final double CLIP = 1;

  private Runs() {}

  /** Adam, cosine and clipping; a checkpoint every third step. */
  static TrainSettings settings(
      String model, long steps, double validation, DType dtype, Path out, boolean resume) {
    return new TrainSettings(
        model,
        "mnist-1k",
        steps,
        1,
        Double.POSITIVE_INFINITY,
        BATCH,
        0,
        new Rule("adam", 0.9, 0.9, 0.95, 0),
        new Course("cosine", PEAK, END, "0", 0),
        CLIP,
        validation,
        5,
        new Tracking(0, 50, 1, 1e-3, 200),
        3,
        dtype,
        "cpu",
        1,
        SEED,
        false,
        out,
        null,
        resume,
        false,
        "./evolute train");
  }

  /** Calls someone after each step, and ends the run after some of them, as Ctrl-C does. */
  static Progress watched(Runnable afterStep, int steps) {
    int[] calls = {0};
    return new Progress(new PrintStream(OutputStream.nullOutputStream()), true, false, () -> 80) {
      @Override
      public void add(long units) {
        afterStep.run();
        if (++calls[0] == steps) {
          interrupt();
        }
      }
    };
  }

  /** The series without its throughput, which no two runs share. */
  static List<String> series(Path out) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(out.resolve("series.csv"))) {
      String[] cells = line.split(",", -1);
      cells[5] = "";
      lines.add(String.join(",", cells));
    }
    return lines;
  }

  static byte[] parameters(Path out) throws IOException {
    return Files.readAllBytes(out.resolve("model.safetensors"));
  }
}
