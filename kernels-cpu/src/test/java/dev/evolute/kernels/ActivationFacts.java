package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.evolute.kernels.Activation.Kind;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;

/**
 * Functions of one argument and their derivatives, against {@link Exact}: values within 2 ulp,
 * first derivatives within 6 and second within 16, of the largest of the terms they are a sum of.
 */
interface ActivationFacts {
  /** Ulps allowed to value, first and second derivative. */
  double[] BOUNDS = {2, 6, 16};

  private static Activation[] all() {
    return Arrays.stream(Kind.values())
        .map(kind -> new Activation(kind, kind == Kind.LEAKY_RELU ? -0.5 : 0))
        .toArray(Activation[]::new);
  }

  /** Value, first and second derivative at z. */
  private static double[][] evaluate(Workspace w, Activation f, double... z) {
    w.start(z.length);
    double[] nan = new double[z.length];
    Arrays.fill(nan, Double.NaN);
    Buffer at = w.vector(z);
    Buffer[] out = {w.vector(nan), w.vector(nan), w.vector(nan)};
    w.kernels.activation(f, at, out[0], out[1], out[2]);
    w.nothingChangedBut(w + " " + f, (Object[]) out);
    return new double[][] {out[0].toArray(), out[1].toArray(), out[2].toArray()};
  }

  private static void assertExact(Workspace w, Activation f, double[] z, double[][] actual) {
    for (int i = 0; i < z.length; i++) {
      for (int order = 0; order < 3; order++) {
        assertExact(w.dtype, f, order, z[i], actual[order][i]);
      }
    }
  }

  /** At any number but infinity. */
  static void assertExact(DType type, Activation f, int order, double z, double actual) {
    String what = type + " " + f + ", derivative " + order + " at z = " + z;
    if (Double.isNaN(z) && f.piecewiseLinear() && order > 0) {
      return;
    }
    double special = special(f, order, z);
    if (Double.isNaN(z) || special != 1234) {
      double expected = type == DType.F32 ? (float) special : special;
      assertEquals(Double.isNaN(z) ? z : expected + 0.0, actual + 0.0, what);
      return;
    }
    double ulps = Exact.ulps(f, order, z, actual, type);
    if (!(ulps <= BOUNDS[order])) {
      fail(what + " is " + actual + ", off by " + ulps + " ulp");
    }
  }

  /** What the piecewise linear functions are, and the others outside their domain, else 1234. */
  private static double special(Activation f, int order, double z) {
    double edge = f.kind() == Kind.LOG1P ? -1 : 0;
    boolean outside = z < edge;
    boolean atEdge = z == edge;
    double pole = Double.POSITIVE_INFINITY;
    return switch (f.kind()) {
      case IDENTITY -> order == 0 ? z : order == 1 ? 1 : 0;
      case RELU -> order == 0 ? Math.max(z, 0) : order == 1 && z > 0 ? 1 : 0;
      case LEAKY_RELU -> {
        double slope = z > 0 ? 1 : f.slope();
        yield order == 0 ? slope * z : order == 1 ? slope : 0;
      }
      case LOG, LOG1P -> outside ? Double.NaN : atEdge ? (order == 1 ? pole : -pole) : 1234;
      case SQRT ->
          outside ? Double.NaN : atEdge ? (order == 0 ? z : order == 1 ? pole : -pole) : 1234;
      case RECIPROCAL -> atEdge ? (order == 1 ? -pole : 1 / z) : 1234;
      default -> 1234;
    };
  }

  /** A fine grid over all curved parts, and magnitudes from the smallest to far outside. */
  private static double[] points(Workspace w) {
    double step = w.brief ? 0.173 : 0.0173;
    double[] grid = DoubleStream.iterate(-45, z -> z <= 45, z -> z + step).toArray();
    double[] sizes = {
      0,
      1e-300,
      1e-45,
      1e-38,
      1e-20,
      1e-9,
      1e-5,
      1e-3,
      0.1,
      0.5,
      1,
      Math.sqrt(2),
      3,
      5,
      8,
      10,
      13,
      17,
      37,
      39,
      50,
      87,
      88,
      89,
      100,
      104,
      500,
      700,
      708,
      709.5,
      710,
      745,
      746,
      1e3,
      1e4
    };
    return DoubleStream.concat(
            DoubleStream.of(grid), DoubleStream.of(sizes).flatMap(z -> DoubleStream.of(z, -z)))
        .map(w::round)
        .toArray();
  }

  @EveryWorkspace
  default void activationsMatchTheirFormulas(Workspace w) {
    for (Activation f : all()) {
      double[] z = points(w);
      assertExact(w, f, z, evaluate(w, f, z));
    }
  }

  @EveryWorkspace
  default void activationsAreTheSameAtEveryLength(Workspace w) {
    for (Activation f : all()) {
      w.start(1);
      double[] period = Naive.scaled(2, w.gaussians(977));
      double[][] expected = evaluate(w, f, period);
      assertExact(w, f, period, expected);
      for (int n : w.lengths(VectorFacts.lengths())) {
        double[] z = new double[n];
        Arrays.setAll(z, i -> period[i % 977]);
        double[][] actual = evaluate(w, f, z);
        for (int order = 0; order < 3; order++) {
          for (int i = 0; i < n; i++) {
            assertEquals(expected[order][i % 977], actual[order][i], w + " " + f);
          }
        }
      }
    }
  }

  /** Numbers of any size, denormal ones among them, and around every threshold. */
  @EveryWorkspace
  default void activationsAreExactToTwoUlpOverTheWholeRange(Workspace w) {
    Random random = new Random(7);
    double[] z = new double[w.cases(4000)];
    for (int i = 0; i < z.length; i++) {
      z[i] = anyNumber(w.dtype, random);
    }
    for (Activation f : all()) {
      assertExact(w, f, z, evaluate(w, f, z));
    }
  }

  /** The number, or 1 where the function is not defined or has a pole. */
  static double inside(Activation f, double z) {
    return Double.isNaN(z) || special(f, 0, z) != 1234 ? 1 : z;
  }

  /** One in four of any bits; the others where the functions curve, to where they vanish. */
  static double anyNumber(DType type, Random random) {
    boolean wide = random.nextInt(4) == 0;
    double spread = type == DType.F32 ? 110 : 760;
    double x =
        wide
            ? (type == DType.F32
                ? Float.intBitsToFloat(random.nextInt())
                : Double.longBitsToDouble(random.nextLong()))
            : Math.pow(random.nextDouble(), 4) * spread * (random.nextBoolean() ? 1 : -1);
    double rounded = type == DType.F32 ? (float) x : x;
    return Double.isInfinite(rounded) ? 0 : rounded;
  }

  /** Squares of these overflow, the activations do not. */
  @EveryWorkspace
  default void activationsOfHugeArgumentsReachTheirLimits(Workspace w) {
    double[] z =
        w.dtype == DType.F32
            ? new double[] {1e20, -1e20, 1e30, -1e30}
            : new double[] {1e20, -1e20, 1e30, -1e30, 1e200, -1e200};
    for (Activation f : all()) {
      double[] rounded = Arrays.stream(z).map(w::round).toArray();
      assertExact(w, f, rounded, evaluate(w, f, rounded));
    }
  }

  @EveryWorkspace
  default void activationsOfInfinityAreTheirLimits(Workspace w) {
    double inf = Double.POSITIVE_INFINITY;
    double nan = Double.NaN;
    for (Activation f : all()) {
      double[][] limits =
          switch (f.kind()) {
            case IDENTITY -> new double[][] {{inf, 1, 0}, {-inf, 1, 0}};
            case LEAKY_RELU -> new double[][] {{inf, 1, 0}, {inf, -0.5, 0}};
            case TANH, ERF -> new double[][] {{1, 0, 0}, {-1, 0, 0}};
            case SIGMOID -> new double[][] {{1, 0, 0}, {0, 0, 0}};
            case RELU, SOFTPLUS, GELU, GELU_TANH, SILU -> new double[][] {{inf, 1, 0}, {0, 0, 0}};
            case EXP -> new double[][] {{inf, inf, inf}, {0, 0, 0}};
            case EXPM1 -> new double[][] {{inf, inf, inf}, {-1, 0, 0}};
            case LOG, LOG1P, SQRT -> new double[][] {{inf, 0, 0}, {nan, nan, nan}};
            case RECIPROCAL -> new double[][] {{0, 0, 0}, {0, 0, 0}};
          };
      double[][] actual = evaluate(w, f, inf, -inf);
      for (int order = 0; order < 3; order++) {
        assertEquals(limits[0][order], actual[order][0] + 0.0, w + " " + f);
        assertEquals(limits[1][order], actual[order][1] + 0.0, w + " " + f);
      }
    }
  }

  @EveryWorkspace
  default void activationsThatVanishAtZeroKeepItsSign(Workspace w) {
    for (Kind kind :
        new Kind[] {
          Kind.TANH,
          Kind.GELU,
          Kind.GELU_TANH,
          Kind.SILU,
          Kind.EXPM1,
          Kind.LOG1P,
          Kind.ERF,
          Kind.SQRT
        }) {
      double[] zeros = evaluate(w, new Activation(kind, 0), 0.0, -0.0)[0];
      assertArrayEquals(new double[] {0.0, -0.0}, zeros, w + " " + kind);
    }
  }

  /** A diverged network must not look healthy behind its activation. */
  @EveryWorkspace
  default void activationsCarryNan(Workspace w) {
    for (Activation f : all()) {
      for (int n : new int[] {1, 5, 8, 31, 64}) {
        w.start(n);
        double[] z = w.gaussians(n);
        z[n - 1] = Double.NaN;
        z[n / 2] = Double.NaN;
        double[][] actual = evaluate(w, f, z);
        assertEquals(Double.NaN, actual[0][n - 1], w + " " + f);
        assertEquals(Double.NaN, actual[0][n / 2], w + " " + f);
        if (!f.piecewiseLinear()) {
          assertEquals(Double.NaN, actual[1][n - 1], w + " " + f);
          assertEquals(Double.NaN, actual[2][n - 1], w + " " + f);
        }
      }
    }
  }

  @EveryWorkspace
  default void kinksHaveTheDerivativeOfTheirLeftSide(Workspace w) {
    double[][] relu = evaluate(w, Activation.RELU, 0.0, -0.0);
    assertArrayEquals(new double[] {0, 0}, relu[1]);
    double[][] leaky = evaluate(w, Activation.leakyRelu(0.25), 0.0, -0.0);
    assertArrayEquals(new double[] {0.25, 0.25}, leaky[1]);
  }

  @EveryWorkspace
  default void valueMayReplaceItsArgument(Workspace w) {
    for (Activation f : all()) {
      for (int n : w.lengths(new int[] {0, 1, 7, 8, 33, 70, 150_001})) {
        w.start(n);
        double[] z = w.gaussians(n);
        Buffer buffer = w.vector(z);
        w.kernels.activation(f, buffer, buffer, null, null);
        double[] actual = buffer.toArray();
        for (int i = 0; i < n; i += n > 100 ? 101 : 1) {
          assertExact(w.dtype, f, 0, z[i], actual[i]);
        }
        w.nothingChangedBut(w + " " + f, buffer);
      }
    }
  }

  @EveryWorkspace
  default void activationWritesOnlyTheOutputsGiven(Workspace w) {
    for (Activation f : all()) {
      for (int given = 0; given < 8; given++) {
        w.start(given);
        double[] z = w.gaussians(71);
        double[][] full = evaluate(w, f, z);
        w.start(given);
        Buffer at = w.vector(z);
        Buffer[] out = new Buffer[3];
        for (int order = 0; order < 3; order++) {
          out[order] = (given & 1 << order) == 0 ? null : w.vector(new double[71]);
        }
        w.kernels.activation(f, at, out[0], out[1], out[2]);
        w.nothingChangedBut(w + " " + f, (Object[]) out);
        for (int order = 0; order < 3; order++) {
          if (out[order] != null) {
            assertArrayEquals(
                full[order], out[order].toArray(), w + " " + f + ", outputs " + given);
          }
        }
      }
    }
  }

  @EveryWorkspace
  default void biasActivationIsActivationOfTheSum(Workspace w) {
    for (Activation f : all()) {
      for (int[] shape : new int[][] {{0, 3}, {1, 1}, {7, 10}, {3, 700}, {2, 33}, {300, 16}}) {
        int n = shape[0];
        int d = shape[1];
        for (int given = 1; given < 8; given += 2) {
          w.start(n + d + given);
          double[] z = w.gaussians(n * d);
          double[] row = w.gaussians(d);
          double[] sum = new double[n * d];
          Arrays.setAll(sum, i -> w.round(z[i] + row[i % d]));
          double[][] expected = evaluate(w, f, sum);
          w.start(n + d);
          Matrix at = w.dense(n, d, z);
          Buffer bias = w.vector(row);
          Matrix[] out = new Matrix[3];
          for (int order = 0; order < 3; order++) {
            out[order] = (given & 1 << order) == 0 ? null : w.dense(n, d, new double[n * d]);
          }
          w.kernels.biasActivation(f, at, bias, out[0], out[1], out[2]);
          w.nothingChangedBut(w + " " + f, (Object[]) out);
          for (int order = 0; order < 3; order++) {
            if (out[order] != null) {
              assertArrayEquals(expected[order], Workspace.values(out[order]), w + " " + f);
            }
          }
        }
      }
    }
  }

  /** {@code y = f'(z) u + beta y}, and its derivative along (dz, du). */
  @EveryWorkspace
  default void activationProductsMatchTheirFormulas(Workspace w) {
    for (Activation f : all()) {
      for (int n : new int[] {0, 1, 15, 64, 600, 1031}) {
        w.start(n);
        double[] z = Arrays.stream(w.gaussians(n)).map(Math::abs).toArray();
        double[] u = w.gaussians(n);
        double[] dz = w.gaussians(n);
        double[] du = w.gaussians(n);
        double[] y = w.gaussians(n);
        double[][] d = evaluate(w, f, z);
        for (double beta : new double[] {0, 1, w.round(-0.7)}) {
          w.start(n);
          double[] before = beta == 0 ? Naive.scaled(Double.NaN, y) : y;
          Buffer[] in = {w.vector(z), w.vector(u), w.vector(dz), w.vector(du)};
          Buffer product = w.vector(before);
          Buffer tangent = w.vector(before);
          w.kernels.activationProduct(f, in[0], in[1], beta, product);
          w.kernels.activationProductTangent(f, in[0], in[1], in[2], in[3], beta, tangent);
          w.nothingChangedBut(w + " " + f, product, tangent);
          for (int i = 0; i < n; i++) {
            double old = beta == 0 ? 0 : beta * y[i];
            double a = d[1][i] * u[i];
            double b = d[1][i] * du[i];
            double c = d[2][i] * dz[i] * u[i];
            double sizes = Math.abs(a) + Math.abs(b) + Math.abs(c) + Math.abs(old);
            String what = w + " " + f + " beta " + beta;
            Naive.assertClose(what, i, a + old, product.toArray()[i], 4 * w.eps * sizes);
            Naive.assertClose(what, i, b + c + old, tangent.toArray()[i], 6 * w.eps * sizes);
          }
        }
      }
    }
  }
}
