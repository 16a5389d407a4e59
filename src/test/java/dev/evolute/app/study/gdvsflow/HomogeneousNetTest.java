package dev.evolute.app.study.gdvsflow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.evolute.app.data.Dataset;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Random;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The bounds against the paper's formulas written out with a matrix library, and its second-order
 * form against Hessian-vector products of automatic differentiation.
 */
class HomogeneousNetTest {
  private static final int N = 12;
  private static final int D = 6;
  private static final int C = 3;

  private final Dataset data = data(2, 3);
  private final SimpleMatrix x = new SimpleMatrix(N, D, true, data.inputs());

  private static Dataset data(int rows, int cols) {
    Random random = new Random(1);
    byte[] pixels = new byte[N * rows * cols];
    byte[] labels = new byte[N];
    random.nextBytes(pixels);
    for (int i = 0; i < N; i++) {
      labels[i] = (byte) random.nextInt(C);
    }
    return new Dataset(
        "tiny", false, "train", rows, cols, C, pixels, labels, "", 0.5, 0.3, new int[0]);
  }

  /** p - y for logits z. */
  private SimpleMatrix residuals(SimpleMatrix z) {
    return residuals(data, z);
  }

  private static SimpleMatrix residuals(Dataset data, SimpleMatrix z) {
    SimpleMatrix p = z.elementExp();
    for (int i = 0; i < N; i++) {
      double sum = p.rows(i, i + 1).elementSum();
      for (int j = 0; j < C; j++) {
        p.set(i, j, p.get(i, j) / sum);
      }
    }
    return p.minus(new SimpleMatrix(N, C, true, data.oneHot()));
  }

  private static HomogeneousNet.Bounds bounds(
      FullyConnected model, Dataset data, double[] theta, double eps) {
    try (Device device = Device.open("cpu", 1);
        Buffer buffer = device.allocate(DType.F64, theta.length);
        HomogeneousNet net = new HomogeneousNet(model, data, device, DType.F64)) {
      buffer.set(theta);
      net.at(buffer);
      return net.bounds(eps);
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
    assertEquals(expected, bounds(model, data, theta, 1).anywhere(), 1e-9 * Math.abs(expected));
    assertEquals(Double.NaN, bounds(model, data, theta, 0.17).onFlow());
    double sharp = -2 * gradient.svd().getSingleValue(0) * largest;
    assertEquals(sharp, bounds(model, data, theta, 1).sharp(), 1e-9 * Math.abs(sharp));
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
    HomogeneousNet.Bounds bounds = bounds(model, data, theta, 0.25);
    assertEquals(expected, bounds.anywhere(), 1e-12 * Math.abs(expected));
    double flow = -3 * pull / N * (norms[0] + 0.25) * (norms[0] + 0.25);
    assertEquals(flow, bounds.onFlow(), 1e-12 * Math.abs(flow));
    double[] spectral = new double[w.length];
    for (int j = 0; j < w.length; j++) {
      spectral[j] = w[j].svd().getSingleValue(0);
    }
    java.util.Arrays.sort(spectral);
    double sharp = -3 * pull / N * spectral[2] * spectral[3];
    assertEquals(sharp, bounds.sharp(), 1e-9 * Math.abs(sharp));
  }

  @Test
  void boundOnTheFlowIsEquation14() {
    double eps = 0.1;
    FullyConnected model = FullyConnected.of(Activation.IDENTITY, D, 5, 4, 4, C);
    double[] theta = gaussian(model.size());
    SimpleMatrix[] w = weights(model, theta);
    SimpleMatrix product = w[3].mult(w[2]).mult(w[1]).mult(w[0]);
    SimpleMatrix gradient = residuals(x.mult(product.transpose())).transpose().mult(x).divide(N);
    double largest = 1;
    for (SimpleMatrix layer : w) {
      largest = Math.max(largest, layer.svd().getSingleValue(0));
    }
    double slope = Math.sqrt(C) * gradient.normF();
    double c = 4 * 4 * 3 / Math.sqrt(16) * slope * Math.pow(largest, 4);
    double expected = -3 * slope * Math.sqrt(product.svd().getSingleValue(0)) - c * Math.sqrt(eps);
    assertEquals(expected, bounds(model, data, theta, eps).onFlow(), 1e-9 * Math.abs(expected));
  }

  @ParameterizedTest
  @EnumSource(
      value = Network.class,
      names = {"LINEAR", "RELU", "CONV_ADAPTED"})
  void secondOrderFormIsTheHessianVectorProduct(Network network) {
    Dataset images = data(6, 6);
    try (Device device = Device.open("cpu", 1);
        Program program = network.compile(images, device, DType.F64, Program.Purpose.CURVATURE, 5);
        HomogeneousNet net = new HomogeneousNet(network, images, device, DType.F64)) {
      double[] u = gaussian(program.size());
      Point point = Point.of(program);
      net.at(program.theta());
      try (Buffer direction = device.allocate(DType.F64, u.length);
          Buffer product = device.allocate(DType.F64, u.length)) {
        direction.set(u);
        point.hessian().apply(direction, product);
        double expected = device.kernels(DType.F64).dot(direction, product);
        assertEquals(expected, net.form(direction), 1e-11 * Math.abs(expected));
      }
    }
  }

  @Test
  void sharingIsTheRootOfTheUsesOfAWeight() {
    // ||W_j(.)||_op of the adapted network: 14, 5, 1, 1, 1 (equation 31).
    Dataset images = data(6, 6);
    try (Device device = Device.open("cpu", 1);
        Program program =
            Network.CONV_ADAPTED.compile(images, device, DType.F64, Program.Purpose.TRAINING, 5);
        HomogeneousNet net = new HomogeneousNet(Network.CONV_ADAPTED, images, device, DType.F64)) {
      net.at(program.theta());
      double[] norms = new double[5];
      double smallest = Double.POSITIVE_INFINITY;
      for (int j = 0; j < 5; j++) {
        norms[j] =
            new SimpleMatrix(
                    1,
                    (int) program.parameters().get(j).shape().size(),
                    true,
                    program.parameter(program.parameters().get(j)).buffer().toArray())
                .normF();
        smallest = Math.min(smallest, norms[j]);
      }
      java.util.Arrays.sort(norms);
      HomogeneousNet.Bounds bounds = net.bounds(0);
      double pull = -bounds.anywhere() / (norms[2] * norms[3] * norms[4]);
      assertEquals(-bounds.onFlow(), pull * smallest * smallest * smallest, 1e-9 * pull);
      program.theta().set(new double[(int) program.size()]);
      net.at(program.theta());
      SimpleMatrix x = new SimpleMatrix(N, 36, true, images.inputs());
      SimpleMatrix r = residuals(images, new SimpleMatrix(N, C));
      double mean = 0;
      for (int i = 0; i < N; i++) {
        mean += x.rows(i, i + 1).normF() * r.rows(i, i + 1).normF() / N;
      }
      assertEquals(-4 * 14 * 5 * mean * 8, net.bounds(2).onFlow(), 1e-9 * 4 * 14 * 5 * mean * 8);
    }
  }
}
