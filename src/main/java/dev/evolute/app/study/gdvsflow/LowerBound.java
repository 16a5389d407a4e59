package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.data.Dataset;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.GramOperator;
import dev.evolute.spectral.Lanczos;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The paper's lower bounds on the smallest eigenvalue of the training loss's Hessian at theta, for
 * depth n and mean softmax cross-entropy over S:
 *
 * <pre>
 *   (13) linear  -(n-1) sqrt(min(d_0, d_n)) ||grad phi(W_n..W_1)||_F  P(||W_j||_2)
 *   (17) ReLU    -(n-1) (1/|S|) sum_i ||grad l_i|| ||x_i||            P(||W_j||_F)
 * </pre>
 *
 * with P the product of the n-2 largest of its arguments. {@code grad phi} is the gradient with
 * respect to the end-to-end matrix, {@code grad l_i} that of a sample's loss with respect to the
 * output. Computed from kernels alone, so that it checks the differentiation it is held against.
 */
final class LowerBound implements AutoCloseable {
  private final FullyConnected model;
  private final Dataset data;
  private final Device device;
  private final Kernels kernels;
  private final DType dtype;
  private final List<Buffer> owned = new ArrayList<>();
  private final Matrix x;
  private final Matrix y;
  private final Matrix p;
  private final List<Matrix> layers = new ArrayList<>();
  private final Buffer loss;

  LowerBound(FullyConnected model, Dataset data, Device device, DType dtype) {
    this.model = model;
    this.data = data;
    this.device = device;
    this.dtype = dtype;
    kernels = device.kernels(dtype);
    x = matrix(data.samples(), data.features());
    y = matrix(data.samples(), data.classes());
    p = matrix(data.samples(), data.classes());
    x.buffer().set(data.inputs());
    y.buffer().set(data.oneHot());
    for (int width : model.widths().subList(1, model.widths().size())) {
      layers.add(matrix(data.samples(), width));
    }
    loss = device.allocate(DType.F64, 1);
    owned.add(loss);
  }

  private Matrix matrix(int rows, int cols) {
    Buffer buffer = device.allocate(dtype, (long) rows * cols);
    owned.add(buffer);
    return Matrix.of(buffer, rows, cols);
  }

  /** The bound at theta: (13) for a linear network, (17) for a ReLU network. */
  double at(Buffer theta) {
    List<Matrix> weights = weights(theta);
    residuals(weights);
    boolean linear = model.activation().kind() == Activation.Kind.IDENTITY;
    int n = model.depth();
    double[] norms = new double[n];
    for (int j = 0; j < n; j++) {
      norms[j] = linear ? spectralNorm(weights.get(j)) : kernels.nrm2(weights.get(j).buffer());
    }
    Arrays.sort(norms);
    double product = 1;
    for (int j = 2; j < n; j++) {
      product *= norms[j];
    }
    return -(n - 1) * (linear ? endToEndGradient() : meanPull()) * product;
  }

  private List<Matrix> weights(Buffer theta) {
    List<Matrix> weights = new ArrayList<>();
    long at = 0;
    for (int j = 1; j <= model.depth(); j++) {
      int rows = model.widths().get(j);
      int cols = model.widths().get(j - 1);
      weights.add(Matrix.of(theta.view(at, (long) rows * cols), rows, cols));
      at += (long) rows * cols;
    }
    return weights;
  }

  /**
   * Leaves {@code p - y} in p: row i is the gradient of sample i's loss with respect to its logits.
   */
  private void residuals(List<Matrix> weights) {
    Matrix a = x;
    for (int j = 0; j < layers.size(); j++) {
      Matrix z = layers.get(j);
      kernels.gemm(1, a, weights.get(j).t(), 0, z);
      if (j < layers.size() - 1 && model.activation().kind() != Activation.Kind.IDENTITY) {
        kernels.activation(model.activation(), z.buffer(), z.buffer(), null, null);
      }
      a = z;
    }
    kernels.softmaxCrossEntropy(1, a, y, p, loss);
    kernels.axpby(-1, y.buffer(), 1, p.buffer());
  }

  /** {@code sqrt(min(d_0, d_n)) ||grad phi||_F}, with {@code grad phi = (1/|S|) (p - y)^T X}. */
  private double endToEndGradient() {
    try (Buffer buffer = device.allocate(dtype, (long) data.classes() * data.features())) {
      Matrix gradient = Matrix.of(buffer, data.classes(), data.features());
      kernels.gemm(1.0 / data.samples(), p.t(), x, 0, gradient);
      return Math.sqrt(Math.min(data.features(), data.classes())) * kernels.nrm2(buffer);
    }
  }

  /** {@code (1/|S|) sum_i ||grad l_i|| ||x_i||}. */
  private double meanPull() {
    double sum = 0;
    for (int i = 0; i < data.samples(); i++) {
      sum += rowNorm(p, i) * rowNorm(x, i);
    }
    return sum / data.samples();
  }

  private double rowNorm(Matrix matrix, int row) {
    return kernels.nrm2(matrix.buffer().view((long) row * matrix.cols(), matrix.cols()));
  }

  /** Largest singular value. */
  private static double spectralNorm(Matrix w) {
    Lanczos.Options options =
        Lanczos.Options.defaults().withEnd(Lanczos.End.MAX).withTolerance(1e-10);
    try (GramOperator gram = new GramOperator(w);
        Extremes extremes = Lanczos.extremes(gram, options)) {
      return Math.sqrt(extremes.max().value());
    }
  }

  @Override
  public void close() {
    owned.forEach(Buffer::close);
  }
}
