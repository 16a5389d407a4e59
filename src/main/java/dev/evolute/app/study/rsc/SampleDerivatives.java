package dev.evolute.app.study.rsc;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.PackedMatrix;
import dev.evolute.spectral.BatchOperator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One output of a {@link Network} as a function of theta, sample by sample: value, gradient norm,
 * tangent kernel and Hessian, computed from kernels alone, so that it checks the differentiation it
 * is held against.
 *
 * <p>The Hessian for one sample is small in disguise. With {@code z_l = c_l W_l a_{l-1}} and {@code
 * s_l = df/dz_l} it reads a direction U_l of W_l through {@code U_l a_{l-1}} and {@code U_l^T s_l}
 * alone, and its product with any direction is {@code c_l (s_l' a_{l-1}^T + s_l a_{l-1}'^T)}. So
 * outside the span of
 *
 * <pre>
 *   U_l = p a^T / |a| + s q^T / |s|,   q orthogonal to a,   |U_l|^2 = |p|^2 + |q|^2
 * </pre>
 *
 * it is zero, and the vectors p, q of each layer and the last layer's direction are orthonormal
 * coordinates in it: {@code 2 L m} numbers instead of as many as there are parameters. The first
 * layer has no q, since its input does not move. In these coordinates one product for n samples,
 * each with a vector of its own, costs two {@code [n x m] [m x m]} matrix products a hidden layer.
 */
final class SampleDerivatives implements BatchOperator, AutoCloseable {
  private final Network network;
  private final Device device;
  private final DType dtype;
  private final Kernels kernels;
  private final int n;
  private final int m;
  private final int depth;
  private final List<Buffer> owned = new ArrayList<>();
  private final List<Layer> layers = new ArrayList<>();
  private final Matrix input;
  private final Matrix output;
  private final Matrix scratch;
  private final Matrix tangentA;
  private final Matrix tangentG;
  private final Matrix tangentS;
  private final Buffer columnA;
  private final Buffer columnB;
  private double[] inputNorms;

  /** Hidden layer l: what is kept of it, each matrix {@code [n x m]}. */
  private final class Layer {
    final Matrix a = matrix(n, m);

    /** {@code f'(z)} and {@code f''(z) (.) g}. */
    final Matrix slope = matrix(n, m);

    final Matrix bend = matrix(n, m);

    /** {@code g = df/da} and {@code s = df/dz}. */
    final Matrix g = matrix(n, m);

    final Matrix s = matrix(n, m);
    final Matrix tangentZ = matrix(n, m);
    final Matrix direction = matrix(n, m);
    Matrix w;
    PackedMatrix forward;
    PackedMatrix backward;

    /** Norms of the rows of a and of s. */
    double[] lengths;

    double[] pulls;

    /** The columns {@code |a|}, {@code 1 / |a|} and {@code |s|}, as buffers. */
    final Buffer length = buffer(n);

    final Buffer reciprocal = buffer(n);
    final Buffer pull = buffer(n);

    /** The weights of the first layer meet data alone, and no tangent. */
    void pack(int l) {
      unpack();
      if (l > 1) {
        forward = kernels.pack(w.t());
        backward = kernels.pack(w);
      }
    }

    void unpack() {
      if (forward != null) {
        forward.close();
        backward.close();
        forward = null;
        backward = null;
      }
    }
  }

  /**
   * Memory for n samples; nothing is computed yet.
   *
   * @param samples n
   */
  SampleDerivatives(Network network, int samples, Device device, DType dtype) {
    this.network = network;
    this.device = device;
    this.dtype = dtype;
    kernels = device.kernels(dtype);
    n = samples;
    m = network.width();
    depth = network.depth();
    input = matrix(n, network.inputs());
    output = matrix(n, 1);
    scratch = matrix(n, m);
    tangentA = matrix(n, m);
    tangentG = matrix(n, m);
    tangentS = matrix(n, m);
    columnA = buffer(n);
    columnB = buffer(n);
    for (int l = 1; l <= depth; l++) {
      layers.add(new Layer());
    }
  }

  private Buffer buffer(long length) {
    Buffer buffer = device.allocate(dtype, length);
    owned.add(buffer);
    return buffer;
  }

  private Matrix matrix(int rows, int cols) {
    return Matrix.of(buffer((long) rows * cols), rows, cols);
  }

  /**
   * Moves to theta, which must stay as it is until the next move.
   *
   * @param theta {@code [P]} in the layout of the network
   * @param x {@code [n x d]}, row-major
   * @param h the output that is looked at, 0 to k - 1
   */
  void at(Buffer theta, double[] x, int h) {
    input.buffer().set(x);
    inputNorms = norms(input);
    List<Matrix> weights = network.weights(theta);
    Matrix below = input;
    for (int l = 1; l <= depth; l++) {
      Layer layer = layers.get(l - 1);
      layer.w = weights.get(l - 1);
      layer.pack(l);
      kernels.gemm(network.scale(l), below, layer.w.t(), 0, layer.tangentZ);
      kernels.activation(
          network.activation(),
          layer.tangentZ.buffer(),
          layer.a.buffer(),
          layer.slope.buffer(),
          layer.bend.buffer());
      layer.lengths = norms(layer.a);
      layer.length.set(layer.lengths);
      layer.reciprocal.set(reciprocal(layer.lengths));
      below = layer.a;
    }
    double c = network.scale(depth + 1);
    Matrix v = Matrix.of(weights.get(depth).buffer().view((long) h * m, m), 1, m);
    kernels.gemm(c, below, v.t(), 0, output);
    columnA.set(filled(c));
    kernels.gemm(1, Matrix.of(columnA, n, 1), v, 0, last().g);
    for (int l = depth; l >= 1; l--) {
      Layer layer = layers.get(l - 1);
      kernels.mul(layer.bend.buffer(), layer.g.buffer(), 0, layer.bend.buffer());
      kernels.mul(layer.slope.buffer(), layer.g.buffer(), 0, layer.s.buffer());
      layer.pulls = norms(layer.s);
      layer.pull.set(layer.pulls);
      if (l > 1) {
        Layer previous = layers.get(l - 2);
        kernels.gemm(network.scale(l), layer.s, layer.w, 0, previous.g);
        kernels.scaleRows(1, previous.a, previous.reciprocal, 0, previous.direction);
      }
    }
  }

  private Layer last() {
    return layers.get(depth - 1);
  }

  private double[] filled(double value) {
    double[] column = new double[n];
    Arrays.fill(column, value);
    return column;
  }

  private double[] norms(Matrix x) {
    double[] norms = new double[x.rows()];
    for (int i = 0; i < norms.length; i++) {
      norms[i] = kernels.nrm2(x.buffer().view((long) i * x.cols(), x.cols()));
    }
    return norms;
  }

  private static double[] reciprocal(double[] norms) {
    double[] reciprocal = new double[norms.length];
    for (int i = 0; i < norms.length; i++) {
      reciprocal[i] = norms[i] > 0 ? 1 / norms[i] : 0;
    }
    return reciprocal;
  }

  /** {@code f(theta; x_i) [n]}. */
  double[] outputs() {
    return output.buffer().toArray();
  }

  /** {@code |a_l|} for all samples, l from 1 to L. */
  double[] activationNorms(int l) {
    return layers.get(l - 1).lengths.clone();
  }

  /** {@code |df/da_l|} for all samples, l from 1 to L. */
  double[] backwardNorms(int l) {
    return norms(layers.get(l - 1).g);
  }

  /** {@code |grad_theta f(theta; x_i)| [n]}. */
  double[] gradientNorms() {
    double[] squares = new double[n];
    for (int i = 0; i < n; i++) {
      for (int l = 1; l <= depth; l++) {
        double below = l == 1 ? inputNorms[i] : layers.get(l - 2).lengths[i];
        double part = network.scale(l) * layers.get(l - 1).pulls[i] * below;
        squares[i] += part * part;
      }
      double part = network.scale(depth + 1) * last().lengths[i];
      squares[i] = Math.sqrt(squares[i] + part * part);
    }
    return squares;
  }

  /** {@code |grad_x f(theta; x_i)| [n]}. */
  double[] inputGradientNorms() {
    Matrix gradient = matrix(n, network.inputs());
    kernels.gemm(network.scale(1), layers.get(0).s, layers.get(0).w, 0, gradient);
    double[] norms = norms(gradient);
    gradient.buffer().close();
    owned.remove(gradient.buffer());
    return norms;
  }

  /**
   * The tangent kernel {@code K_ij = <grad f_i, grad f_j>}, from Gram matrices: {@code sum_l c_l^2
   * (S_l S_l^T) (.) (A_{l-1} A_{l-1}^T) + c^2 A_L A_L^T}.
   *
   * @param kernel {@code [n x n]}, dense, written
   */
  void tangentKernel(Matrix kernel) {
    try (Buffer first = device.allocate(dtype, (long) n * n);
        Buffer second = device.allocate(dtype, (long) n * n)) {
      double c = network.scale(depth + 1);
      kernels.gemm(c * c, last().a, last().a.t(), 0, kernel);
      for (int l = 1; l <= depth; l++) {
        Matrix s = layers.get(l - 1).s;
        Matrix below = l == 1 ? input : layers.get(l - 2).a;
        double square = network.scale(l) * network.scale(l);
        kernels.gemm(square, s, s.t(), 0, Matrix.of(first, n, n));
        kernels.gemm(1, below, below.t(), 0, Matrix.of(second, n, n));
        kernels.mul(first, second, 1, kernel.buffer());
      }
    }
  }

  // The Hessians, in coordinates p_1, p_2, q_2, ..., p_L, q_L, u.

  @Override
  public int count() {
    return n;
  }

  @Override
  public int parts() {
    return 2 * depth;
  }

  @Override
  public int width() {
    return m;
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  private Matrix part(Matrix x, int part) {
    return Matrix.of(x.buffer().view((long) part * n * m, (long) n * m), n, m);
  }

  private static int p(int l) {
    return l == 1 ? 0 : 2 * l - 3;
  }

  private static int q(int l) {
    return 2 * l - 2;
  }

  /** {@code column_i = <x_i, y_i>}. */
  private void rowDots(Matrix x, Matrix y, Buffer column) {
    kernels.mul(x.buffer(), y.buffer(), 0, scratch.buffer());
    kernels.rowSums(scratch, 0, column);
  }

  @Override
  public void apply(Matrix x, Matrix y) {
    tangents(x);
    double c = network.scale(depth + 1);
    kernels.axpby(c, tangentA.buffer(), 0, part(y, parts() - 1).buffer());
    kernels.axpby(c, part(x, parts() - 1).buffer(), 0, tangentG.buffer());
    for (int l = depth; l >= 1; l--) {
      Layer layer = layers.get(l - 1);
      // s' = f'' z' g + f' g'
      kernels.mulAdd(
          layer.bend.buffer(),
          layer.tangentZ.buffer(),
          layer.slope.buffer(),
          tangentG.buffer(),
          0,
          tangentS.buffer());
      if (l == 1) {
        columnA.set(inputNorms);
        kernels.scaleRows(network.scale(1), tangentS, columnA, 0, part(y, p(1)));
      } else {
        reverse(l, x, y);
      }
    }
  }

  /** {@code z_l'} of all layers, and {@code a_L'} in {@link #tangentA}. */
  private void tangents(Matrix x) {
    for (int l = 1; l <= depth; l++) {
      Layer layer = layers.get(l - 1);
      double scale = network.scale(l);
      if (l == 1) {
        columnA.set(inputNorms);
        kernels.scaleRows(scale, part(x, p(1)), columnA, 0, layer.tangentZ);
      } else {
        kernels.gemm(scale, tangentA, layer.forward, 0, layer.tangentZ);
        kernels.scaleRows(scale, part(x, p(l)), layers.get(l - 2).length, 1, layer.tangentZ);
      }
      kernels.mul(layer.slope.buffer(), layer.tangentZ.buffer(), 0, tangentA.buffer());
    }
  }

  /** The rows p and q of layer l, and the tangent of {@code df/da_{l-1}} in {@link #tangentG}. */
  private void reverse(int l, Matrix x, Matrix y) {
    Layer layer = layers.get(l - 1);
    Layer below = layers.get(l - 2);
    double scale = network.scale(l);
    // a_{l-1}' = f' z' again: cheaper than to keep it.
    kernels.mul(below.slope.buffer(), below.tangentZ.buffer(), 0, tangentA.buffer());
    rowDots(tangentA, below.direction, columnA);
    kernels.scaleRows(scale, tangentS, below.length, 0, part(y, p(l)));
    kernels.scaleRows(scale, layer.s, columnA, 1, part(y, p(l)));
    kernels.scaleRows(-1, below.direction, columnA, 1, tangentA);
    kernels.scaleRows(scale, tangentA, layer.pull, 0, part(y, q(l)));
    // g' = c (W^T s' + U^T s),  U^T s = a <p, s> / |a| + |s| q
    kernels.gemm(scale, tangentS, layer.backward, 0, tangentG);
    rowDots(part(x, q(l)), below.direction, columnA);
    kernels.mul(columnA, layer.pull, 0, columnB);
    rowDots(part(x, p(l)), layer.s, columnA);
    kernels.axpby(-1, columnB, 1, columnA);
    kernels.scaleRows(scale, below.direction, columnA, 1, tangentG);
    kernels.scaleRows(scale, part(x, q(l)), layer.pull, 1, tangentG);
  }

  @Override
  public void close() {
    layers.forEach(Layer::unpack);
    owned.forEach(Buffer::close);
  }
}
