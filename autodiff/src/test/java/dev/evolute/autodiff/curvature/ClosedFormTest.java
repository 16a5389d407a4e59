package dev.evolute.autodiff.curvature;

import static dev.evolute.autodiff.Dense.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.Eigenvalues;
import dev.evolute.autodiff.Network;
import dev.evolute.autodiff.Recording;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hessians that can be written down. */
class ClosedFormTest {
  private static final Device CPU = Device.open("cpu", 1);
  private static final int N = 40;

  private static double[][] hessian(Network network) {
    try (Program program = network.curvature(CPU)) {
      return Dense.materialise(Point.of(program).hessian());
    }
  }

  private static double[][] gaussNewton(Network network) {
    try (Program program = network.curvature(CPU)) {
      return Dense.materialise(Point.of(program).gaussNewton());
    }
  }

  private static double[] gradient(Network network) {
    try (Program program = network.curvature(CPU)) {
      return Point.of(program).gradient().toArray();
    }
  }

  /** {@code diag(a, a, ...)}: one block an output. */
  private static double[][] blocks(double[][] a, int count) {
    int d = a.length;
    double[][] all = new double[d * count][d * count];
    for (int block = 0; block < count; block++) {
      for (int i = 0; i < d; i++) {
        System.arraycopy(a[i], 0, all[block * d + i], block * d, d);
      }
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "0.5, 1", "0.025, 4"})
  void leastSquaresHasTheHessianOfItsData(double scale, int outputs) {
    Recording r = new Recording(1);
    double[] x = r.normal(N * 7, 1);
    r.squaredError(scale, r.layer(r.data(N, 7, x), r.parameter(outputs, 7)));
    double[][] rows = Dense.rows(x, N, 7);
    double[][] gram = Dense.times(Dense.transpose(rows), rows);
    double[][] expected = blocks(Dense.combine(2 * scale, gram, 0, gram), outputs);
    assertClose(expected, hessian(r.done("least squares")), 1e-10, "2 scale X^T X");
  }

  @Test
  void lossFactorsAreThoseOfTheirNames() {
    assertEquals(1, SquaredError.sum().scale());
    assertEquals(0.5, SquaredError.halfSum().scale());
    assertEquals(0.25, SquaredError.mean(4).scale());
    assertEquals(0.25, SoftmaxCrossEntropy.mean(4).scale());
  }

  @Test
  void logisticRegressionHasTheHessianOfTheSigmoid() {
    Recording r = new Recording(2);
    double[] x = r.normal(N * 5, 1);
    double[] w = r.normal(2 * 5, 0.5);
    Value z = r.layer(r.data(N, 5, x), r.parameter(2, 5, w));
    r.graph.loss(SoftmaxCrossEntropy.mean(N), z, r.labels(N, 2));
    double[][] expected = new double[10][10];
    for (int i = 0; i < N; i++) {
      double margin = 0;
      for (int k = 0; k < 5; k++) {
        margin += x[i * 5 + k] * (w[k] - w[5 + k]);
      }
      double s = 1 / (1 + Math.exp(-margin));
      for (int a = 0; a < 10; a++) {
        for (int b = 0; b < 10; b++) {
          double sign = a / 5 == b / 5 ? 1 : -1;
          expected[a][b] += sign * s * (1 - s) * x[i * 5 + a % 5] * x[i * 5 + b % 5] / N;
        }
      }
    }
    assertClose(expected, hessian(r.done("logistic regression")), 1e-10, "Hessian");
  }

  @Test
  void softmaxRegressionHasItsTextbookGradientAndHessian() {
    int d = 4;
    int c = 5;
    Recording r = new Recording(3);
    double[] x = r.normal(N * d, 1);
    double[] w = r.normal(c * d, 0.7);
    Value labels = r.distributions(N, c);
    r.graph.loss(
        SoftmaxCrossEntropy.mean(N), r.layer(r.data(N, d, x), r.parameter(c, d, w)), labels);
    Network network = r.done("softmax regression");
    double[] y = network.data().get(labels);
    double[] g = new double[c * d];
    double[][] h = new double[c * d][c * d];
    for (int i = 0; i < N; i++) {
      double[] p = new double[c];
      for (int j = 0; j < c; j++) {
        for (int k = 0; k < d; k++) {
          p[j] += w[j * d + k] * x[i * d + k];
        }
        p[j] = Math.exp(p[j]);
      }
      double sum = Arrays.stream(p).sum();
      for (int j = 0; j < c; j++) {
        p[j] /= sum;
      }
      for (int a = 0; a < c * d; a++) {
        g[a] += (p[a / d] - y[i * c + a / d]) * x[i * d + a % d] / N;
        for (int b = 0; b < c * d; b++) {
          double inner = (a / d == b / d ? p[a / d] : 0) - p[a / d] * p[b / d];
          h[a][b] += inner * x[i * d + a % d] * x[i * d + b % d] / N;
        }
      }
    }
    assertClose(g, gradient(network), 1e-10, "gradient");
    assertClose(h, hessian(network), 1e-10, "Hessian");
  }

  private static Network chain(double y, double... w) {
    Recording r = new Recording(4);
    Value product = r.data(1, 1, 1.0);
    for (double weight : w) {
      product = r.layer(product, r.parameter(1, 1, weight));
    }
    r.graph.loss(SquaredError.halfSum(), product, r.data(1, 1, y));
    return r.done("scalar chain");
  }

  @ParameterizedTest
  @CsvSource({"0, -1, -1, 5", "1, 0, 0, 3", "2, 1, 1, 1", "3, -1, 2, 2"})
  void scalarChainOfOnesHasItsEigenvalues(double y, double first, double second, double third) {
    double[] eigenvalues = Eigenvalues.of(hessian(chain(y, 1, 1, 1)));
    assertArrayEquals(new double[] {first, second, third}, eigenvalues, 1e-10);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 6})
  void scalarChainHasItsClosedForm(int n) {
    Random random = new Random(n);
    double[] w = random.doubles(n, 0.5, 1.5).toArray();
    double y = random.nextGaussian();
    double product = Arrays.stream(w).reduce(1, (a, b) -> a * b);
    double[] g = new double[n];
    double[][] h = new double[n][n];
    for (int j = 0; j < n; j++) {
      g[j] = (product - y) * product / w[j];
      for (int k = 0; k < n; k++) {
        double factor = j == k ? product : 2 * product - y;
        h[j][k] = factor * product / (w[j] * w[k]);
      }
    }
    assertClose(g, gradient(chain(y, w)), 1e-10, "gradient");
    assertClose(h, hessian(chain(y, w)), 1e-10, "Hessian");
  }

  @ParameterizedTest
  @CsvSource({"3, 2.5, -2", "4, 0.75, 2"})
  void equalWeightsSplitTheSpectrumOfAChain(int n, double y, double w) {
    double[] weights = new double[n];
    Arrays.fill(weights, w);
    double p = Math.pow(w, n);
    double single = p * p / (w * w) + (n - 1) * (2 * p - y) * p / (w * w);
    double[] expected = new double[n];
    Arrays.fill(expected, (y - p) * p / (w * w));
    expected[0] = single;
    Arrays.sort(expected);
    assertArrayEquals(
        expected, Eigenvalues.of(hessian(chain(y, weights))), 1e-10 * Math.abs(single));
  }

  @Test
  void zeroWeightsOfThreeLayersHaveNoCurvature() {
    assertArrayEquals(new double[9], Dense.flat(hessian(chain(2, 0, 0, 0))));
  }

  @Test
  void zeroWeightsOfTwoLayersHaveTheTargetAsCurvature() {
    assertArrayEquals(new double[] {-2.5, 2.5}, Eigenvalues.of(hessian(chain(2.5, 0, 0))), 1e-12);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void rescalingTwoLayersKeepsTheLossAndRescalesTheHessian(boolean relu) {
    double c = 3;
    double[][] d = new double[30][30];
    for (int i = 0; i < 30; i++) {
      d[i][i] = i < 20 ? c : 1 / c;
    }
    Network plain = twoLayers(relu, 1, 1);
    Network scaled = twoLayers(relu, c, 1 / c);
    assertEquals(plain.reference().loss(), scaled.reference().loss(), 1e-12);
    double[][] h = hessian(scaled);
    assertClose(hessian(plain), Dense.times(d, Dense.times(h, d)), 1e-10, "D H(D theta) D");
  }

  private static Network twoLayers(boolean relu, double first, double second) {
    Recording r = new Recording(5);
    double[] w1 = r.normal(20, first);
    double[] w2 = r.normal(10, second);
    Value a = r.layer(r.data(6, 4), r.parameter(5, 4, w1));
    r.crossEntropy(r.layer(relu ? r.activate(Activation.RELU, a) : a, r.parameter(2, 5, w2)));
    return r.done("two layers");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gaussNewtonIsTheHessianOfModelsLinearInTheirParameters(boolean entropy) {
    Recording r = new Recording(6);
    Value z = r.bias(r.layer(r.activate(Activation.TANH, r.data(N, 5)), r.parameter(3, 5)));
    if (entropy) {
      r.crossEntropy(z);
    } else {
      r.squaredError(0.5, z);
    }
    Network network = r.done("linear model");
    assertClose(hessian(network), gaussNewton(network), 1e-12, "Gauss-Newton matrix");
  }

  @Test
  void gaussNewtonIsNotTheHessianOfADeepModel() {
    double[][] g = gaussNewton(chain(0, 1, 1, 1));
    assertArrayEquals(new double[] {1, 1, 1, 1, 1, 1, 1, 1, 1}, Dense.flat(g), 1e-12);
  }

  /** Paper 002, equation (12), and its gradient, for phi = mean squared error or cross-entropy. */
  @ParameterizedTest
  @CsvSource({"2, false", "3, false", "5, false", "3, true"})
  void deepLinearNetworkHasEquation12(int n, boolean entropy) {
    int[] widths = {5, 4, 6, 3, 4, 3};
    widths[n] = 3;
    widths = Arrays.copyOf(widths, n + 1);
    FullyConnected model = FullyConnected.of(Activation.IDENTITY, widths);
    Recording r = new Recording(7 + n);
    Graph graph = r.graph;
    double[] x = r.normal(N * 5, 1);
    Value input = r.data(N, 5, x);
    Value targets = entropy ? r.distributions(N, 3) : r.data(N, 3);
    Value z = model.record(graph, input);
    graph.loss(entropy ? SoftmaxCrossEntropy.mean(N) : SquaredError.mean(N), z, targets);
    Map<Value, double[]> data = r.done("").data();
    double[] theta = r.normal((int) model.size(), 0.6);
    Network network = new Network("deep linear", graph, data, theta, true);
    double[] u = r.normal(theta.length, 1);
    double[][][] w = split(theta, widths);
    double[][][] v = split(u, widths);
    double[][] d1 = null;
    double[][] d2 = new double[widths[n]][widths[0]];
    for (int j = 0; j < n; j++) {
      double[][] term = Dense.times(chain(w, j + 1, n), Dense.times(v[j], chain(w, 0, j)));
      d1 = d1 == null ? term : Dense.combine(1, d1, 1, term);
      for (int k = j + 1; k < n; k++) {
        double[][] inner = Dense.times(chain(w, j + 1, k), Dense.times(v[j], chain(w, 0, j)));
        term = Dense.times(chain(w, k + 1, n), Dense.times(v[k], inner));
        d2 = Dense.combine(1, d2, 1, term);
      }
    }
    double[][] columns = Dense.transpose(Dense.rows(x, N, 5));
    double[][] y = Dense.transpose(Dense.rows(data.get(targets), N, 3));
    double[][] out = Dense.times(chain(w, 0, n), columns);
    double[][] tangent = Dense.times(d1, columns);
    double[][] residual =
        entropy
            ? Dense.combine(1.0 / N, softmax(out), -1.0 / N, y)
            : Dense.combine(2.0 / N, out, -2.0 / N, y);
    double[][] curved =
        entropy
            ? Dense.combine(1.0 / N, softmaxTangent(softmax(out), tangent), 0, tangent)
            : Dense.combine(2.0 / N, tangent, 0, tangent);
    double[][] gradientOfPhi = Dense.times(residual, Dense.transpose(columns));
    double expected = Dense.dot(tangent, curved) + 2 * Dense.dot(gradientOfPhi, d2);
    try (Program program = network.curvature(CPU)) {
      Point point = Point.of(program);
      double form = Dense.dot(u, Dense.apply(point.hessian(), u));
      assertEquals(expected, form, 1e-10 * Math.abs(expected));
      double[][][] g = split(point.gradient().toArray(), widths);
      for (int j = 0; j < n; j++) {
        double[][] left = Dense.transpose(chain(w, j + 1, n));
        double[][] right = Dense.transpose(chain(w, 0, j));
        assertClose(
            Dense.times(left, Dense.times(gradientOfPhi, right)), g[j], 1e-10, "gradient " + j);
      }
    }
  }

  /** {@code W_to ... W_{from+1}}, the identity where there is none. */
  private static double[][] chain(double[][][] w, int from, int to) {
    int size = from < w.length ? w[from][0].length : w[from - 1].length;
    double[][] product = new double[size][size];
    for (int i = 0; i < size; i++) {
      product[i][i] = 1;
    }
    for (int j = from; j < to; j++) {
      product = Dense.times(w[j], product);
    }
    return product;
  }

  private static double[][][] split(double[] theta, int... widths) {
    double[][][] w = new double[widths.length - 1][][];
    int at = 0;
    for (int j = 0; j < w.length; j++) {
      int size = widths[j + 1] * widths[j];
      w[j] = Dense.rows(Arrays.copyOfRange(theta, at, at + size), widths[j + 1], widths[j]);
      at += size;
    }
    return w;
  }

  /** Column by column. */
  private static double[][] softmax(double[][] z) {
    double[][] p = new double[z.length][z[0].length];
    for (int i = 0; i < z[0].length; i++) {
      double sum = 0;
      for (double[] row : z) {
        sum += Math.exp(row[i]);
      }
      for (int j = 0; j < z.length; j++) {
        p[j][i] = Math.exp(z[j][i]) / sum;
      }
    }
    return p;
  }

  private static double[][] softmaxTangent(double[][] p, double[][] u) {
    double[][] out = new double[p.length][p[0].length];
    for (int i = 0; i < p[0].length; i++) {
      double inner = 0;
      for (int j = 0; j < p.length; j++) {
        inner += p[j][i] * u[j][i];
      }
      for (int j = 0; j < p.length; j++) {
        out[j][i] = p[j][i] * (u[j][i] - inner);
      }
    }
    return out;
  }

  /**
   * Paper 000, section on two-layer networks: gradient and product for the sum of squares and for
   * cross-entropy, both with penalties, samples in columns as printed there. The tangent of softmax
   * is the full one: its diagonal alone, as printed, is that of a sigmoid.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void twoLayerNetworkHasItsPrintedFormulas(boolean entropy) {
    int d = 4;
    int m = 6;
    int c = 3;
    double lambda1 = 0.3;
    double lambda2 = 0.8;
    Recording r = new Recording(11);
    double[] samples = r.normal(N * d, 1);
    Value targets = r.distributions(N, c);
    double[][] y = Dense.transpose(Dense.rows(r.done("").data().get(targets), N, c));
    double[][] x = Dense.transpose(Dense.rows(samples, N, d));
    double[] inner = r.normal(m * d, 0.5);
    double[] outer = r.normal(c * m, 0.5);
    Value w2 = r.parameter(m, d, inner);
    Value w1 = r.parameter(c, m, outer);
    Value z = r.layer(r.activate(Activation.TANH, r.layer(r.data(N, d, samples), w2)), w1);
    r.graph.loss(entropy ? new SoftmaxCrossEntropy(1) : SquaredError.sum(), z, targets);
    r.penalty(lambda1, w1);
    r.penalty(lambda2, w2);
    double[] u = r.normal(m * d + c * m, 1);
    double[][] v2 = Dense.rows(u, m, d);
    double[][] v1 = Dense.rows(Arrays.copyOfRange(u, m * d, u.length), c, m);
    double[][] weights2 = Dense.rows(inner, m, d);
    double[][] weights1 = Dense.rows(outer, c, m);

    double[][] a = Dense.times(weights2, x);
    double[][] ad = Dense.times(v2, x);
    double[][] phi = map(a, Math::tanh);
    double[][] first = map(a, s -> 1 - Math.tanh(s) * Math.tanh(s));
    double[][] second = map(a, s -> -2 * Math.tanh(s) * (1 - Math.tanh(s) * Math.tanh(s)));
    double[][] phid = hadamard(first, ad);
    double[][] out = Dense.times(weights1, phi);
    double[][] outd = Dense.combine(1, Dense.times(v1, phi), 1, Dense.times(weights1, phid));
    double[][] residual = Dense.combine(1, entropy ? softmax(out) : out, -1, y);
    double[][] rd = entropy ? softmaxTangent(softmax(out), outd) : outd;
    double two = entropy ? 1 : 2;
    double[][] s = Dense.times(Dense.transpose(weights1), residual);
    double[][] sd =
        Dense.combine(
            1,
            Dense.times(Dense.transpose(v1), residual),
            1,
            Dense.times(Dense.transpose(weights1), rd));
    double[][] xt = Dense.transpose(x);
    double[][] g1 =
        Dense.combine(two, Dense.times(residual, Dense.transpose(phi)), lambda1, weights1);
    double[][] g2 = Dense.combine(two, Dense.times(hadamard(s, first), xt), lambda2, weights2);
    double[][] h1 =
        Dense.combine(
            1,
            Dense.times(rd, Dense.transpose(phi)),
            1,
            Dense.times(residual, Dense.transpose(phid)));
    h1 = Dense.combine(two, h1, lambda1, v1);
    double[][] curved = Dense.combine(1, hadamard(sd, first), 1, hadamard(s, hadamard(second, ad)));
    double[][] h2 = Dense.combine(two, Dense.times(curved, xt), lambda2, v2);

    try (Program program = r.done("two layers").curvature(CPU)) {
      Point point = Point.of(program);
      assertClose(concat(g2, g1), point.gradient().toArray(), 1e-10, "gradient");
      assertClose(concat(h2, h1), Dense.apply(point.hessian(), u), 1e-10, "H u");
    }
  }

  private static double[] concat(double[][] a, double[][] b) {
    return DoubleStream.concat(Arrays.stream(Dense.flat(a)), Arrays.stream(Dense.flat(b)))
        .toArray();
  }

  private static double[][] map(double[][] a, DoubleUnaryOperator f) {
    return Arrays.stream(a)
        .map(row -> Arrays.stream(row).map(f).toArray())
        .toArray(double[][]::new);
  }

  private static double[][] hadamard(double[][] a, double[][] b) {
    double[][] c = new double[a.length][a[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[0].length; j++) {
        c[i][j] = a[i][j] * b[i][j];
      }
    }
    return c;
  }
}
