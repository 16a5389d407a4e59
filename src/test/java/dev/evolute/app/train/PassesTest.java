package dev.evolute.app.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.evolute.app.data.DataSets;
import dev.evolute.app.data.Dataset;
import dev.evolute.app.data.ImageSamples;
import dev.evolute.app.data.Samples;
import dev.evolute.app.model.NamedModel;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Networks that are trained otherwise than they are evaluated. */
class PassesTest {
  private static final int COUNT = 7;
  private static final Device CPU = Device.open("cpu", 1);
  private static final int[] WHICH = IntStream.range(0, COUNT).toArray();
  private static final Samples DIGITS = digits();

  private static Samples digits() {
    Dataset images = DataSets.open("mnist-1k", null);
    return new ImageSamples(images, WHICH);
  }

  @AfterAll
  static void close() {
    CPU.close();
  }

  private static Passes passes(String name, int rows) {
    NamedModel model = NamedModel.onImages(name).fit("mnist-1k", 784, 10);
    Passes passes = new Passes(model, DIGITS, CPU, DType.F64, 3, rows, COUNT, COUNT);
    model.start().fill(passes.program(), 1);
    return passes;
  }

  private static double[] gradient(Passes passes, long step) {
    passes.gradient(DIGITS, WHICH, COUNT, step);
    return passes.gradient().toArray();
  }

  /** The same step draws the same, another step and another pass of a step something else. */
  @Test
  void masksOfDropPathFollowTheStep() {
    try (Passes passes = passes("vit:3-2-8-14", COUNT);
        Passes inTwo = passes("vit:3-2-8-14", 4)) {
      double loss = passes.evaluate(DIGITS).loss();
      double[] first = gradient(passes, 0);
      double[] second = gradient(passes, 9);
      assertFalse(Arrays.equals(first, second));
      assertArrayEquals(first, gradient(passes, 0));
      assertEquals(loss, passes.evaluate(DIGITS).loss(), "nothing is dropped in evaluation");
      assertEquals(loss, inTwo.evaluate(DIGITS).loss(), 1e-12);
      assertArrayEquals(gradient(inTwo, 5), gradient(inTwo, 5));
    }
  }

  /** In evaluation samples do not see each other; in training they do, and statistics follow. */
  @Test
  void batchNormIsEvaluatedByItsRunningStatistics() {
    try (Passes whole = passes("resnet:1:2", COUNT);
        Passes inTwo = passes("resnet:1:2", 4)) {
      double before = whole.evaluate(DIGITS).loss();
      assertEquals(before, inTwo.evaluate(DIGITS).loss(), 1e-12);
      gradient(whole, 0);
      double[] mean = whole.program().state().get("stem.scale.mean").toArray();
      assertFalse(Arrays.equals(new double[mean.length], mean));
      assertFalse(Math.abs(whole.evaluate(DIGITS).loss() - before) < 1e-6, "statistics have moved");
      gradient(inTwo, 0);
      assertFalse(
          Arrays.equals(mean, inTwo.program().state().get("stem.scale.mean").toArray()),
          "two passes move them twice");
    }
  }
}
