package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.KernelCalls.Prepared;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;

/** Products with an epilogue, sums of two products, batches, and memory of the caller's. */
interface FusedProductFacts {
  /** Sizes around one vector, one tile, one block and beyond. */
  private static int size(Workspace w) {
    return switch (w.upTo(9)) {
      case 0 -> w.upTo(2);
      case 1 -> 100 + w.upTo(200);
      case 2 -> 16 * (1 + w.upTo(3));
      default -> w.upTo(40);
    };
  }

  /** The error that a product of inner size k may have, element by element. */
  private static double[] bound(
      Workspace w, int m, int n, int k, double alpha, double[] a, double[] b) {
    double[] size =
        Naive.product(
            m, n, k, Math.abs(alpha), Naive.absolute(a), Naive.absolute(b), 0, new double[m * n]);
    return Naive.scaled((k + 6) * w.eps, size);
  }

  /** The activation or its slope. */
  private static double exact(Activation f, int order, double z) {
    if (!f.piecewiseLinear()) {
      return Exact.at(f, order, z, 1).hi();
    }
    double slope = z > 0 ? 1 : f.slope();
    return order == 0 ? slope * z : slope;
  }

  private static Operand operand(Workspace w, Matrix x, boolean left, boolean packed) {
    if (!packed) {
      return x;
    }
    return left ? w.own(w.kernels.pack(x.t())).t() : w.own(w.kernels.pack(x));
  }

  @EveryWorkspace
  default void gemmPairIsTheSumOfTwoProducts(Workspace w) {
    for (int seed = 0; seed < w.cases(150); seed++) {
      w.start(seed);
      int m = size(w);
      int n = size(w);
      int k1 = size(w);
      int k2 = size(w);
      double alpha = w.factor();
      double beta = w.factor();
      double[] a = w.gaussians(m * k1);
      double[] b = w.gaussians(k1 * n);
      double[] d = w.gaussians(m * k2);
      double[] e = w.gaussians(k2 * n);
      double[] c = w.gaussians(m * n);
      if (beta == 0) {
        Arrays.fill(c, Double.NaN);
      }
      Matrix matrixC = w.matrix(m, n, w.upTo(3), w.coin(), c);
      Operand left = operand(w, w.matrix(m, k1, w.upTo(3), w.coin(), a), true, w.upTo(3) == 0);
      Operand right =
          operand(
              w,
              w.matrix(k1, n, w.upTo(3), w.coin(), b),
              false,
              left instanceof Matrix && w.upTo(3) == 0);
      Matrix left2 = w.matrix(m, k2, w.upTo(3), w.coin(), d);
      Matrix right2 = w.matrix(k2, n, w.upTo(3), w.coin(), e);
      w.kernels.gemmPair(alpha, left, right, left2, right2, beta, matrixC, null);
      double[] half = Naive.product(m, n, k1, alpha, a, b, beta, c);
      double[] expected = Naive.product(m, n, k2, alpha, d, e, 1, half);
      double[] allowed = bound(w, m, n, k1, alpha, a, b);
      double[] more = bound(w, m, n, k2, alpha, d, e);
      for (int i = 0; i < m * n; i++) {
        allowed[i] += more[i] + 6 * w.eps * (Math.abs(half[i]) + Math.abs(beta * c[i]));
        allowed[i] = beta == 0 && Double.isNaN(allowed[i]) ? more[i] + 1e-3 : allowed[i];
      }
      String what = w + " pair, seed " + seed + ", " + m + " x " + n + " x " + k1 + " + " + k2;
      Naive.assertClose(what, expected, Workspace.values(matrixC), allowed);
      w.nothingChangedBut(what, matrixC);
    }
  }

  @EveryWorkspace
  default void epilogueFollowsTheProduct(Workspace w) {
    Activation[] activations = {
      null, Activation.RELU, Activation.TANH, Activation.leakyRelu(0.1), Activation.GELU
    };
    for (int seed = 0; seed < w.cases(150); seed++) {
      w.start(seed);
      int m = size(w);
      int n = size(w);
      int k = size(w);
      double alpha = w.coin() ? 1 : w.factor();
      double beta = w.coin() ? 0 : w.factor();
      Activation f = activations[seed % 5];
      double[] a = w.gaussians(m * k);
      double[] b = Naive.scaled(0.1, w.gaussians(k * n));
      for (int i = 0; i < b.length; i++) {
        b[i] = w.round(b[i]);
      }
      double[] c = w.gaussians(m * n);
      double[] row = w.gaussians(n);
      double[] times = w.gaussians(m * n);
      double[] plus = w.gaussians(m * n);
      boolean hasFirst = f != null && w.coin();
      Matrix first = hasFirst ? w.matrix(m, n, w.upTo(3), false, new double[m * n]) : null;
      Buffer bias = w.coin() ? w.vector(row) : null;
      Matrix factor = w.coin() ? w.matrix(m, n, w.upTo(3), false, times) : null;
      Matrix rest = w.coin() ? w.matrix(m, n, w.upTo(3), false, plus) : null;
      Matrix matrixA = w.matrix(m, k, w.upTo(3), w.coin(), a);
      Matrix matrixB = w.matrix(k, n, w.upTo(3), w.coin(), b);
      Matrix matrixC = w.matrix(m, n, w.upTo(3), false, c);
      Epilogue epilogue = new Epilogue(bias, f, first, factor, rest);
      if (w.coin()) {
        w.kernels.gemm(alpha, matrixA, matrixB, beta, matrixC, epilogue);
      } else {
        Matrix none = w.dense(m, 0);
        w.kernels.gemmPair(alpha, none, w.dense(0, n), matrixA, matrixB, beta, matrixC, epilogue);
      }
      double[] z = Naive.product(m, n, k, alpha, a, b, beta, c);
      double[] zBound = bound(w, m, n, k, alpha, a, b);
      double[] expected = new double[m * n];
      double[] slope = new double[m * n];
      double[] allowed = new double[m * n];
      double[] slopeBound = new double[m * n];
      for (int i = 0; i < m * n; i++) {
        double at = z[i] + (bias == null ? 0 : row[i % n]);
        // Kinks may fall on either side; slopes are at most 1.2, curvatures at most 1.
        double off = zBound[i] + 8 * w.eps * (1 + Math.abs(at) + Math.abs(beta * c[i]));
        double value = f == null ? at : exact(f, 0, at);
        slope[i] = f == null ? 0 : exact(f, 1, at);
        boolean kink = f != null && f.piecewiseLinear() && Math.abs(at) <= off;
        slopeBound[i] = kink ? 1 : 2 * off + 8 * w.eps;
        double scale = factor == null ? 1 : times[i];
        expected[i] = value * scale + (rest == null ? 0 : plus[i]);
        allowed[i] = 2 * off * Math.abs(scale) + 4 * w.eps * Math.abs(expected[i]) + 4 * w.eps;
      }
      String what = w + " epilogue, seed " + seed + ", " + m + " x " + n + " x " + k;
      Naive.assertClose(what, expected, Workspace.values(matrixC), allowed);
      if (hasFirst) {
        Naive.assertClose(what + ", slope", slope, Workspace.values(first), slopeBound);
        w.nothingChangedBut(what, matrixC, first);
      } else {
        w.nothingChangedBut(what, matrixC);
      }
    }
  }

  @EveryWorkspace
  default void gemmBatchIsEachProductByItself(Workspace w) {
    for (int seed = 0; seed < w.cases(60); seed++) {
      w.start(seed);
      int count = w.upTo(5);
      int m = size(w);
      int n = size(w);
      int k = size(w);
      double alpha = w.factor();
      double beta = w.factor();
      boolean sharedA = w.upTo(3) == 0;
      boolean sharedB = w.upTo(3) == 0;
      double[] a = w.gaussians(m * k * (sharedA ? 1 : count));
      double[] b = w.gaussians(k * n * (sharedB ? 1 : count));
      double[] c = w.gaussians(m * n * count);
      boolean flipA = w.coin();
      boolean flipB = w.coin();
      boolean flipC = w.coin();
      Buffer aMemory = w.vector(a);
      Buffer bMemory = w.vector(b);
      Buffer cMemory = w.vector(c);
      if (count == 0) {
        continue;
      }
      Matrix matrixA = flipA ? Matrix.of(aMemory, k, m).t() : Matrix.of(aMemory, m, k);
      Matrix matrixB = flipB ? Matrix.of(bMemory, n, k).t() : Matrix.of(bMemory, k, n);
      Matrix matrixC = flipC ? Matrix.of(cMemory, n, m).t() : Matrix.of(cMemory, m, n);
      w.kernels.gemmBatch(
          count,
          alpha,
          matrixA,
          sharedA ? 0 : (long) m * k,
          matrixB,
          sharedB ? 0 : (long) k * n,
          beta,
          matrixC,
          (long) m * n);
      double[] result = cMemory.toArray();
      for (int i = 0; i < count; i++) {
        double[] ai = part(a, sharedA ? 0 : i, m, k, flipA);
        double[] bi = part(b, sharedB ? 0 : i, k, n, flipB);
        double[] ci = part(c, i, m, n, flipC);
        double[] allowed = bound(w, m, n, k, alpha, ai, bi);
        for (int j = 0; j < m * n; j++) {
          allowed[j] += 6 * w.eps * Math.abs(beta * ci[j]);
        }
        Naive.assertClose(
            w + " batch, seed " + seed + ", product " + i,
            Naive.product(m, n, k, alpha, ai, bi, beta, ci),
            part(result, i, m, n, flipC),
            allowed);
      }
      w.nothingChangedBut(w + " batch, seed " + seed, cMemory);
    }
  }

  /** Matrix i of a batch, row by row. */
  private static double[] part(double[] all, int i, int rows, int cols, boolean flipped) {
    double[] values = Arrays.copyOfRange(all, i * rows * cols, (i + 1) * rows * cols);
    if (!flipped) {
      return values;
    }
    double[] result = new double[rows * cols];
    for (int r = 0; r < rows; r++) {
      for (int s = 0; s < cols; s++) {
        result[r * cols + s] = values[s * rows + r];
      }
    }
    return result;
  }

  @EveryWorkspace
  default void fusedProductsRefuseWhatDoesNotFit(Workspace w) {
    w.start(5);
    Kernels k = w.kernels;
    Matrix a = w.dense(4, 6, w.gaussians(24));
    Matrix b = w.dense(6, 3, w.gaussians(18));
    Matrix c = w.dense(4, 3, w.gaussians(12));
    Buffer wrong = w.vector(w.gaussians(4));
    refused(() -> k.gemm(1, a, b, 0, c, Epilogue.bias(wrong)), "[4 x 3]", "4 elements");
    refused(() -> k.gemm(1, a, b, 0, c, Epilogue.plus(a)), "[4 x 3]", "[4 x 6]");
    refused(() -> k.gemm(1, b.t(), a.t(), 0, c.t(), Epilogue.plus(c.t())), "transposed");
    refused(() -> new Epilogue(null, null, c, null, null), "[4 x 3]", "activation");
    refused(() -> k.gemmPair(1, a, b, b, a, 0, c, null), "[6 x 3]", "[4 x 6]");
    refused(() -> k.gemmBatch(2, 1, a, 0, b, 0, 0, c, 12), "2 matrices", "[4 x 3]", "12");
    refused(() -> k.gemmBatch(2, 1, a, 24, b, 0, 0, c, 0), "2 matrices", "[4 x 6]", "24");
    w.nothingChangedBut("refused products");
  }

  private static void refused(org.junit.jupiter.api.function.Executable call, String... named) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    for (String name : named) {
      assertTrue(message.contains(name), "'" + name + "' is missing in: " + message);
    }
  }

  @EveryWorkspace
  default void closedMemoryIsRefused(Workspace w) {
    w.start(6);
    Matrix a = w.dense(4, 4, w.gaussians(16));
    Matrix c = w.dense(4, 4, w.gaussians(16));
    Buffer gone = w.device.allocate(w.dtype, 16);
    Matrix b = Matrix.of(gone, 4, 4);
    gone.close();
    for (int i = 0; i < 3; i++) {
      int place = i;
      String message =
          assertThrows(
                  IllegalStateException.class,
                  () ->
                      w.kernels.gemm(
                          1, place == 0 ? b : a, place == 1 ? b : a, 0, place == 2 ? b : c))
              .getMessage();
      assertTrue(message.contains("closed"), message);
    }
  }

  /** A caller's arrays, seen as segments, serve as operands and as the result. */
  @EveryWorkspace
  default void arraysOnTheHeapAreOperandsLikeAnyOther(Workspace w) {
    for (int heap = 0; heap < 8; heap++) {
      for (int[] s : new int[][] {{1, 1, 1}, {5, 33, 7}, {40, 64, 300}, {130, 50, 17}}) {
        w.start(heap);
        double[] a = w.gaussians(s[0] * s[2]);
        double[] b = w.gaussians(s[2] * s[1]);
        double[] c = w.gaussians(s[0] * s[1]);
        Matrix[] x = {w.dense(s[0], s[2], a), w.dense(s[2], s[1], b), w.dense(s[0], s[1], c)};
        for (int i = 0; i < 3; i++) {
          if ((heap & 1 << i) != 0) {
            Matrix old = x[i];
            Buffer array = w.device.wrap(w.dtype, array(w, (int) old.buffer().length()));
            w.kernels.copy(old.buffer(), array);
            x[i] = Matrix.of(array, old.rows(), old.cols());
          }
        }
        w.kernels.gemm(0.5, x[0], x[1], 1, x[2]);
        double[] allowed = bound(w, s[0], s[1], s[2], 0.5, a, b);
        for (int i = 0; i < c.length; i++) {
          allowed[i] += 6 * w.eps * Math.abs(c[i]);
        }
        double[] expected = Naive.product(s[0], s[1], s[2], 0.5, a, b, 1, c);
        Naive.assertClose(w + " heap " + heap, expected, Workspace.values(x[2]), allowed);
      }
    }
  }

  private static MemorySegment array(Workspace w, int length) {
    return w.dtype == DType.F32
        ? MemorySegment.ofArray(new float[length])
        : MemorySegment.ofArray(new double[length]);
  }

  /** Memory ends where the last operand does: nothing beyond it may be touched. */
  @EveryWorkspace
  default void narrowOperandsAreNotReadBeyondTheirEnd(Workspace w) {
    for (int n = 1; n <= 40; n += 3) {
      w.start(n);
      double[] a = w.gaussians(9 * 30);
      double[] b = w.gaussians(30 * n);
      try (Arena arena = Arena.ofShared()) {
        Buffer tight = w.device.wrap(w.dtype, arena.allocate((long) 30 * n * w.dtype.bytes(), 64));
        tight.write(0, b, 0, b.length);
        Matrix c = w.dense(9, n, new double[9 * n]);
        w.kernels.gemm(1, w.dense(9, 30, a), Matrix.of(tight, 30, n), 0, c);
        double[] expected = Naive.product(9, n, 30, 1, a, b, 0, b);
        Naive.assertClose(
            w + " n = " + n, expected, Workspace.values(c), bound(w, 9, n, 30, 1, a, b));
      }
    }
  }

  /** The promise made for the kernels: 20,000 random products of sizes up to 200. */
  @Tag("slow")
  @EveryWorkspace
  default void gemmMatchesNaiveProductOnTwentyThousandRandomCases(Workspace w) {
    if (w.device.threads() != 2) {
      return;
    }
    double[] specials = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    for (int seed = 0; seed < 20_000; seed++) {
      w.start(seed);
      int m = w.upTo(200);
      int n = w.upTo(200);
      int k = w.upTo(200);
      double alpha = w.factor();
      double beta = w.factor();
      double[] a = w.gaussians(m * k);
      double[] b = w.gaussians(k * n);
      double[] c = w.gaussians(m * n);
      if (seed % 4 == 0 && a.length > 0 && b.length > 0) {
        double[] target = w.coin() ? a : b;
        target[w.upTo(target.length - 1)] = specials[w.upTo(2)];
      }
      if (beta == 0) {
        Arrays.fill(c, Double.NaN);
      }
      Matrix matrixC = w.matrix(m, n, w.upTo(9), w.coin(), c);
      w.kernels.gemm(
          alpha,
          w.matrix(m, k, w.upTo(9), w.coin(), a),
          w.matrix(k, n, w.upTo(9), w.coin(), b),
          beta,
          matrixC);
      double[] from = alpha == 0 ? new double[m * k] : a;
      double[] with = alpha == 0 ? new double[k * n] : b;
      double[] expected = Naive.product(m, n, k, alpha, from, with, beta, c);
      double[] allowed = bound(w, m, n, k, alpha, from, with);
      for (int i = 0; i < m * n && beta != 0; i++) {
        allowed[i] += 6 * w.eps * Math.abs(beta * c[i]);
      }
      Naive.assertClose(w + ", seed " + seed, expected, Workspace.values(matrixC), allowed);
    }
  }

  /** What is to hold for all kernels, for these. */
  static void calls(KernelCalls list) {
    for (int[] s : list.products) {
      String size = s[0] + ", " + s[1] + ", " + s[2];
      list.add(
          "gemm with epilogue " + size,
          w -> {
            Matrix a = w.dense(s[0], s[2], w.gaussians(s[0] * s[2]));
            Matrix b = w.dense(s[2], s[1], w.gaussians(s[2] * s[1]));
            Matrix c = w.dense(s[0], s[1], new double[s[0] * s[1]]);
            Matrix first = w.dense(s[0], s[1], new double[s[0] * s[1]]);
            Matrix plus = w.dense(s[0], s[1], w.gaussians(s[0] * s[1]));
            Epilogue e =
                new Epilogue(w.vector(w.gaussians(s[1])), Activation.TANH, first, plus, plus);
            return new Prepared(() -> w.kernels.gemm(1, a, b, 0, c, e), c, first);
          });
      list.add(
          "gemmPair " + size,
          w -> {
            Matrix a = w.dense(s[0], s[2], w.gaussians(s[0] * s[2]));
            Matrix b = w.dense(s[1], s[2], w.gaussians(s[2] * s[1]));
            Matrix c = w.dense(s[0], s[1], w.gaussians(s[0] * s[1]));
            return new Prepared(() -> w.kernels.gemmPair(1, a, b.t(), a, b.t(), 0.5, c, null), c);
          });
      list.add(
          "gemmBatch " + size,
          w -> {
            Matrix a = w.dense(s[0], s[2], w.gaussians(s[0] * s[2]));
            Buffer b = w.vector(w.gaussians(2 * s[2] * s[1]));
            Buffer c = w.vector(new double[2 * s[0] * s[1]]);
            Matrix first = Matrix.of(b, s[2], s[1]);
            Matrix result = Matrix.of(c, s[0], s[1]);
            long step = (long) s[0] * s[1];
            return new Prepared(
                () -> w.kernels.gemmBatch(2, 1, a, 0, first, (long) s[2] * s[1], 0, result, step),
                c);
          });
    }
  }
}
