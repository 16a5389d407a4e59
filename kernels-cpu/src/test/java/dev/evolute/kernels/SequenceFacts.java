package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;

/** Rotary positions, SwiGLU and embeddings against double references. */
interface SequenceFacts {
  /** These kernels for {@link KernelCalls}. */
  static void calls(KernelCalls list) {
    for (int[] s : list.matrices) {
      int n = s[0];
      int d = s[1];
      String shape = " [" + n + " x " + d + "]";
      if (d > 2 && d < 1000) {
        list.add(
            "rotary" + shape,
            w -> {
              Matrix x = w.dense(n, d, w.gaussians(n * d));
              Matrix y = w.dense(n, d, w.gaussians(n * d));
              Rotary rotary = w.own(new Rotary(w.device, w.dtype, 5, d, (d - 1) / 2 * 2, 1e4));
              return new KernelCalls.Prepared(() -> w.kernels.rotaryVjp(rotary, 5, x, 0.5, y), y);
            });
      }
      list.add(
          "swiglu" + shape,
          w -> {
            Matrix a = w.dense(n, d, w.gaussians(n * d));
            Matrix b = w.dense(n, d, w.gaussians(n * d));
            Matrix y = w.dense(n, d, new double[n * d]);
            return new KernelCalls.Prepared(() -> w.kernels.swiglu(a, b, y), y);
          });
      list.add(
          "swigluVjp" + shape,
          w -> {
            Matrix a = w.matrix(n, d, 2, false, w.gaussians(n * d));
            Matrix b = w.matrix(n, d, 2, false, w.gaussians(n * d));
            Matrix da = w.matrix(n, d, 2, false, w.gaussians(n * d));
            Matrix db = w.matrix(n, d, 2, false, w.gaussians(n * d));
            return new KernelCalls.Prepared(
                () -> w.kernels.swigluVjp(a, b, a, 0.5, da, db), da, db);
          });
      list.add(
          "swigluJvp" + shape,
          w -> {
            Matrix a = w.dense(n, d, w.gaussians(n * d));
            Matrix b = w.dense(n, d, w.gaussians(n * d));
            Matrix y = w.dense(n, d, new double[n * d]);
            return new KernelCalls.Prepared(() -> w.kernels.swigluJvp(a, b, b, a, y), y);
          });
      list.add(
          "swigluVjpTangent" + shape,
          w -> {
            Matrix a = w.dense(n, d, w.gaussians(n * d));
            Matrix b = w.dense(n, d, w.gaussians(n * d));
            Matrix da = w.dense(n, d, w.gaussians(n * d));
            Matrix db = w.dense(n, d, w.gaussians(n * d));
            return new KernelCalls.Prepared(
                () -> w.kernels.swigluVjpTangent(a, b, a, b, a, b, 0.5, da, db), da, db);
          });
      list.add(
          "gather" + shape,
          w -> {
            Matrix table = w.dense(7, d, w.gaussians(7 * d));
            Buffer index = w.vector(indices(w, n, 7));
            Matrix y = w.dense(n, d, new double[n * d]);
            return new KernelCalls.Prepared(() -> w.kernels.gather(table, index, y), y);
          });
      list.add(
          "scatterAdd" + shape,
          w -> {
            Matrix table = w.dense(7, d, w.gaussians(7 * d));
            Buffer index = w.vector(indices(w, n, 7));
            Matrix dy = w.dense(n, d, w.gaussians(n * d));
            return new KernelCalls.Prepared(
                () -> w.kernels.scatterAdd(dy, index, 0.5, table), table);
          });
    }
  }

  private static double[] nans(int n) {
    double[] x = new double[n];
    Arrays.fill(x, Double.NaN);
    return x;
  }

  private static double[] bounds(int n, double bound) {
    double[] bounds = new double[n];
    Arrays.fill(bounds, bound);
    return bounds;
  }

  /** Each pair (j, j + turned / 2) of each head as a complex number, multiplied. */
  private static double[] rotated(
      double[] x, int n, int heads, int width, int turned, double base, int length, int sign) {
    double[] y = x.clone();
    int half = turned / 2;
    for (int i = 0; i < n; i++) {
      for (int head = 0; head < heads; head++) {
        for (int j = 0; j < half; j++) {
          int re = (i * heads + head) * width + j;
          double angle = sign * (i % length) / Math.pow(base, 2.0 * j / turned);
          y[re] = x[re] * Math.cos(angle) - x[re + half] * Math.sin(angle);
          y[re + half] = x[re] * Math.sin(angle) + x[re + half] * Math.cos(angle);
        }
      }
    }
    return y;
  }

  @EveryWorkspace
  default void rotaryTurnsHalvesOfHeads(Workspace w) {
    int[][] cases = { // rows, length, heads, width, turned
      {0, 5, 2, 8, 8},
      {1, 1, 1, 2, 2},
      {7, 7, 3, 10, 4},
      {12, 4, 2, 64, 16},
      {9, 5, 1, 70, 70},
      {300, 100, 4, 64, 64}
    };
    for (int[] c : cases) {
      for (int gap : new int[] {0, 3}) {
        for (double beta : new double[] {0, -0.5}) {
          int n = c[0];
          int d = c[2] * c[3];
          w.start(n + d + gap);
          double[] x = w.gaussians(n * d);
          double[] old = beta == 0 ? nans(n * d) : w.gaussians(n * d);
          try (Rotary rotary = new Rotary(w.device, w.dtype, c[1] + 2, c[3], c[4], 1e4)) {
            Matrix xs = w.matrix(n, d, gap, false, x);
            for (int sign : new int[] {1, -1}) {
              Matrix y = w.matrix(n, d, 2 * gap, false, old);
              if (sign == 1) {
                w.kernels.rotary(rotary, c[1], xs, beta, y);
              } else {
                w.kernels.rotaryVjp(rotary, c[1], xs, beta, y);
              }
              double[] expected = rotated(x, n, c[2], c[3], c[4], 1e4, c[1], sign);
              for (int i = 0; beta != 0 && i < n * d; i++) {
                expected[i] += beta * old[i];
              }
              String what = w + " rotary " + Arrays.toString(c) + " sign " + sign;
              double error = (40 + 4 * c[1]) * w.eps;
              Naive.assertClose(what, expected, Workspace.values(y), bounds(n * d, error));
            }
          }
        }
      }
    }
  }

  /** In place it is a rotation: its transpose undoes it. */
  @EveryWorkspace
  default void rotaryInPlaceIsUndoneByItsTranspose(Workspace w) {
    w.start(8);
    double[] x = w.gaussians(20 * 96);
    Matrix y = w.dense(20, 96, x);
    try (Rotary rotary = new Rotary(w.device, w.dtype, 20, 48, 44, 1e4)) {
      w.kernels.rotary(rotary, 20, y, 0, y);
      w.kernels.rotaryVjp(rotary, 20, y, 0, y);
    }
    Naive.assertClose(w + " undone", x, Workspace.values(y), bounds(20 * 96, 40 * w.eps));
    w.nothingChangedBut("rotary", y);
  }

  @EveryWorkspace
  default void rotaryNamesWhatDoesNotFit(Workspace w) {
    w.start(9);
    Kernels k = w.kernels;
    Matrix x = w.dense(4, 6, w.gaussians(24));
    Matrix y = w.dense(4, 6, w.gaussians(24));
    DType alien = w.dtype == DType.F32 ? DType.F64 : DType.F32;
    assertThrows(IllegalArgumentException.class, () -> new Rotary(w.device, w.dtype, 4, 6, 3, 1e4));
    assertThrows(IllegalArgumentException.class, () -> new Rotary(w.device, w.dtype, 4, 6, 8, 1e4));
    try (Rotary three = new Rotary(w.device, w.dtype, 4, 3, 2, 1e4);
        Rotary four = new Rotary(w.device, w.dtype, 4, 4, 2, 1e4);
        Rotary other = new Rotary(w.device, alien, 4, 3, 2, 1e4)) {
      ErrorFacts.refused(() -> k.rotary(four, 4, x, 0, y), "[4 x 6]", "4");
      ErrorFacts.refused(() -> k.rotary(three, 5, x, 0, y), "5", "4");
      ErrorFacts.refused(() -> k.rotaryVjp(three, 0, x, 0, y), "0", "4");
      ErrorFacts.refused(() -> k.rotary(other, 4, x, 0, y), "F32", "F64");
      ErrorFacts.refused(() -> k.rotary(three, 4, x.t(), 0, y.t()), "[6 x 4]", "transposed");
      Matrix wide = w.dense(4, 9, w.gaussians(36));
      ErrorFacts.refused(() -> k.rotary(three, 4, x, 0, wide), "[4 x 6]", "[4 x 9]");
    }
    w.nothingChangedBut("refused rotary");
  }

  /** {@code dy silu(a) b} of inputs a, b, dy. */
  private static Jet gated(Jet[] in) {
    // On either side of 0 in the form whose exponential is small.
    Jet e = in[0].times(Jet.of(in[0].f() > 0 ? -1 : 1)).exp();
    Jet s = in[0].f() > 0 ? Jet.of(1).over(e.plus(Jet.of(1))) : e.over(e.plus(Jet.of(1)));
    return in[0].times(s).times(in[1]).times(in[2]);
  }

  @EveryWorkspace
  default void swigluAndItsDerivativesAreThoseOfTheFormula(Workspace w) {
    int[][] shapes = {{0, 3}, {1, 1}, {3, 5}, {2, 16}, {7, 33}, {1, 2100}, {130, 40}};
    for (int[] shape : shapes) {
      for (int gap : new int[] {0, shape[1]}) {
        swiglu(w, shape[0], shape[1], gap);
      }
    }
  }

  private static void swiglu(Workspace w, int n, int d, int gap) {
    w.start(n + d + gap);
    int size = n * d;
    double[] a = Arrays.stream(w.gaussians(size)).map(x -> w.round(4 * x)).toArray();
    double[] b = w.gaussians(size);
    double[] dy = w.gaussians(size);
    double[] at = w.gaussians(size);
    double[] bt = w.gaussians(size);
    double[] dyt = w.gaussians(size);
    double[][] expected = new double[6][size];
    for (int i = 0; i < size; i++) {
      Jet.Derivatives one =
          Jet.derivatives(
              SequenceFacts::gated,
              new double[] {a[i], b[i], dy[i]},
              new double[] {at[i], bt[i], dyt[i]});
      for (int k = 0; k < 3; k++) {
        expected[k][i] = one.vjp()[k];
        expected[3 + k][i] = one.vjpTangent()[k];
      }
    }
    Matrix as = w.matrix(n, d, gap, false, a);
    Matrix bs = w.matrix(n, d, gap, false, b);
    Matrix dys = w.dense(n, d, dy);
    Matrix ats = w.matrix(n, d, gap, false, at);
    Matrix bts = w.matrix(n, d, gap, false, bt);
    Matrix dyts = w.dense(n, d, dyt);
    String what = w + " swiglu " + as + " gap " + gap;
    Matrix y = w.dense(n, d, nans(size));
    w.kernels.swiglu(as, bs, y);
    assertNear(w, what, expected[2], 0, null, y);
    Matrix yt = w.dense(n, d, nans(size));
    w.kernels.swigluJvp(as, bs, ats, bts, yt);
    assertNear(w, what + " jvp", expected[5], 0, null, yt);
    for (double beta : new double[] {0, 1, 0.7}) {
      double[] old = beta == 0 ? nans(size) : w.gaussians(size);
      Matrix da = w.matrix(n, d, gap, false, old);
      Matrix db = w.matrix(n, d, gap, false, old);
      w.kernels.swigluVjp(as, bs, dys, beta, da, db);
      assertNear(w, what + " da", expected[0], beta, old, da);
      assertNear(w, what + " db", expected[1], beta, old, db);
      Matrix dat = w.matrix(n, d, gap, false, old);
      Matrix dbt = w.matrix(n, d, gap, false, old);
      w.kernels.swigluVjpTangent(as, bs, dys, ats, bts, dyts, beta, dat, dbt);
      assertNear(w, what + " da'", expected[3], beta, old, dat);
      assertNear(w, what + " db'", expected[4], beta, old, dbt);
    }
  }

  private static void assertNear(
      Workspace w, String what, double[] expected, double beta, double[] old, Matrix actual) {
    double[] bound = new double[expected.length];
    double[] sum = expected.clone();
    for (int i = 0; i < bound.length; i++) {
      bound[i] = 64 * w.eps * (1 + Math.abs(expected[i]));
      sum[i] += beta == 0 ? 0 : beta * old[i];
    }
    Naive.assertClose(what, sum, Workspace.values(actual), bound);
  }

  /** Far out silu is 0 or a, its slope 0 or 1, its curvature 0; NaN stays NaN. */
  @EveryWorkspace
  default void swigluFarOutIsALineOrNothing(Workspace w) {
    double inf = Double.POSITIVE_INFINITY;
    double[] a = {-inf, -1e30, -2000, -200, 0, 200, 2000, 1e30, inf, Double.NaN};
    double[] silu = {0, 0, 0, 0, 0, 200, 2000, w.round(1e30), inf, Double.NaN};
    double[] slope = {0, 0, 0, 0, 0.5, 1, 1, 1, 1, Double.NaN};
    double[] curvature = {0, 0, 0, 0, 0.5, 0, 0, 0, 0, Double.NaN};
    for (int times : new int[] {1, 4}) {
      w.start(times);
      int n = 10 * times;
      Matrix as = w.dense(1, n, repeat(a, times));
      Matrix one = w.dense(1, n, bounds(n, 1));
      Matrix zero = w.dense(1, n, new double[n]);
      Matrix y = w.dense(1, n, nans(n));
      Matrix da = w.dense(1, n, nans(n));
      Matrix db = w.dense(1, n, nans(n));
      Matrix dat = w.dense(1, n, nans(n));
      Matrix dbt = w.dense(1, n, nans(n));
      w.kernels.swiglu(as, one, y);
      w.kernels.swigluVjp(as, one, one, 0, da, db);
      w.kernels.swigluVjpTangent(as, one, one, one, zero, zero, 0, dat, dbt);
      for (int i = 0; i < n; i++) {
        int k = i % 10;
        String what = w + " swiglu of " + a[k];
        Naive.assertClose(what, i, silu[k], Workspace.values(y)[i], 1e-30);
        Naive.assertClose(what, i, silu[k], Workspace.values(db)[i], 1e-30);
        Naive.assertClose(what, i, slope[k], Workspace.values(da)[i], 1e-30);
        Naive.assertClose(what, i, curvature[k], Workspace.values(dat)[i], 1e-30);
        // dy' silu is 0 times infinity there.
        double moved = Double.isInfinite(a[k]) && a[k] > 0 ? Double.NaN : slope[k];
        Naive.assertClose(what, i, moved, Workspace.values(dbt)[i], 1e-30);
      }
    }
  }

  private static double[] repeat(double[] x, int times) {
    double[] all = new double[x.length * times];
    for (int i = 0; i < all.length; i++) {
      all[i] = x[i % x.length];
    }
    return all;
  }

  @EveryWorkspace
  default void swigluNamesWhatDoesNotFit(Workspace w) {
    w.start(3);
    Kernels k = w.kernels;
    Matrix x = w.dense(4, 6, w.gaussians(24));
    Matrix y = w.dense(4, 6, w.gaussians(24));
    Matrix other = w.dense(6, 4, w.gaussians(24));
    Matrix loose = w.matrix(4, 6, 2, false, w.gaussians(24));
    String[] both = {"[4 x 6]", "[6 x 4]"};
    ErrorFacts.refused(() -> k.swiglu(x, other, y), both);
    ErrorFacts.refused(() -> k.swiglu(x, x, other), both);
    ErrorFacts.refused(() -> k.swiglu(x, loose, y), "6", "8", "stride");
    ErrorFacts.refused(() -> k.swiglu(x.t(), x.t(), other), "[6 x 4]", "transposed");
    ErrorFacts.refused(() -> k.swigluVjp(x, x, other, 0, y, y), both);
    ErrorFacts.refused(() -> k.swigluVjp(x, x, x, 0, y, other), both);
    ErrorFacts.refused(() -> k.swigluJvp(x, x, x, other, y), both);
    ErrorFacts.refused(() -> k.swigluVjpTangent(x, x, x, x, x, other, 0, y, y), both);
    ErrorFacts.refused(() -> k.swigluVjpTangent(x, x, x, x, x, loose, 0, y, y), "stride");
    w.nothingChangedBut("refused swiglu");
  }

  private static double[] indices(Workspace w, int n, int v) {
    double[] index = new double[n];
    for (int i = 0; i < n; i++) {
      index[i] = w.upTo(v - 1);
    }
    return index;
  }

  @EveryWorkspace
  default void gatherCopiesRowsAndScatterAddsThem(Workspace w) {
    int[][] shapes = { // rows, table rows, columns
      {0, 4, 3}, {1, 1, 1}, {5, 3, 7}, {40, 5, 16}, {9, 100, 33}, {2000, 50, 70}, {3, 2, 2001}
    };
    for (int[] s : shapes) {
      for (int gap : new int[] {0, 5}) {
        for (double beta : VectorFacts.FACTORS) {
          int n = s[0];
          int v = s[1];
          int d = s[2];
          w.start(n + v + d + gap);
          double[] table = w.gaussians(v * d);
          double[] index = indices(w, n, v);
          double[] expected = new double[n * d];
          double[] sums = new double[v * d];
          double[] sizes = new double[v * d];
          double[] dy = w.gaussians(n * d);
          for (int i = 0; i < n; i++) {
            for (int j = 0; j < d; j++) {
              int at = (int) index[i] * d + j;
              expected[i * d + j] = table[at];
              sums[at] += dy[i * d + j];
              sizes[at] += Math.abs(dy[i * d + j]);
            }
          }
          Buffer places = w.vector(index);
          Matrix y = w.matrix(n, d, gap, false, nans(n * d));
          w.kernels.gather(w.matrix(v, d, gap, false, table), places, y);
          String what = w + " embedding " + Arrays.toString(s) + " beta " + beta;
          Naive.assertClose(what, expected, Workspace.values(y), new double[n * d]);
          double[] old = beta == 0 ? nans(v * d) : w.gaussians(v * d);
          for (int i = 0; i < v * d; i++) {
            double kept = beta == 0 ? 0 : beta * old[i];
            sizes[i] = 4 * w.eps * (Math.abs(kept) + Math.abs(sums[i])) + n * 0x1p-52 * sizes[i];
            sums[i] += kept;
          }
          Matrix dtable = w.matrix(v, d, 2 * gap, false, old);
          w.kernels.scatterAdd(w.matrix(n, d, gap, false, dy), places, beta, dtable);
          Naive.assertClose(what, sums, Workspace.values(dtable), sizes);
          w.nothingChangedBut(what, y, dtable);
        }
      }
    }
  }

  @EveryWorkspace
  default void indicesThatAreNoRowsOfTheTableAreRefused(Workspace w) {
    w.start(5);
    Kernels k = w.kernels;
    Matrix table = w.dense(3, 4, w.gaussians(12));
    Matrix y = w.dense(2, 4, w.gaussians(8));
    for (double wrong : new double[] {-1, 3, 0.5, Double.NaN, 1e30, Double.NEGATIVE_INFINITY}) {
      Buffer index = w.vector(2, wrong);
      String named = "index 1 is";
      ErrorFacts.refused(() -> k.gather(table, index, y), named, "from 0 to 2");
      ErrorFacts.refused(() -> k.scatterAdd(y, index, 1, table), named, "from 0 to 2");
    }
    Buffer three = w.vector(0, 1, 2);
    ErrorFacts.refused(() -> k.gather(table, three, y), "[3 x 4]", "3", "[2 x 4]");
    Matrix thin = w.dense(3, 2, w.gaussians(6));
    ErrorFacts.refused(() -> k.gather(table, three, thin), "[3 x 4]", "[3 x 2]");
    w.nothingChangedBut("refused embeddings");
  }
}
