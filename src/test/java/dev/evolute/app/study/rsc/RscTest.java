package dev.evolute.app.study.rsc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evolute.app.data.Dataset;
import dev.evolute.app.report.ExplainedClaims;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.StudySettings;
import dev.evolute.app.study.StudyTest;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RscTest extends StudyTest {
  private static final Protocol PROTOCOL =
      new Protocol(
          16,
          2,
          List.of(4, 8),
          2,
          20,
          5,
          1e-3,
          DType.F64,
          List.of(4, 8, 16, 24, 32),
          6,
          1,
          List.of(20),
          12,
          4,
          3);

  /** Images of four classes, 8 x 8: the protocol, not the numbers, is under test. */
  private static Dataset stripes(String name) {
    int n = 40;
    byte[] labels = new byte[n];
    byte[] pixels = new byte[n * 64];
    for (int i = 0; i < n; i++) {
      labels[i] = (byte) (i % 4);
      for (int j = 0; j < 64; j++) {
        int bright = j % 4 == labels[i] ? 160 : 20;
        pixels[i * 64 + j] = (byte) (bright + (i * 31 + j * 17 + i * j) % 60);
      }
    }
    return new Dataset(
        name, false, "train", 8, 8, 4, pixels, labels, "made here", 0.3, 0.3, new int[0]);
  }

  @Override
  protected void study(StudySettings settings, Progress progress) {
    new Rsc().run(settings, progress, PROTOCOL, List.of(stripes("first"), stripes("second")));
  }

  @Override
  protected long[] stops() {
    return new long[] {1, 200};
  }

  @Override
  protected String saved() {
    return "second-library-m8-s1";
  }

  /** What is proved holds at every point; what the paper saw may or may not be seen here. */
  @Test
  void everyProvenInequalityIsCheckedAndHolds() throws Exception {
    JsonNode summary = run("out", 2, Progress.silent());
    List<String> checked = new ArrayList<>();
    for (JsonNode claim : summary.get("claims")) {
      ExplainedClaims.check(claim);
      String paper = claim.get("paper").asText();
      boolean seen = paper.contains("Figure") || claim.get("name").asText().contains("exponent");
      if (!seen && !paper.contains("remark 5.1")) {
        assertEquals(0, claim.get("violated").asInt(), claim.toString());
        if (claim.get("checked").asInt() > 0) {
          checked.add(paper);
        }
      }
    }
    for (String equation :
        List.of(
            "(5)", "(9)", "4.2", "4.1", "(10)", "(11)", "(12)", "(13)", "(14)", "(38)", "B.2",
            "(45)", "(46)", "(40)", "5.5", "5.6", "5.2", "A.1", "A.2", "A.6")) {
      assertTrue(
          checked.stream().anyMatch(paper -> paper.contains(equation)), equation + " " + checked);
    }
    assertFalse(summary.get("data").get("real").asBoolean());
  }

  @Test
  void samplesHaveTheNormOfTheirAssumptionAndAreChosenBySeed() {
    Dataset data = stripes("set");
    for (int pool : new int[] {1, 2, 4}) {
      TrainingSet set = TrainingSet.choose(data, 10, pool, 5);
      assertEquals(64 / (pool * pool), set.inputs());
      for (int i = 0; i < 10; i++) {
        double square = 0;
        for (int j = 0; j < set.inputs(); j++) {
          square += Math.pow(set.x()[i * set.inputs() + j], 2);
        }
        assertEquals(set.inputs(), square, 1e-9);
        assertEquals(set.labels()[i] >= 2 ? 1 : -1, set.signs()[i]);
        assertEquals(1, set.oneHot()[i * 4 + set.labels()[i]]);
      }
    }
    double[] one = TrainingSet.choose(data, 10, 1, 5).x();
    assertArrayEquals(one, TrainingSet.choose(data, 10, 1, 5).x());
    assertFalse(Arrays.equals(one, TrainingSet.choose(data, 10, 1, 6).x()));
  }

  /** The input gradient's bound as printed fails inside the ball; the corrected one does not. */
  @Test
  void inputGradientOfOneHiddenLayerExceedsThePrintedBound() {
    int m = 256;
    int d = 4;
    Network network = Network.tanh(Parametrisation.SCALED, d, m, 1);
    double[] theta = new double[m * d + m];
    for (int j = 0; j < m; j++) {
      theta[j * d] = 1.0 / 8;
      theta[m * d + j] = 4 / Math.sqrt(m);
    }
    double[] x = {0, 2, 0, 0};
    try (Device device = Device.open("cpu", 1);
        Buffer buffer = device.allocate(DType.F64, theta.length);
        SampleDerivatives samples = new SampleDerivatives(network, 1, device, DType.F64)) {
      buffer.set(theta);
      samples.at(buffer, x, 0);
      double gradient = samples.inputGradientNorms()[0];
      double gamma = 1.0 / 8;
      LayerBounds ball = LayerBounds.ball(1, m, gamma, 3);
      assertEquals(0.25, gradient, 1e-12);
      assertTrue(gradient > gamma * 4 / Math.sqrt(m));
      assertTrue(gradient <= ball.inputGradient(d) * (1 + 1e-12));
    }
  }
}
