package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.data.Dataset;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.ConvolutionShape;
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
 * The mean softmax cross-entropy of a network without biases at theta, {@code h(x) = W_n s(...
 * s(W_1 x))} (paper 002, equation 8), or with convolutions (equation 28), written out layer by
 * layer: the paper's second-order form of the loss and its lower bounds on the smallest eigenvalue
 * of the Hessian. Computed from kernels alone, so that it checks the differentiation it is held
 * against.
 *
 * <pre>
 *   (12), (16), (30)  u^T H u = 1/|S| sum_i a'_i^T Hess l_i a'_i + 2/|S| sum_i grad l_i^T a''_i
 *   (13) linear       -(n-1) sqrt(min(d_0, d_n)) ||grad phi(W_n..W_1)||_F P(||W_j||_2)
 *   (17) ReLU         -(n-1) 1/|S| sum_i ||grad l_i|| ||x_i||             P(||W_j||_F)
 *   (31) convolution  (17) times the product of ||W_j(.)||_op, with the norms of weight vectors
 *   (14)              with Q = ||W_n..W_1||_2^(1-2/n) in place of P, and less c eps^(1-2/n)
 *   (18), (32)        with Q = (min_j ||W_j||_F + eps)^(n-2)
 * </pre>
 *
 * Here P is the product of the n-2 largest of its arguments, {@code a'} the first and {@code a''}
 * half the second derivative of the output along u for fixed patterns of activation. The last two
 * rows hold on trajectories of gradient flow that start within eps of the origin.
 */
final class HomogeneousNet implements AutoCloseable {
  /**
   * A layer that is linear in its weights and in its input.
   *
   * @param conv the convolution, or null for a dense layer {@code [out x in]}
   */
  private record Layer(int in, int out, ConvolutionShape conv) {
    int weights() {
      return conv == null ? in * out : conv.patch() * conv.filters();
    }

    /** Norm of the map from weights to matrix: the root of the number of uses of a weight. */
    double sharing() {
      return conv == null ? 1 : Math.sqrt((double) conv.outputHeight() * conv.outputWidth());
    }
  }

  /**
   * What bounds the smallest eigenvalue from below.
   *
   * @param anywhere (13), (17) or (31)
   * @param sharp the same with what its proof gives: for (13) without the dimension and with the
   *     spectral norm of the gradient, for (17) with spectral norms of the layers; NaN for (31)
   * @param onFlow (14), (18) or (32); NaN for (14) where eps is above 1/(2n)
   */
  record Bounds(double anywhere, double sharp, double onFlow) {}

  private final boolean linear;
  private final boolean convolutional;
  private final List<Layer> layers = new ArrayList<>();
  private final int samples;
  private final int classes;
  private final Device device;
  private final Kernels kernels;
  private final DType dtype;
  private final List<Buffer> owned = new ArrayList<>();
  private final Matrix x;
  private final Matrix y;
  private final Matrix p;
  private final Matrix residuals;
  private final Buffer loss;

  /** Inputs of the layers, and the output: {@code a_0 .. a_n}. */
  private final List<Buffer> a = new ArrayList<>();

  private final List<Buffer> first = new ArrayList<>();
  private final List<Buffer> second = new ArrayList<>();
  private final List<Buffer> z = new ArrayList<>();
  private List<Buffer> weights = List.of();

  HomogeneousNet(Network network, Dataset data, Device device, DType dtype) {
    this(
        network == Network.LINEAR,
        network.convolutional() ? null : network.fullyConnected(data),
        data,
        device,
        dtype);
    if (!network.covered()) {
      throw new IllegalArgumentException(network + " has biases; the paper's theory has none");
    }
  }

  /** A fully connected network, linear or with ReLU, or for null the adapted convolutional one. */
  HomogeneousNet(FullyConnected model, Dataset data, Device device, DType dtype) {
    this(
        model != null && model.activation().kind() == Activation.Kind.IDENTITY,
        model,
        data,
        device,
        dtype);
  }

  private HomogeneousNet(
      boolean linear, FullyConnected model, Dataset data, Device device, DType dtype) {
    this.linear = linear;
    this.device = device;
    this.dtype = dtype;
    convolutional = model == null;
    samples = data.samples();
    classes = data.classes();
    kernels = device.kernels(dtype);
    x = matrix(samples, data.features());
    y = matrix(samples, classes);
    p = matrix(samples, classes);
    residuals = matrix(samples, classes);
    x.buffer().set(data.inputs());
    y.buffer().set(data.oneHot());
    loss = device.allocate(DType.F64, 1);
    owned.add(loss);
    if (convolutional) {
      convolutions(data.rows());
    }
    List<Integer> widths = convolutional ? List.of(400, 120, 84, classes) : model.widths();
    for (int j = 1; j < widths.size(); j++) {
      layers.add(new Layer(widths.get(j - 1), widths.get(j), null));
    }
    a.add(x.buffer());
    for (Layer layer : layers) {
      z.add(vector(layer.out));
      a.add(vector(layer.out));
      first.add(vector(layer.out));
      second.add(vector(layer.out));
    }
  }

  /** The two convolutions of the adapted network: every other pixel of a 5 x 5 one. */
  private void convolutions(int side) {
    ConvolutionShape one =
        ConvolutionShape.of(samples, side, side, 1, 6, 5)
            .withPadding((32 - side) / 2)
            .withStride(2);
    ConvolutionShape two = ConvolutionShape.of(samples, 14, 14, 6, 16, 5).withStride(2);
    layers.add(new Layer(side * side, 14 * 14 * 6, one));
    layers.add(new Layer(14 * 14 * 6, 400, two));
  }

  private Buffer vector(int width) {
    Buffer buffer = device.allocate(dtype, (long) samples * width);
    owned.add(buffer);
    return buffer;
  }

  private Matrix matrix(int rows, int cols) {
    return Matrix.of(vector(cols), rows, cols);
  }

  private int depth() {
    return layers.size();
  }

  /** {@code z = beta z + W_j(w) a}. */
  private void apply(int j, Buffer w, Buffer input, double beta, Buffer output) {
    Layer layer = layers.get(j);
    if (layer.conv != null) {
      kernels.convolution(layer.conv, 1, input, w, null, beta, output);
    } else {
      kernels.gemm(
          1,
          Matrix.of(input, samples, layer.in),
          Matrix.of(w, layer.out, layer.in).t(),
          beta,
          Matrix.of(output, samples, layer.out));
    }
  }

  private List<Buffer> parts(Buffer theta) {
    List<Buffer> parts = new ArrayList<>();
    long at = 0;
    for (Layer layer : layers) {
      parts.add(theta.view(at, layer.weights()));
      at += layer.weights();
    }
    return parts;
  }

  private boolean activated(int j) {
    return !linear && j < depth() - 1;
  }

  /** Goes to theta, which must not change before what follows is asked. */
  void at(Buffer theta) {
    weights = parts(theta);
    for (int j = 0; j < depth(); j++) {
      apply(j, weights.get(j), a.get(j), 0, z.get(j));
      if (activated(j)) {
        kernels.activation(Activation.RELU, z.get(j), a.get(j + 1), null, null);
      } else {
        kernels.copy(z.get(j), a.get(j + 1));
      }
    }
    kernels.softmaxCrossEntropy(1, Matrix.of(a.get(depth()), samples, classes), y, p, loss);
    kernels.copy(p.buffer(), residuals.buffer());
    kernels.axpby(-1, y.buffer(), 1, residuals.buffer());
  }

  /** {@code u^T H u} by (12), (16) or (30). */
  double form(Buffer u) {
    List<Buffer> direction = parts(u);
    for (int j = 0; j < depth(); j++) {
      Buffer d1 = first.get(j);
      Buffer d2 = second.get(j);
      apply(j, direction.get(j), a.get(j), 0, d1);
      if (j == 0) {
        kernels.fill(0, d2);
      } else {
        apply(j, weights.get(j), first.get(j - 1), 1, d1);
        apply(j, direction.get(j), first.get(j - 1), 0, d2);
        apply(j, weights.get(j), second.get(j - 1), 1, d2);
      }
      if (activated(j)) {
        kernels.activationProduct(Activation.RELU, z.get(j), d1, 0, d1);
        kernels.activationProduct(Activation.RELU, z.get(j), d2, 0, d2);
      }
    }
    double[] probabilities = p.buffer().toArray();
    double[] slope = first.get(depth() - 1).toArray();
    double convex = 0;
    for (int from = 0; from < slope.length; from += classes) {
      double mean = 0;
      for (int c = from; c < from + classes; c++) {
        mean += probabilities[c] * slope[c];
      }
      for (int c = from; c < from + classes; c++) {
        convex += probabilities[c] * (slope[c] - mean) * (slope[c] - mean);
      }
    }
    return (convex + 2 * kernels.dot(residuals.buffer(), second.get(depth() - 1))) / samples;
  }

  /**
   * The bounds at theta.
   *
   * @param eps norm of the theta that the trajectory started from
   */
  Bounds bounds(double eps) {
    int n = depth();
    double[] frobenius = new double[n];
    double[] spectral = new double[n];
    for (int j = 0; j < n; j++) {
      frobenius[j] = kernels.nrm2(weights.get(j));
      spectral[j] = convolutional ? Double.NaN : spectralNorm(dense(j));
    }
    double smallest = Arrays.stream(frobenius).min().orElseThrow();
    double onFlow = Math.pow(smallest + eps, n - 2);
    if (!linear) {
      double pull = (n - 1) * meanPull();
      for (Layer layer : layers) {
        pull *= layer.sharing();
      }
      double sharp = convolutional ? Double.NaN : -pull * largest(spectral);
      return new Bounds(-pull * largest(frobenius), sharp, -pull * onFlow);
    }
    try (Buffer buffer = device.allocate(dtype, (long) classes * x.cols())) {
      Matrix gradient = Matrix.of(buffer, classes, x.cols());
      kernels.gemm(1.0 / samples, residuals.t(), x, 0, gradient);
      double dimension = Math.sqrt(Math.min(x.cols(), classes));
      double slope = dimension * kernels.nrm2(buffer);
      double sharp = -(n - 1) * spectralNorm(gradient) * largest(spectral);
      return new Bounds(
          -(n - 1) * slope * largest(spectral), sharp, equation14(slope, spectral, eps));
    }
  }

  private double equation14(double slope, double[] spectral, double eps) {
    int n = depth();
    if (eps > 0.5 / n) {
      return Double.NaN;
    }
    double power = 1 - 2.0 / n;
    double largest = Math.max(1, Arrays.stream(spectral).max().orElseThrow());
    double c = 4 * n * (n - 1) / Math.pow(4 * n, 2.0 / n) * slope * Math.pow(largest, 2 * (n - 2));
    return -(n - 1) * slope * Math.pow(endToEndNorm(), power) - c * Math.pow(eps, power);
  }

  private Matrix dense(int j) {
    return Matrix.of(weights.get(j), layers.get(j).out, layers.get(j).in);
  }

  /** {@code ||W_n ... W_1||_2}. */
  private double endToEndNorm() {
    Buffer product = device.allocate(dtype, weights.get(0).length());
    kernels.copy(weights.get(0), product);
    for (int j = 1; j < depth(); j++) {
      Buffer next = device.allocate(dtype, (long) layers.get(j).out * x.cols());
      kernels.gemm(
          1,
          dense(j),
          Matrix.of(product, layers.get(j).in, x.cols()),
          0,
          Matrix.of(next, layers.get(j).out, x.cols()));
      product.close();
      product = next;
    }
    double norm = spectralNorm(Matrix.of(product, classes, x.cols()));
    product.close();
    return norm;
  }

  /** The product of all but the two smallest. */
  private static double largest(double[] norms) {
    double[] ascending = norms.clone();
    Arrays.sort(ascending);
    double product = 1;
    for (int j = 2; j < ascending.length; j++) {
      product *= ascending[j];
    }
    return product;
  }

  /** {@code (1/|S|) sum_i ||grad l_i|| ||x_i||}. */
  private double meanPull() {
    double sum = 0;
    for (int i = 0; i < samples; i++) {
      sum += rowNorm(residuals, i) * rowNorm(x, i);
    }
    return sum / samples;
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
      return Math.sqrt(Math.max(0, extremes.max().value()));
    }
  }

  @Override
  public void close() {
    owned.forEach(Buffer::close);
  }
}
