package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Sums over whole vectors. They are formed in fp64 whatever the element type, so that of n terms
 * may differ from the exact one by {@code (n + 4) 2^-53} times the sum of their sizes, in f32 too.
 */
interface ReductionFacts {
  /** A reduction of one vector. */
  interface Reduction {
    double of(Kernels kernels, Buffer x);
  }

  static Map<String, Reduction> reductions() {
    Map<String, Reduction> all = new LinkedHashMap<>();
    all.put("nrm2", ReductionKernels::nrm2);
    all.put("asum", ReductionKernels::asum);
    all.put("sum", ReductionKernels::sum);
    all.put("logSumExp", ReductionKernels::logSumExp);
    all.put("max", ReductionKernels::max);
    all.put("min", ReductionKernels::min);
    all.put("maxAbs", ReductionKernels::maxAbs);
    all.put("argmax", ReductionKernels::argmax);
    all.put("argmin", ReductionKernels::argmin);
    return all;
  }

  static void calls(KernelCalls list) {
    for (int n : list.lengths) {
      reductions()
          .forEach(
              (name, reduction) ->
                  list.add(
                      name + " " + n,
                      w -> {
                        Buffer x = w.vector(w.gaussians(n));
                        double[] out = new double[1];
                        return new KernelCalls.Prepared(
                            () -> out[0] = reduction.of(w.kernels, x), out);
                      }));
    }
    for (int[] s : list.matrices) {
      String shape = " [" + s[0] + " x " + s[1] + "]";
      list.add(
          "rowSums, rowMax, rowLogSumExp" + shape,
          w -> {
            Matrix x = w.dense(s[0], s[1], w.gaussians(s[0] * s[1]));
            Buffer sums = w.vector(w.gaussians(s[0]));
            Buffer max = w.vector(new double[s[0]]);
            Buffer logs = w.vector(new double[s[0]]);
            Runnable run =
                () -> {
                  w.kernels.rowSums(x, 0.5, sums);
                  w.kernels.rowMax(x, max);
                  w.kernels.rowLogSumExp(x, logs);
                };
            return new KernelCalls.Prepared(run, sums, max, logs);
          });
      list.add(
          "rowArgmax" + shape,
          w -> {
            Matrix x = w.dense(s[0], s[1], w.gaussians(s[0] * s[1]));
            int[] at = new int[s[0]];
            return new KernelCalls.Prepared(() -> w.kernels.rowArgmax(x, at));
          });
    }
  }

  /** Lengths with every tail of a step of eight vectors, and some that are cut into blocks. */
  static int[] lengths() {
    return IntStream.concat(
            IntStream.rangeClosed(0, 140), IntStream.of(1000, 4099, 131_072, 131_073, 300_007))
        .toArray();
  }

  static double bound(double[] x, double[] y) {
    double size = 0;
    for (int i = 0; i < x.length; i++) {
      size += Math.abs(x[i] * y[i]);
    }
    return (x.length + 4) * Workspace.EPS64 * size;
  }

  @EveryWorkspace
  default void dotSumsProductsInDouble(Workspace w) {
    for (int n : w.lengths(VectorFacts.lengths())) {
      w.start(n);
      double[] x = w.gaussians(n);
      double[] y = w.gaussians(n);
      Buffer bufferX = w.vector(x);
      Buffer bufferY = w.vector(y);
      String what = w + " dot " + n;
      double expected = Naive.dot(x, y);
      double dot = w.kernels.dot(bufferX, bufferY);
      Naive.assertClose(what, 0, expected, dot, bound(x, y));
      try (Buffer out = w.device.allocate(DType.F64, 1)) {
        out.set(Double.NaN);
        w.kernels.dot(-0.3, bufferX, bufferY, out);
        Naive.assertClose(what + " scaled", 0, -0.3 * expected, out.get(0), bound(x, y));
      }
      double norm = Math.sqrt(Naive.dot(x, x));
      double error = (n + 4) * Workspace.EPS64 * norm;
      Naive.assertClose(w + " nrm2 " + n, 0, norm, w.kernels.nrm2(bufferX), error);
      w.nothingChangedBut(what);
    }
  }

  /** Products of 2^24 cancel and leave small ones, which fp32 sums and fp32 products lose. */
  @EveryWorkspace
  default void dotKeepsSmallTermsBesideCancellingLargeOnes(Workspace w) {
    int n = 150_001;
    double[] x = new double[n];
    double[] y = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = i % 3 == 0 ? 4097.125 : i % 3 == 1 ? -4097.125 : 0.0625;
      y[i] = i % 3 == 2 ? 0.0625 : 4097.125;
    }
    w.start(1);
    double dot = w.kernels.dot(w.vector(x), w.vector(y));
    // Every product is a multiple of 2^-8 below 2^25 and no sum reaches 2^42: fp64 sums are exact.
    assertEquals(Naive.dot(x, y), dot, w + " dot");
  }

  /** The squares overflow and underflow fp32: only a sum in fp64 gives these norms. */
  @EveryWorkspace
  default void nrm2OfSinglesBeyondTheSquareRootOfTheirRange(Workspace w) {
    for (double size : new double[] {1e30, 1e-30, 1e-38}) {
      for (int n : w.lengths(new int[] {1, 9, 1001, 150_001})) {
        w.start(n);
        double[] x = new double[n];
        for (int i = 0; i < n; i++) {
          x[i] = w.round(i % 2 == 0 ? size : -size);
        }
        double expected = Math.abs(x[0]) * Math.sqrt(n);
        double error = (n + 4) * Workspace.EPS64 * expected;
        Naive.assertClose(w + " nrm2 " + n, 0, expected, w.kernels.nrm2(w.vector(x)), error);
      }
    }
  }

  /** A norm that a double can hold is returned, though its square is out of range. */
  @EveryWorkspace
  default void nrm2OfDoublesBeyondTheSquareRootOfTheirRange(Workspace w) {
    if (w.dtype == DType.F32) {
      return;
    }
    for (double size : new double[] {1e200, 1e-200}) {
      for (int n : w.lengths(new int[] {1, 9, 1001, 150_001})) {
        w.start(n);
        double[] x = new double[n];
        Arrays.fill(x, size);
        double expected = size * Math.sqrt(n);
        double error = (n + 4) * Workspace.EPS64 * expected;
        Naive.assertClose(w + " nrm2 " + n, 0, expected, w.kernels.nrm2(w.vector(x)), error);
      }
    }
  }

  @EveryWorkspace
  default void reductionsCarryNanAndInfinity(Workspace w) {
    for (int n : w.lengths(new int[] {1, 5, 8, 16, 31, 64, 70, 150_001})) {
      for (int at : new int[] {0, n / 2, n - 1}) {
        w.start(n);
        double[] x = w.gaussians(n);
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        x[at] = Double.NaN;
        Buffer nan = w.vector(x);
        x[at] = Double.NEGATIVE_INFINITY;
        Buffer infinite = w.vector(x);
        Buffer one = w.vector(ones);
        assertEquals(Double.NaN, w.kernels.dot(nan, one));
        assertEquals(Double.NaN, w.kernels.nrm2(nan));
        assertEquals(Double.NEGATIVE_INFINITY, w.kernels.dot(infinite, one));
        assertEquals(Double.POSITIVE_INFINITY, w.kernels.nrm2(infinite));
      }
    }
  }

  @EveryWorkspace
  default void sumsAndExtremesOfEveryLength(Workspace w) {
    for (int n : w.lengths(lengths())) {
      w.start(n);
      double[] x = w.gaussians(n);
      double[] ones = new double[n];
      Arrays.fill(ones, 1);
      Buffer buffer = w.vector(x);
      Kernels k = w.kernels;
      String what = w + " of " + n;
      double bound = bound(x, ones);
      double[] absolute = Naive.absolute(x);
      Naive.assertClose(what + ", sum", 0, Naive.dot(x, ones), k.sum(buffer), bound);
      Naive.assertClose(what + ", asum", 0, Naive.dot(absolute, ones), k.asum(buffer), bound);
      double max = Double.NEGATIVE_INFINITY;
      double min = Double.POSITIVE_INFINITY;
      long argmax = -1;
      long argmin = -1;
      for (int i = 0; i < n; i++) {
        if (x[i] > max) {
          max = x[i];
          argmax = i;
        }
        if (x[i] < min) {
          min = x[i];
          argmin = i;
        }
      }
      assertEquals(max, k.max(buffer), what + ", max");
      assertEquals(min, k.min(buffer), what + ", min");
      assertEquals(n == 0 ? 0 : Math.max(max, -min), k.maxAbs(buffer), what + ", maxAbs");
      if (n > 0) {
        assertEquals(argmax, k.argmax(buffer), what + ", argmax");
        assertEquals(argmin, k.argmin(buffer), what + ", argmin");
      }
      w.nothingChangedBut(what);
    }
  }

  @EveryWorkspace
  default void theEmptyVectorGivesWhatChangesNothing(Workspace w) {
    w.start(1);
    Buffer empty = w.vector();
    Kernels k = w.kernels;
    assertEquals(0, k.dot(empty, empty));
    assertEquals(0, k.nrm2(empty));
    assertEquals(0, k.asum(empty));
    assertEquals(0, k.sum(empty));
    assertEquals(0, k.maxAbs(empty));
    assertEquals(Double.NEGATIVE_INFINITY, k.max(empty));
    assertEquals(Double.POSITIVE_INFINITY, k.min(empty));
    assertEquals(Double.NEGATIVE_INFINITY, k.logSumExp(empty));
  }

  /** Of equal ones the first counts, 0 and -0 are equal ones, and 0 is the larger value. */
  @EveryWorkspace
  default void ofEqualElementsTheFirstIsChosen(Workspace w) {
    for (int n : w.lengths(new int[] {1, 2, 17, 64, 129, 1000, 131_073, 300_007})) {
      for (int first : new int[] {0, n / 3, n / 2, n - 1}) {
        for (double value : new double[] {3, Double.POSITIVE_INFINITY}) {
          w.start(n);
          double[] x = new double[n];
          Arrays.fill(x, first, n, value);
          String what = w + " of " + n + " from " + first;
          assertEquals(first, w.kernels.argmax(w.vector(x)), what);
          assertEquals(first, w.kernels.argmin(w.vector(Naive.scaled(-1, x))), what);
        }
        w.start(n);
        double[] zeros = new double[n];
        zeros[first] = -0.0;
        Buffer x = w.vector(zeros);
        assertEquals(0, w.kernels.argmax(x));
        assertEquals(0, w.kernels.argmin(x));
        assertEquals(n == 1 ? -0.0 : 0.0, w.kernels.max(x));
        assertEquals(-0.0, w.kernels.min(x));
      }
    }
  }

  /** Minus infinity is an element like others, not the mark of an empty vector. */
  @EveryWorkspace
  default void infinitiesAreElements(Workspace w) {
    for (int n : w.lengths(new int[] {1, 7, 70, 200_003})) {
      w.start(n);
      double[] x = new double[n];
      Arrays.fill(x, Double.NEGATIVE_INFINITY);
      Buffer low = w.vector(x);
      assertEquals(Double.NEGATIVE_INFINITY, w.kernels.max(low));
      assertEquals(Double.NEGATIVE_INFINITY, w.kernels.logSumExp(low));
      assertEquals(Double.POSITIVE_INFINITY, w.kernels.maxAbs(low));
      assertEquals(Double.NEGATIVE_INFINITY, w.kernels.sum(low));
      assertEquals(0, w.kernels.argmax(low));
      x[n - 1] = Double.POSITIVE_INFINITY;
      Buffer high = w.vector(x);
      assertEquals(Double.POSITIVE_INFINITY, w.kernels.logSumExp(high));
      assertEquals(n - 1, w.kernels.argmax(high));
      assertEquals(Double.POSITIVE_INFINITY, w.kernels.asum(high));
      assertEquals(
          n == 1 ? Double.POSITIVE_INFINITY : Double.NaN, w.kernels.sum(high), w + " sum " + n);
    }
  }

  /**
   * A NaN of either sign, wherever it stands, shows in every reduction and is what argmax finds.
   */
  @EveryWorkspace
  default void aNanShowsInEveryReduction(Workspace w) {
    double negative = Double.longBitsToDouble(0xfff8000000000000L);
    for (int n : w.lengths(new int[] {1, 5, 16, 31, 64, 70, 129, 700, 200_003})) {
      for (int at : n < 700 ? IntStream.range(0, n).toArray() : new int[] {0, n / 2, n - 1}) {
        w.start(n + at);
        double[] x = w.gaussians(n);
        x[at] = at % 2 == 0 ? Double.NaN : negative;
        if (at + 1 < n) {
          x[at + 1] = Double.NaN;
        }
        if (at > 0) {
          x[at - 1] = Double.POSITIVE_INFINITY;
        }
        Buffer buffer = w.vector(x);
        reductions()
            .forEach(
                (name, reduction) ->
                    assertEquals(
                        name.startsWith("arg") ? at : Double.NaN,
                        reduction.of(w.kernels, buffer),
                        w + " " + name + " of " + n + ", NaN at " + at));
      }
    }
  }

  @EveryWorkspace
  default void logSumExpNeitherOverflowsNorVanishes(Workspace w) {
    for (int n : w.lengths(new int[] {1, 2, 10, 16, 63, 130, 1001, 200_003})) {
      for (double shift : new double[] {0, 1e4, -1e4}) {
        w.start(n);
        double[] x = w.gaussians(n);
        for (int i = 0; i < n; i++) {
          x[i] = w.round(5 * x[i] + shift);
        }
        double expected = Naive.logSumExp(n, x, 0);
        double error = 6 * w.eps + (n + 4) * Workspace.EPS64 + 2 * Math.ulp(expected);
        Buffer buffer = w.vector(x);
        String what = w + " logSumExp " + n + ", shift " + shift;
        Naive.assertClose(what, 0, expected, w.kernels.logSumExp(buffer), error);
        w.nothingChangedBut(what);
      }
    }
  }

  /** A square may be out of range for one element among many, on either side. */
  @EveryWorkspace
  default void nrm2ScalesWhereSquaresLeaveTheRange(Workspace w) {
    if (w.dtype == DType.F32) {
      return;
    }
    double[][] pairs = {
      {3e200, 4e200}, {3e-200, 4e-200}, {1e200, 1}, {3e-320, 4e-320}, {1e-160, 1e-300}, {1.2e308, 1}
    };
    for (double[] pair : pairs) {
      for (int n : w.lengths(new int[] {2, 20, 64, 300_007})) {
        w.start(n);
        double[] x = new double[n];
        x[n - 1] = -pair[0];
        x[n / 2 - 1] = pair[1];
        double expected = Math.hypot(pair[0], pair[1]);
        double error = 4 * Math.ulp(expected);
        Naive.assertClose(w + " nrm2", n, expected, w.kernels.nrm2(w.vector(x)), error);
      }
    }
    w.start(1);
    double most = Double.MAX_VALUE;
    assertEquals(Double.POSITIVE_INFINITY, w.kernels.nrm2(w.vector(most, most)));
    assertEquals(most, w.kernels.nrm2(w.vector(0, most)));
    assertEquals(Double.MIN_VALUE, w.kernels.nrm2(w.vector(0, Double.MIN_VALUE)));
    assertEquals(0, w.kernels.nrm2(w.vector(0, -0.0)));
  }
}
