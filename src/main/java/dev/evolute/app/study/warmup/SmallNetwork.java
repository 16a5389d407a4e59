package dev.evolute.app.study.warmup;

import dev.evolute.app.study.Dense;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.Activate;
import dev.evolute.autodiff.op.BinaryCrossEntropy;
import dev.evolute.autodiff.op.L2Penalty;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;

/** A network of a {@link Case}, recorded in f64, with its loss, gradient and Hessian. */
final class SmallNetwork implements AutoCloseable {
  /** The risk, over the random start, that a norm lies above {@link Norm#upper}. */
  static final double RISK = 1e-9;

  /** How closely a norm is looked at, relative to it. */
  private static final double TOLERANCE = 1e-4;

  /**
   * {@code ||Hess f||_2} as Lanczos' method finds it from both ends of the spectrum.
   *
   * @param value the larger modulus of the two Rayleigh quotients: the norm is no smaller
   * @param upper the norm is no larger, but for a risk of {@link #RISK}
   * @param products with the Hessian
   */
  record Norm(double value, double upper, int products) {}

  final Case network;
  final SmallData data;
  private final Program program;

  /** {@code W_1, ..., W_l}, from the output, behind one unused place. */
  private final Value[] layers;

  SmallNetwork(Device device, Case network, SmallData data) {
    this.network = network;
    this.data = data;
    int depth = network.depth();
    Graph graph = new Graph();
    Value x = graph.data("x", data.samples(), data.inputs());
    Value y = graph.data("y", data.samples(), data.outputs());
    layers = new Value[depth + 1];
    for (int i = 1; i <= depth; i++) {
      layers[i] = graph.parameter("W" + i, network.widths().get(i - 1), network.widths().get(i));
    }
    Value a = x;
    for (int i = depth; i >= 1; i--) {
      a = graph.apply(MatMul.LAYER, a, layers[i]);
      Activation after = i == 1 ? Activation.IDENTITY : network.after(i);
      if (after.kind() != Activation.Kind.IDENTITY) {
        a = graph.apply(new Activate(after), a);
      }
    }
    if (network.family() == Family.LOGISTIC) {
      graph.loss(BinaryCrossEntropy.sum(), a, y);
    } else {
      graph.loss(SquaredError.sum(), a, y);
    }
    if (network.family().penalised()) {
      graph.loss(new L2Penalty(network.lambda()), layers[1]);
      graph.loss(new L2Penalty(network.lambda()), layers[2]);
    }
    program = Program.compile(graph, device, DType.F64, Program.Purpose.CURVATURE);
    program.set(x, data.x());
    program.set(y, data.y());
  }

  /** Number of parameters P. */
  int size() {
    return (int) program.size();
  }

  double[] theta() {
    return program.theta().toArray();
  }

  void set(double[] theta) {
    program.theta().set(theta);
  }

  /** The loss, with its gradient {@code [P]} written. */
  double gradient(double[] g) {
    program.gradientPass();
    program.gradient().read(0, g, 0, g.length);
    return program.loss();
  }

  /** {@code ||F||_F}, the norm of the network's outputs. */
  double outputNorm() {
    program.value();
    return program.kernels().nrm2(program.outputs().buffer());
  }

  /** The norm of the Hessian here. */
  Norm hessianNorm() {
    Lanczos.Options options =
        Lanczos.Options.defaults()
            .withTolerance(TOLERANCE)
            .withFailure(RISK)
            .withVectors(false)
            .withSeed(network.seed());
    try (Extremes ends = Lanczos.extremes(Point.of(program).hessian(), options)) {
      double upper = Math.max(ends.max().upper(), -ends.min().lower());
      if (ends.max().extreme() != null) {
        upper = Math.max(upper, ends.max().extreme().at(RISK));
      }
      if (ends.min().extreme() != null) {
        upper = Math.max(upper, -ends.min().extreme().at(RISK));
      }
      return new Norm(
          Math.max(Math.abs(ends.max().value()), Math.abs(ends.min().value())),
          upper,
          ends.products());
    }
  }

  /** Layer i, counted from the output, in theta: {@code [n_{i-1} x n_i]}. */
  double[] layer(double[] theta, int i) {
    int size = (int) layers[i].shape().size();
    double[] w = new double[size];
    System.arraycopy(theta, (int) layers[i].offset(), w, 0, size);
    return w;
  }

  private void write(double[] theta, int i, double[] w) {
    System.arraycopy(w, 0, theta, (int) layers[i].offset(), w.length);
  }

  /** {@code ||W_i||_F}. */
  double norm(double[] theta, int i) {
    double[] w = layer(theta, i);
    return Math.sqrt(Dense.dot(w, 0, w, 0, w.length));
  }

  /** The smallest eigenvalue of {@code W_i^T W_i [n_i x n_i]}. */
  double least(double[] theta, int i) {
    int rows = network.widths().get(i - 1);
    int columns = network.widths().get(i);
    return Dense.eigenvalues(
        columns,
        Dense.multiplyTransposed(rows, columns, columns, layer(theta, i), layer(theta, i)))[0];
  }

  /**
   * {@code W_i^T W_i - W_{i+1} W_{i+1}^T [n_i x n_i]}, which gradient flow of linear layers keeps.
   */
  double[] strong(double[] theta, int i) {
    int rows = network.widths().get(i - 1);
    int n = network.widths().get(i);
    int below = network.widths().get(i + 1);
    double[] w = layer(theta, i);
    double[] next = layer(theta, i + 1);
    double[] difference = Dense.multiplyTransposed(rows, n, n, w, w);
    double[] other = Dense.multiplyByTransposed(n, below, n, next, next);
    for (int k = 0; k < difference.length; k++) {
      difference[k] -= other[k];
    }
    return difference;
  }

  /** {@code ||W_i||_F^2 - ||W_{i+1}||_F^2}, which gradient flow of homogeneous layers keeps. */
  double weak(double[] theta, int i) {
    double a = norm(theta, i);
    double b = norm(theta, i + 1);
    return a * a - b * b;
  }

  /**
   * Weights that the proposition of the family speaks of.
   *
   * @param stream of random numbers; one for each point
   * @param scale {@code ||W_i||_F}; of two layers with penalties, each is up to four times larger
   *     or smaller
   */
  double[] draw(long stream, double scale) {
    double[] theta = new double[size()];
    int depth = network.depth();
    long streams = stream << 8;
    switch (network.family()) {
      case LINEAR -> balanced(theta, 1, streams, scale);
      case ONE_LEAKY -> {
        balanced(theta, 2, streams, scale);
        gaussian(theta, 1, streams + 99, scale);
      }
      case ALL_LEAKY -> {
        for (int i = 1; i <= depth; i++) {
          gaussian(theta, i, streams + i, scale);
        }
      }
      case SQUARES, LOGISTIC -> {
        double[] power = Dense.gaussian(network.seed(), streams + 99, 1, 0.7);
        gaussian(theta, 1, streams + 1, scale * Math.exp(power[0]));
        gaussian(theta, 2, streams + 2, scale * Math.exp(-power[0]));
      }
    }
    return theta;
  }

  private void gaussian(double[] theta, int i, long stream, double norm) {
    int size = (int) layers[i].shape().size();
    double[] w = Dense.gaussian(network.seed(), stream, size, 1);
    double factor = norm / Math.sqrt(Dense.dot(w, 0, w, 0, size));
    for (int k = 0; k < size; k++) {
      w[k] *= factor;
    }
    write(theta, i, w);
  }

  /**
   * Strongly balanced layers from {@code first} on: {@code W_i = Q_{i-1} S Q_i^T} with orthogonal Q
   * and one diagonal S, so that {@code W_i^T W_i = Q_i S^2 Q_i^T = W_{i+1} W_{i+1}^T}.
   */
  private void balanced(double[] theta, int first, long streams, double norm) {
    int depth = network.depth();
    int rank = Integer.MAX_VALUE;
    for (int i = first - 1; i <= depth; i++) {
      rank = Math.min(rank, network.widths().get(i));
    }
    double[] s = Dense.gaussian(network.seed(), streams + 98, rank, 1);
    double factor = norm / Math.sqrt(Dense.dot(s, 0, s, 0, rank));
    double[] left =
        Dense.orthogonal(network.seed(), streams + first - 1, network.widths().get(first - 1));
    for (int i = first; i <= depth; i++) {
      int rows = network.widths().get(i - 1);
      int columns = network.widths().get(i);
      double[] right = Dense.orthogonal(network.seed(), streams + i, columns);
      double[] w = new double[rows * columns];
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          for (int k = 0; k < rank; k++) {
            w[r * columns + c] +=
                left[r * rows + k] * Math.abs(s[k]) * factor * right[c * columns + k];
          }
        }
      }
      write(theta, i, w);
      left = right;
    }
  }

  @Override
  public void close() {
    program.close();
  }
}
