package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * Activations and their derivatives. A result may differ from the exact one by {@code 1e-13 |exact|
 * + 1e-14} in f64 and {@code 1e-5 |exact| + 2e-6} in f32: some ulps, and the ulps that {@code 1 -
 * tanh^2} and the like lose where they vanish.
 */
interface ActivationFacts {
  private static Activation[] all() {
    return new Activation[] {
      Activation.IDENTITY,
      Activation.RELU,
      Activation.leakyRelu(0.01),
      Activation.leakyRelu(-0.5),
      Activation.TANH,
      Activation.SIGMOID,
      Activation.SOFTPLUS,
      Activation.GELU,
      Activation.SILU
    };
  }

  private static double bound(Workspace w, double expected) {
    return w.dtype == DType.F32
        ? 1e-5 * Math.abs(expected) + 2e-6
        : 1e-13 * Math.abs(expected) + 1e-14;
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
      double[] expected = {Naive.value(f, z[i]), Naive.first(f, z[i]), Naive.second(f, z[i])};
      for (int order = 0; order < 3; order++) {
        String what = w + " " + f + ", derivative " + order + " at z = " + z[i];
        Naive.assertClose(what, i, expected[order], actual[order][i], bound(w, expected[order]));
      }
    }
  }

  /** A fine grid over all curved parts, and magnitudes from the smallest to far outside. */
  private static double[] points(Workspace w) {
    double[] grid = DoubleStream.iterate(-45, z -> z <= 45, z -> z + 0.0173).toArray();
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
  default void activationsMatchTheirFormulasAtEveryLength(Workspace w) {
    for (Activation f : all()) {
      w.start(1);
      double[] period = Naive.scaled(2, w.gaussians(977));
      for (int n : VectorFacts.lengths()) {
        double[] z = new double[n];
        Arrays.setAll(z, i -> period[i % 977]);
        double[][] actual = evaluate(w, f, z);
        assertExact(w, f, Arrays.copyOf(z, Math.min(n, 977)), actual);
        for (double[] order : actual) {
          for (int i = 977; i < n; i++) {
            Naive.assertClose(w + " " + f, i, order[i - 977], order[i], 2 * bound(w, order[i]));
          }
        }
      }
    }
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

  /** GELU and SiLU are left out where their formulas read {@code infinity * 0}. */
  @EveryWorkspace
  default void activationsOfInfinityReachTheirLimits(Workspace w) {
    double[] z = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    for (Activation f : all()) {
      double[][] actual = evaluate(w, f, z);
      if (f.kind() == Activation.Kind.GELU || f.kind() == Activation.Kind.SILU) {
        assertEquals(Double.POSITIVE_INFINITY, actual[0][0], w + " " + f);
      } else {
        assertExact(w, f, z, actual);
      }
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

  /**
   * Each derivative is the slope of what the kernel itself gives one order below. With step h the
   * difference quotient is off by {@code h^2 / 6 |f'''|} and by the values' error over h.
   */
  @EveryWorkspace
  default void derivativesAreTheSlopesOfTheValues(Workspace w) {
    double h = w.dtype == DType.F32 ? 0x1p-6 : 0x1p-16;
    double allowed = w.dtype == DType.F32 ? 1e-3 : 1e-9;
    double[] z =
        DoubleStream.iterate(-12, x -> x < 12, x -> x + 0x1p-4).map(x -> x + 0x1p-5).toArray();
    for (Activation f : all()) {
      double[][] at = evaluate(w, f, z);
      double[][] above = evaluate(w, f, Arrays.stream(z).map(x -> x + h).toArray());
      double[][] below = evaluate(w, f, Arrays.stream(z).map(x -> x - h).toArray());
      for (int order = 1; order <= 2; order++) {
        for (int i = 0; i < z.length; i++) {
          double slope = (above[order - 1][i] - below[order - 1][i]) / (2 * h);
          String what = w + " " + f + ", derivative " + order + " at z = " + z[i];
          Naive.assertClose(what, i, slope, at[order][i], allowed);
        }
      }
    }
  }

  @EveryWorkspace
  default void valueMayReplaceItsArgument(Workspace w) {
    for (Activation f : all()) {
      for (int n : new int[] {0, 1, 7, 8, 33, 70, 100_003}) {
        w.start(n);
        double[] z = w.gaussians(n);
        Buffer buffer = w.vector(z);
        w.kernels.activation(f, buffer, buffer, null, null);
        double[] actual = buffer.toArray();
        for (int i = 0; i < n; i += n > 100 ? 101 : 1) {
          double expected = Naive.value(f, z[i]);
          Naive.assertClose(w + " " + f, i, expected, actual[i], bound(w, expected));
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
}
