package dev.evolute.app.study.gdvsflow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.evolute.app.data.Dataset;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Random;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;

/** The bounds against the paper's formulas written out with a matrix library. */
class LowerBoundTest {
  private static final int N = 12;
  private static final int D = 6;
  private static final int C = 3;

  private final Dataset data = data();
  private final SimpleMatrix x = new SimpleMatrix(N, D, true, data.inputs());
  private final SimpleMatrix y = new SimpleMatrix(N, C, true, data.oneHot());

  private static Dataset data() {
    Random random = new Random(1);
    byte[] pixels = new byte[N * D];
    byte[] labels = new byte[N];
    random.nextBytes(pixels);
    for (int i = 0; i < N; i++) {
      labels[i] = (byte) random.nextInt(C);
    }
    return new Dataset("tiny", false, "train", 2, 3, C, pixels, labels, "", 0.5, 0.3, new int[0]);
  }

  /** p - y for logits z. */
  private SimpleMatrix residuals(SimpleMatrix z) {
    SimpleMatrix p = z.elementExp();
    for (int i = 0; i < N; i++) {
      double sum = p.rows(i, i + 1).elementSum();
      for (int j = 0; j < C; j++) {
        p.set(i, j, p.get(i, j) / sum);
      }
    }
    return p.minus(y);
  }

  private double bound(FullyConnected model, double[] theta) {
    try (Device device = Device.open("cpu", 1);
        Buffer buffer = device.allocate(DType.F64, theta.length);
        LowerBound bound = new LowerBound(model, data, device, DType.F64)) {
      buffer.set(theta);
      return bound.at(buffer);
    }
  }

  private static double[] gaussian(long size) {
    Random random = new Random(7);
    return random.doubles(size, -1, 1).toArray();
  }

  private static SimpleMatrix[] weights(FullyConnected model, double[] theta) {
    SimpleMatrix[] w = new SimpleMatrix[model.depth()];
    int at = 0;
    for (int j = 0; j < w.length; j++) {
      int rows = model.widths().get(j + 1);
      int cols = model.widths().get(j);
      w[j] =
          new SimpleMatrix(
              rows, cols, true, java.util.Arrays.copyOfRange(theta, at, at + rows * cols));
      at += rows * cols;
    }
    return w;
  }

  @Test
  void linearBoundIsEquation13() {
    FullyConnected model = FullyConnected.of(Activation.IDENTITY, D, 5, 4, C);
    double[] theta = gaussian(model.size());
    SimpleMatrix[] w = weights(model, theta);
    SimpleMatrix z = x.mult(w[2].mult(w[1]).mult(w[0]).transpose());
    SimpleMatrix gradient = residuals(z).transpose().mult(x).divide(N);
    double largest = 0;
    for (SimpleMatrix layer : w) {
      largest = Math.max(largest, layer.svd().getSingleValue(0));
    }
    double expected = -2 * Math.sqrt(C) * gradient.normF() * largest;
    assertEquals(expected, bound(model, theta), 1e-9 * Math.abs(expected));
  }

  @Test
  void reluBoundIsEquation17() {
    FullyConnected model = FullyConnected.of(Activation.RELU, D, 5, 4, 4, C);
    double[] theta = gaussian(model.size());
    SimpleMatrix[] w = weights(model, theta);
    SimpleMatrix a = x;
    double[] norms = new double[w.length];
    for (int j = 0; j < w.length; j++) {
      a = a.mult(w[j].transpose());
      norms[j] = w[j].normF();
      if (j < w.length - 1) {
        for (int i = 0; i < a.getNumElements(); i++) {
          a.set(i, Math.max(0, a.get(i)));
        }
      }
    }
    SimpleMatrix r = residuals(a);
    double pull = 0;
    for (int i = 0; i < N; i++) {
      pull += r.rows(i, i + 1).normF() * x.rows(i, i + 1).normF();
    }
    java.util.Arrays.sort(norms);
    double expected = -3 * pull / N * norms[2] * norms[3];
    assertEquals(expected, bound(model, theta), 1e-12 * Math.abs(expected));
  }
}
