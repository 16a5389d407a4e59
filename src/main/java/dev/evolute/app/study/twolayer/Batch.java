package dev.evolute.app.study.twolayer;

import dev.evolute.app.study.Dense;
import dev.evolute.app.study.SpectrumEnds;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gradient descent on Problem 2 for all repetitions of a setting at once, in f64: each product is
 * one batched product of the device, whatever the step of each repetition.
 *
 * <p>With {@code B = [W_1; W_2] [(n + m) x h]} a step is {@code B <- (I - eta M) B}, M made of
 * {@code G = grad l(W)}. All that the loss, its gradient norms and every constant of the paper see
 * of B is {@code B B^T}, so that a Cholesky factor {@code L [(n + m) x (n + m)]} of it descends
 * exactly as B does, at a cost free of h: L = B Q for a Q with orthonormal columns.
 *
 * <p>The deviation {@code E = W - W*} is carried along by the product's own step (61). It equals
 * {@code W_1 W_2^T - W*} up to rounding of W, and keeps its relative precision far below that, so
 * that inequalities can be checked at every iterate. Where it would leave the range of f64 it is
 * scaled by a power of two, which changes nothing: all that is not linear in E is then far below
 * the rounding of what it is added to, before and after.
 */
final class Batch implements AutoCloseable {
  private static final double TINY = 0x1p-400;
  private static final int LIFT = 300;

  /** Elements of a cache line, and no fewer matrices than there are. */
  private static final int ALIGNED = 8;

  private static final int MATRICES = 20;

  private final List<Problem> problems;
  private final int reps;
  private final int n;
  private final int m;
  private final int q;
  private final int width;
  private final int samples;
  private final Kernels kernels;

  private final Device device;

  /** All matrices lie in one buffer, since each costs the JVM a handshake when it is closed. */
  private final Buffer room;

  private long taken;

  private Stack weights;
  private Stack next;
  private final Matrix x;
  private final Matrix gram;
  private final Matrix gram1;
  private final Matrix gram2;
  private final Matrix product;
  private final Matrix e;
  private final Matrix z;
  private final Matrix p;
  private final Matrix g;
  private final Matrix c1;
  private final Matrix c2;
  private final Matrix wg;
  private final Matrix z1;
  private final Matrix z2;
  private Buffer imbalance;
  private final Buffer steps;

  /** Powers of two by which each deviation is scaled; 0 until it is far below W's rounding. */
  private final int[] scales;

  private final boolean[] rescaled;

  /** {@code B B^T}, {@code [R x q x q]}. */
  final double[] grams;

  /** E {@code [R x n x m]}, and {@code C_1}, {@code C_2} of {@link Along}. */
  final double[] deviation;

  final double[] deviation1;
  final double[] deviation2;

  /** {@code X E [R x N x m]}, {@code X C_1}, {@code X C_2}. */
  final double[] outputs;

  final double[] outputs1;
  final double[] outputs2;

  private final double[] gradients;
  private final double[] residuals;
  private final double[] squared;
  private final SpectrumEnds ends1;
  private final SpectrumEnds ends2;
  private final SpectrumEnds endsOfProduct;

  /** {@code W_1} above {@code W_2}, of all repetitions one after the other. */
  private record Stack(Buffer buffer, Matrix whole, Matrix first, Matrix second) {}

  /**
   * A batch at its start.
   *
   * @param problems one a repetition, alike in shape, kind and penalty
   * @param stacked {@code [W_1; W_2] [(n + m) x width]} of each
   */
  Batch(Device device, List<Problem> problems, List<double[]> stacked, int width) {
    this.problems = List.copyOf(problems);
    this.width = width;
    reps = problems.size();
    n = problems.get(0).n();
    m = problems.get(0).m();
    q = n + m;
    samples = problems.get(0).samples();
    kernels = device.kernels(DType.F64);
    this.device = device;
    long large = 2L * q * width + (long) q * q;
    long small = (long) samples * (n + 4L * m) + 4L * n * m + (long) m * m + n;
    room = device.allocate(DType.F64, reps * (large + small) + MATRICES * ALIGNED);
    weights = stack();
    next = stack();
    x = matrix(samples, n);
    gram = matrix(q, q);
    Buffer grammed = gram.buffer();
    gram1 = Matrix.of(grammed, n, n, q);
    gram2 = Matrix.of(tail(grammed, n * q + n), m, m, q);
    product = Matrix.of(tail(grammed, n), n, m, q);
    e = matrix(n, m);
    z = matrix(samples, m);
    p = matrix(samples, m);
    g = matrix(n, m);
    c1 = matrix(n, m);
    c2 = matrix(n, m);
    wg = matrix(m, m);
    z1 = matrix(samples, m);
    z2 = matrix(samples, m);
    steps = matrix(n, 1).buffer();
    scales = new int[reps];
    rescaled = new boolean[reps];
    grams = new double[reps * q * q];
    deviation = new double[reps * n * m];
    deviation1 = new double[reps * n * m];
    deviation2 = new double[reps * n * m];
    gradients = new double[reps * n * m];
    outputs = new double[reps * samples * m];
    outputs1 = new double[reps * samples * m];
    outputs2 = new double[reps * samples * m];
    residuals = new double[reps * samples * m];
    int least = Math.min(n, m);
    squared = new double[least * least];
    ends1 = new SpectrumEnds(n);
    ends2 = new SpectrumEnds(m);
    endsOfProduct = new SpectrumEnds(least);
    for (int r = 0; r < reps; r++) {
      weights.buffer.write((long) r * q * width, stacked.get(r), 0, q * width);
      x.buffer().write((long) r * samples * n, problems.get(r).x(), 0, samples * n);
    }
    multiplyGram();
    for (int r = 0; r < reps; r++) {
      double[] minimiser = problems.get(r).minimiser();
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++) {
          deviation[(r * n + i) * m + j] = grams[(r * q + i) * q + n + j] - minimiser[i * m + j];
        }
      }
    }
    e.buffer().set(deviation);
  }

  private Matrix matrix(int rows, int cols) {
    long length = (long) reps * rows * cols;
    Buffer buffer = room.view(taken, length);
    taken += (length + ALIGNED - 1) / ALIGNED * ALIGNED;
    return Matrix.of(buffer, rows, cols);
  }

  private Stack stack() {
    Matrix whole = matrix(q, width);
    Buffer buffer = whole.buffer();
    return new Stack(
        buffer,
        whole,
        Matrix.of(buffer, n, width),
        Matrix.of(tail(buffer, (long) n * width), m, width));
  }

  private static Buffer tail(Buffer buffer, long from) {
    return buffer.view(from, buffer.length() - from);
  }

  /**
   * Weights of width q with the same Gram matrices, so with the same courses; the weights
   * themselves where they are no wider.
   *
   * @param stacked {@code [W_1; W_2] [q x h]} of each, alike in shape
   * @throws IllegalStateException if the rows of weights are linearly dependent
   */
  static List<double[]> compressed(Device device, List<double[]> stacked, int q) {
    int width = stacked.get(0).length / q;
    if (width <= q) {
      return stacked;
    }
    List<double[]> roots = new ArrayList<>();
    double[] values = new double[q * q];
    try (Buffer b = device.allocate(DType.F64, (long) q * width);
        Buffer gram = device.allocate(DType.F64, values.length)) {
      Matrix matrix = Matrix.of(b, q, width);
      for (double[] weights : stacked) {
        b.set(weights);
        device.kernels(DType.F64).gemm(1, matrix, matrix.t(), 0, Matrix.of(gram, q, q));
        gram.read(0, values, 0, values.length);
        double[] root = Dense.cholesky(q, values);
        if (root == null) {
          throw new IllegalStateException(
              "the weights [" + q + " x " + width + "] are linearly dependent: draw others");
        }
        roots.add(root);
      }
    }
    return roots;
  }

  /** {@code W - W*} of each repetition. */
  List<double[]> deviations() {
    List<double[]> all = new ArrayList<>();
    for (int r = 0; r < reps; r++) {
      all.add(Arrays.copyOfRange(deviation, r * n * m, (r + 1) * n * m));
    }
    return all;
  }

  int repetitions() {
    return reps;
  }

  Problem problem(int repetition) {
    return problems.get(repetition);
  }

  /** The stacked weights of a repetition, {@code [(n + m) x width]}. */
  double[] stacked(int repetition) {
    double[] values = new double[q * width];
    weights.buffer.read((long) repetition * q * width, values, 0, values.length);
    return values;
  }

  private void multiply(
      double alpha, Matrix a, int aStep, Matrix b, int bStep, double beta, Matrix c, int cStep) {
    kernels.gemmBatch(reps, alpha, a, aStep, b, bStep, beta, c, cStep);
  }

  private void multiplyGram() {
    multiply(1, weights.whole, q * width, weights.whole.t(), q * width, 0, gram, q * q);
    gram.buffer().read(0, grams, 0, grams.length);
  }

  /** Gram matrices, G, {@code C_1} and {@code C_2} of the present weights. */
  void gradient() {
    int nm = n * m;
    int sm = samples * m;
    multiplyGram();
    multiply(1, x, samples * n, e, nm, 0, z, sm);
    z.buffer().read(0, outputs, 0, outputs.length);
    Kind kind = problems.get(0).kind();
    double[] row = new double[m];
    double[] out = new double[m];
    for (int r = 0; r < reps; r++) {
      for (int i = 0; i < samples; i++) {
        int at = (r * samples + i) * m;
        System.arraycopy(outputs, at, row, 0, m);
        kind.difference(problems.get(r).means(), i * m, m, 1, row, out);
        System.arraycopy(out, 0, residuals, at, m);
      }
    }
    p.buffer().set(residuals);
    multiply(1, x.t(), samples * n, p, sm, 0, g, nm);
    if (problems.get(0).penalty() > 0) {
      kernels.axpby(problems.get(0).penalty(), e.buffer(), 1, g.buffer());
    }
    multiply(1, g, nm, gram2, q * q, 0, c1, nm);
    multiply(1, gram1, q * q, g, nm, 1, c1, nm);
    multiply(1, product.t(), q * q, g, nm, 0, wg, m * m);
    multiply(1, g, nm, wg, m * m, 0, c2, nm);
    g.buffer().read(0, gradients, 0, gradients.length);
    c1.buffer().read(0, deviation1, 0, deviation1.length);
    c2.buffer().read(0, deviation2, 0, deviation2.length);
  }

  /** What {@link Along} needs beyond {@link #gradient()}. */
  void rays() {
    multiply(1, x, samples * n, c1, n * m, 0, z1, samples * m);
    multiply(1, x, samples * n, c2, n * m, 0, z2, samples * m);
    z1.buffer().read(0, outputs1, 0, outputs1.length);
    z2.buffer().read(0, outputs2, 0, outputs2.length);
  }

  /** {@code ||grad L||_F^2 = <G, C_1>} of a repetition. */
  double squaredGradient(int r) {
    return Dense.dot(gradients, r * n * m, deviation1, r * n * m, n * m);
  }

  /** {@code ||grad l||_F} of a repetition. */
  double outerGradient(int r) {
    return Math.sqrt(Dense.dot(gradients, r * n * m, gradients, r * n * m, n * m));
  }

  /** L of a repetition. */
  double loss(int r) {
    Problem problem = problems.get(r);
    double[] row = new double[m];
    double[] scratch = new double[m];
    double sum = 0;
    for (int i = 0; i < samples; i++) {
      System.arraycopy(outputs, (r * samples + i) * m, row, 0, m);
      sum += problem.kind().distance(problem.means(), i * m, m, row, scratch);
    }
    return sum
        + 0.5 * problem.penalty() * Dense.dot(deviation, r * n * m, deviation, r * n * m, n * m);
  }

  /** Gram matrix of a repetition. */
  double[] gram(int r) {
    return Arrays.copyOfRange(grams, r * q * q, (r + 1) * q * q);
  }

  /** Everything of Theorem 3.1 for a repetition. */
  Local local(int r) {
    int at = r * q * q;
    ends1.of(grams, at, q);
    ends2.of(grams, at + n * q + n, q);
    endsOfProduct.of(square(at + n), 0, Math.min(n, m));
    return local(
        r,
        ends1.min() + ends2.min(),
        ends1.max() + ends2.max(),
        Math.sqrt(Math.max(0, endsOfProduct.min())),
        Math.sqrt(endsOfProduct.max()));
  }

  /**
   * {@code W W^T} or {@code W^T W}, whichever is smaller, of the W that starts in a Gram matrix.
   */
  private double[] square(int at) {
    int least = Math.min(n, m);
    int row = n < m ? q : 1;
    int col = n < m ? 1 : q;
    for (int i = 0; i < least; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = 0;
        for (int k = 0; k < Math.max(n, m); k++) {
          sum += grams[at + i * row + k * col] * grams[at + j * row + k * col];
        }
        squared[i * least + j] = sum;
        squared[j * least + i] = sum;
      }
    }
    return squared;
  }

  /** Theorem 3.1 without what takes an eigenproblem. */
  Local localWithoutSpectra(int r) {
    return local(r, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
  }

  private Local local(int r, double sigmaMin2, double sigmaMax2, double wMin, double wMax) {
    Problem problem = problems.get(r);
    return new Local(
        problem.smoothness(),
        problem.convexity(),
        loss(r),
        outerGradient(r),
        squaredGradient(r),
        sigmaMin2,
        sigmaMax2,
        wMin,
        wMax);
  }

  /** {@code D = W_1^T W_1 - W_2^T W_2} of all repetitions, {@code [R x width x width]}. */
  double[] imbalances() {
    int step = q * width;
    int square = width * width;
    if (imbalance == null) {
      imbalance = device.allocate(DType.F64, (long) reps * square);
    }
    Matrix d = Matrix.of(imbalance, width, width);
    multiply(1, weights.first.t(), step, weights.first, step, 0, d, square);
    multiply(-1, weights.second.t(), step, weights.second, step, 1, d, square);
    return imbalance.toArray();
  }

  /** One step of gradient descent from what {@link #gradient()} found, eta of each repetition. */
  void step(double[] eta) {
    double[] negative = new double[reps * n];
    for (int r = 0; r < reps; r++) {
      Arrays.fill(negative, r * n, (r + 1) * n, -eta[r]);
      for (int i = r * n * m; i < (r + 1) * n * m; i++) {
        deviation[i] += eta[r] * (eta[r] * deviation2[i] - deviation1[i]);
      }
    }
    for (int r = 0; r < reps; r++) {
      rescale(r);
    }
    e.buffer().set(deviation);
    steps.set(negative);
    int step = q * width;
    kernels.copy(weights.buffer, next.buffer);
    kernels.scaleRows(
        1, Matrix.of(g.buffer(), reps * n, m), steps, 0, Matrix.of(g.buffer(), reps * n, m));
    multiply(1, g, n * m, weights.second, step, 1, next.first, step);
    multiply(1, g.t(), n * m, weights.first, step, 1, next.second, step);
    Stack held = weights;
    weights = next;
    next = held;
  }

  private void rescale(int r) {
    double largest = 0;
    for (int i = r * n * m; i < (r + 1) * n * m; i++) {
      largest = Math.max(largest, Math.abs(deviation[i]));
    }
    rescaled[r] = largest < TINY && largest > 0;
    if (rescaled[r]) {
      scales[r] += LIFT;
      for (int i = r * n * m; i < (r + 1) * n * m; i++) {
        deviation[i] = Math.scalb(deviation[i], LIFT);
      }
    }
  }

  /** What the last step's scaling multiplied a repetition's loss by; 1 nearly always. */
  double lift(int r) {
    return rescaled[r] ? Math.scalb(1.0, 2 * LIFT) : 1;
  }

  /** {@code log10} of what a repetition's loss is to be multiplied by; 0 without scaling. */
  double logScale(int r) {
    return scales[r] == 0 ? 0 : -2 * scales[r] * Math.log10(2);
  }

  @Override
  public void close() {
    room.close();
    if (imbalance != null) {
      imbalance.close();
    }
  }
}
