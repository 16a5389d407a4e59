package dev.evolute.autodiff;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.curvature.LinearMap;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.kernels.Buffer;
import dev.evolute.spectral.LinearOperator;
import java.util.Arrays;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;

/** Small dense linear algebra and differences: the oracles of the tests. */
public final class Dense {
  private Dense() {}

  public static double[] gradient(Program program) {
    program.gradientPass();
    return program.gradient().toArray();
  }

  public static double[] gradient(Program program, double[] theta) {
    program.theta().set(theta);
    return gradient(program);
  }

  /** {@code A x}. */
  public static double[] apply(LinearOperator a, double[] x) {
    try (Buffer in = a.device().allocate(a.dtype(), a.size());
        Buffer out = a.device().allocate(a.dtype(), a.size())) {
      in.set(x);
      a.apply(in, out);
      return out.toArray();
    }
  }

  /** The matrix of an operator, column by column from unit vectors. */
  public static double[][] materialise(LinearOperator a) {
    int n = (int) a.size();
    double[][] columns = new double[n][];
    for (int j = 0; j < n; j++) {
      columns[j] = apply(a, unit(n, j));
    }
    return transpose(columns);
  }

  /** {@code A x}. */
  public static double[] apply(LinearMap a, double[] x) {
    return product(a, x, (int) a.rows(), a::apply);
  }

  /** {@code A^T x}. */
  public static double[] applyTransposed(LinearMap a, double[] x) {
    return product(a, x, (int) a.columns(), a::applyTransposed);
  }

  private static double[] product(
      LinearMap a, double[] x, int length, BiConsumer<Buffer, Buffer> product) {
    try (Buffer in = a.device().allocate(a.dtype(), x.length);
        Buffer out = a.device().allocate(a.dtype(), length)) {
      in.set(x);
      product.accept(in, out);
      return out.toArray();
    }
  }

  /** The matrix of a map, column by column. */
  public static double[][] materialise(LinearMap a) {
    double[][] columns = new double[(int) a.columns()][];
    for (int j = 0; j < columns.length; j++) {
      columns[j] = apply(a, unit(columns.length, j));
    }
    return transpose(columns);
  }

  /** The matrix of a map, row by row from products with its transpose. */
  public static double[][] materialiseTransposed(LinearMap a) {
    double[][] rows = new double[(int) a.rows()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = applyTransposed(a, unit(rows.length, i));
    }
    return rows;
  }

  private static double[] unit(int n, int j) {
    double[] unit = new double[n];
    unit[j] = 1;
    return unit;
  }

  /** Jacobian of f at x by central differences. */
  public static double[][] differences(UnaryOperator<double[]> f, double[] x, double h) {
    double[][] columns = new double[x.length][];
    for (int j = 0; j < x.length; j++) {
      double[] at = x.clone();
      at[j] = x[j] + h;
      double[] above = f.apply(at).clone();
      at[j] = x[j] - h;
      double[] below = f.apply(at);
      for (int i = 0; i < above.length; i++) {
        above[i] = (above[i] - below[i]) / (2 * h);
      }
      columns[j] = above;
    }
    return transpose(columns);
  }

  /** Central differences with the error of order h^2 removed. */
  public static double[][] sharpDifferences(UnaryOperator<double[]> f, double[] x, double h) {
    double[][] wide = differences(f, x, 2 * h);
    double[][] narrow = differences(f, x, h);
    return combine(4.0 / 3, narrow, -1.0 / 3, wide);
  }

  public static double[][] transpose(double[][] a) {
    double[][] t = new double[a[0].length][a.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[0].length; j++) {
        t[j][i] = a[i][j];
      }
    }
    return t;
  }

  public static double[][] times(double[][] a, double[][] b) {
    double[][] c = new double[a.length][b[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int k = 0; k < b.length; k++) {
        for (int j = 0; j < b[0].length; j++) {
          c[i][j] += a[i][k] * b[k][j];
        }
      }
    }
    return c;
  }

  public static double[][] combine(double alpha, double[][] a, double beta, double[][] b) {
    double[][] c = new double[a.length][a[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[0].length; j++) {
        c[i][j] = alpha * a[i][j] + beta * b[i][j];
      }
    }
    return c;
  }

  /** The rows of a flat row-major matrix. */
  public static double[][] rows(double[] flat, int rows, int cols) {
    double[][] a = new double[rows][cols];
    for (int i = 0; i < rows * cols; i++) {
      a[i / cols][i % cols] = flat[i];
    }
    return a;
  }

  public static double[] flat(double[][] a) {
    return Arrays.stream(a).flatMapToDouble(Arrays::stream).toArray();
  }

  public static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }

  public static double norm(double[] x) {
    return Math.sqrt(dot(x, x));
  }

  /** {@code <A, B>}. */
  public static double dot(double[][] a, double[][] b) {
    return dot(flat(a), flat(b));
  }

  public static double[] normal(Random random, int n) {
    return DoubleStream.generate(random::nextGaussian).limit(n).toArray();
  }

  /** {@code ||actual - expected|| <= tolerance ||expected||}, both zero included. */
  public static void assertClose(
      double[] expected, double[] actual, double tolerance, String what) {
    double[] difference = new double[expected.length];
    for (int i = 0; i < expected.length; i++) {
      difference[i] = actual[i] - expected[i];
    }
    double error = norm(difference);
    assertTrue(
        expected.length == actual.length && error <= tolerance * norm(expected),
        what + ": error " + error + " beside a norm of " + norm(expected));
  }

  public static void assertClose(
      double[][] expected, double[][] actual, double tolerance, String what) {
    assertClose(flat(expected), flat(actual), tolerance, what);
  }
}
