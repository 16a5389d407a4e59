package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

/** LayerNorm and RMSNorm against double formulas, and their derivatives against {@link Jet}s. */
interface NormFacts {
  /** These kernels for {@link KernelCalls}. */
  static void calls(KernelCalls list) {
    for (int[] s : list.matrices) {
      int n = s[0];
      int d = s[1];
      for (Norm norm : new Norm[] {Norm.layer(1e-5), Norm.rms(1e-5)}) {
        String shape = " " + norm.kind() + " [" + n + " x " + d + "]";
        list.add(
            "norm" + shape,
            w -> {
              Matrix x = w.dense(n, d, w.gaussians(n * d));
              Buffer row = w.vector(w.gaussians(d));
              Matrix y = w.dense(n, d, new double[n * d]);
              Matrix stats = w.dense(2, n, new double[2 * n]);
              return new KernelCalls.Prepared(
                  () -> w.kernels.norm(norm, x, row, norm.centred() ? row : null, y, stats),
                  y,
                  stats);
            });
        list.add(
            "normVjp" + shape,
            w -> {
              Matrix x = w.dense(n, d, w.gaussians(n * d));
              Buffer gain = w.vector(w.gaussians(d));
              Matrix stats = w.dense(2, n, w.gaussians(2 * n));
              Matrix dx = w.dense(n, d, w.gaussians(n * d));
              Buffer dgain = w.vector(w.gaussians(d));
              Buffer dbias = w.vector(w.gaussians(d));
              return new KernelCalls.Prepared(
                  () -> w.kernels.normVjp(norm, x, stats, gain, x, 0.5, dx, 0.3, dgain, 0, dbias),
                  dx,
                  dgain,
                  dbias);
            });
        list.add(
            "normJvp" + shape,
            w -> {
              Matrix x = w.dense(n, d, w.gaussians(n * d));
              Matrix xt = w.dense(n, d, w.gaussians(n * d));
              Buffer row = w.vector(w.gaussians(d));
              Matrix stats = w.dense(2, n, w.gaussians(2 * n));
              Matrix yt = w.dense(n, d, new double[n * d]);
              return new KernelCalls.Prepared(
                  () -> w.kernels.normJvp(norm, x, stats, row, xt, row, row, yt), yt);
            });
        list.add(
            "normVjpTangent" + shape,
            w -> {
              Matrix x = w.dense(n, d, w.gaussians(n * d));
              Matrix xt = w.dense(n, d, w.gaussians(n * d));
              Buffer row = w.vector(w.gaussians(d));
              Matrix stats = w.dense(2, n, w.gaussians(2 * n));
              Matrix dx = w.dense(n, d, w.gaussians(n * d));
              Buffer dgain = w.vector(w.gaussians(d));
              Buffer dbias = w.vector(w.gaussians(d));
              return new KernelCalls.Prepared(
                  () ->
                      w.kernels.normVjpTangent(
                          norm, x, stats, row, xt, xt, row, x, 0.5, dx, 0, dgain, 0.3, dbias),
                  dx,
                  dgain,
                  dbias);
            });
      }
    }
  }

  Norm[] NORMS = {Norm.layer(1e-5), Norm.rms(1e-6), Norm.layer(0.5)};

  private static int[][] shapes() {
    return new int[][] {
      {0, 5}, {1, 2}, {3, 3}, {7, 5}, {2, 16}, {5, 17}, {40, 6}, {2, 33}, {1, 67}
    };
  }

  /** The inputs of a case in plain arrays. */
  private static double[] positives(double[] x) {
    return Arrays.stream(x).map(v -> v + 0.1).toArray();
  }

  private static double[] nans(int n) {
    double[] x = new double[n];
    Arrays.fill(x, Double.NaN);
    return x;
  }

  private static double mean(double[] x, int from, int d) {
    return Arrays.stream(x, from, from + d).sum() / d;
  }

  private static double deviation(Norm norm, double[] x, int from, int d, double mean) {
    double squares = 0;
    for (int j = from; j < from + d; j++) {
      squares += (x[j] - mean) * (x[j] - mean);
    }
    return 1 / Math.sqrt(squares / d + norm.eps());
  }

  /** Forward, so that the statistics are the kernel's own. */
  private static Matrix stats(Workspace w, Norm norm, Matrix x, Buffer gain) {
    Matrix stats = w.dense(2, x.rows(), nans(2 * x.rows()));
    Matrix y = w.dense(x.rows(), x.cols(), nans(x.rows() * x.cols()));
    w.kernels.norm(norm, x, gain, null, y, stats);
    return stats;
  }

  @EveryWorkspace
  default void normMatchesItsFormula(Workspace w) {
    for (Norm norm : NORMS) {
      for (int[] shape :
          w.shapes(new int[][] {{0, 5}, {1, 1}, {7, 5}, {5, 17}, {3, 1001}, {1003, 70}})) {
        for (boolean biased : new boolean[] {true, false}) {
          int n = shape[0];
          int d = shape[1];
          w.start(n + d);
          double[] x = w.gaussians(n * d);
          double[] gain = w.gaussians(d);
          double[] bias = w.gaussians(d);
          Matrix y = w.dense(n, d, nans(n * d));
          Matrix stats = w.dense(2, n, nans(2 * n));
          Matrix xs = w.dense(n, d, x);
          Buffer row = biased ? w.vector(bias) : null;
          w.kernels.norm(norm, xs, w.vector(gain), row, y, stats);
          String what = w + " " + norm + " " + y + (biased ? ", bias" : "");
          double[] actual = Workspace.values(y);
          double[] kept = Workspace.values(stats);
          for (int i = 0; i < n; i++) {
            double m = norm.centred() ? mean(x, i * d, d) : 0;
            double r = deviation(norm, x, i * d, d, m);
            Naive.assertClose(what + " mean", i, m, kept[i], 4 * w.eps * (1 + Math.abs(m)));
            double error = (8 * w.eps + d * Workspace.EPS64) * r;
            Naive.assertClose(what + " deviation", i, r, kept[n + i], error);
            for (int j = 0; j < d; j++) {
              double scaled = (x[i * d + j] - m) * r * gain[j];
              double expected = scaled + (biased ? bias[j] : 0);
              double size = r * (Math.abs(x[i * d + j]) + Math.abs(m)) * Math.abs(gain[j]);
              double bound = (16 * w.eps + d * Workspace.EPS64) * (size + Math.abs(bias[j]));
              Naive.assertClose(what, i * d + j, expected, actual[i * d + j], bound);
            }
          }
          w.nothingChangedBut(what, y, stats);
        }
      }
    }
  }

  @EveryWorkspace
  default void normInPlaceIsNorm(Workspace w) {
    w.start(3);
    Matrix x = w.dense(6, 37, w.gaussians(6 * 37));
    Matrix y = w.dense(6, 37, nans(6 * 37));
    Matrix stats = w.dense(2, 6, nans(12));
    Buffer gain = w.vector(w.gaussians(37));
    w.kernels.norm(NORMS[0], x, gain, gain, y, stats);
    w.kernels.norm(NORMS[0], x, gain, gain, x, stats);
    assertEquals(Arrays.toString(Workspace.values(y)), Arrays.toString(Workspace.values(x)));
  }

  /** A mean 1e4 times the deviation costs the bits of x itself, no more. */
  @EveryWorkspace
  default void normOfRowsFarFromZeroKeepsTheirSpread(Workspace w) {
    w.start(5);
    int d = 512;
    double[] x = Arrays.stream(w.gaussians(2 * d)).map(v -> w.round(1e4 + v)).toArray();
    double[] one = new double[d];
    Arrays.fill(one, 1);
    Matrix y = w.dense(2, d, nans(2 * d));
    w.kernels.norm(NORMS[0], w.dense(2, d, x), w.vector(one), null, y, w.dense(2, 2, nans(4)));
    double[] actual = Workspace.values(y);
    for (int i = 0; i < 2; i++) {
      double m = mean(x, i * d, d);
      double r = deviation(NORMS[0], x, i * d, d, m);
      for (int j = i * d; j < (i + 1) * d; j++) {
        Naive.assertClose(w + " far", j, (x[j] - m) * r, actual[j], 2e4 * w.eps);
      }
    }
  }

  /** {@code sum_j dy_j (gain_j h_j + bias_j)} of inputs x, gain, bias, dy one after another. */
  private static Jet paired(Norm norm, Jet[] in) {
    int d = in.length / 4;
    Jet mean = Jet.of(0);
    for (int j = 0; norm.centred() && j < d; j++) {
      mean = mean.plus(in[j].times(Jet.of(1.0 / d)));
    }
    Jet squares = Jet.of(norm.eps());
    for (int j = 0; j < d; j++) {
      Jet c = in[j].minus(mean);
      squares = squares.plus(c.times(c).times(Jet.of(1.0 / d)));
    }
    Jet sum = Jet.of(0);
    for (int j = 0; j < d; j++) {
      Jet h = in[j].minus(mean).over(squares.sqrt());
      sum = sum.plus(in[3 * d + j].times(in[d + j].times(h).plus(in[2 * d + j])));
    }
    return sum;
  }

  private static double[] row(double[] x, int i, double[] gain, double[] bias, double[] dy) {
    int d = gain.length;
    double[] all = new double[4 * d];
    System.arraycopy(x, i * d, all, 0, d);
    System.arraycopy(gain, 0, all, d, d);
    System.arraycopy(bias, 0, all, 2 * d, d);
    System.arraycopy(dy, i * d, all, 3 * d, d);
    return all;
  }

  private static void assertNear(Workspace w, String what, double[] expected, double[] actual) {
    double size = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    double[] bound = new double[expected.length];
    Arrays.fill(bound, 300 * w.eps * (1 + size));
    Naive.assertClose(what, expected, actual, bound);
  }

  private static double[] added(double[] sum, double beta, double[] old) {
    double[] result = new double[sum.length];
    for (int i = 0; i < sum.length; i++) {
      result[i] = sum[i] + (beta == 0 ? 0 : beta * old[i]);
    }
    return result;
  }

  @EveryWorkspace
  default void normDerivativesAreThoseOfTheFormula(Workspace w) {
    for (Norm norm : NORMS) {
      for (int[] shape : w.shapes(shapes())) {
        derivatives(w, norm, shape[0], shape[1]);
      }
    }
  }

  private static void derivatives(Workspace w, Norm norm, int n, int d) {
    w.start(n + d);
    double[] x = w.gaussians(n * d);
    double[] gain = positives(w.gaussians(d));
    double[] bias = w.gaussians(d);
    double[] dy = w.gaussians(n * d);
    double[] xt = w.gaussians(n * d);
    double[] gt = w.gaussians(d);
    double[] bt = w.gaussians(d);
    double[] dyt = w.gaussians(n * d);
    for (int j = 0; j < d; j++) {
      gain[j] = w.round(gain[j]);
    }

    double[] dx = new double[n * d];
    double[] dxt = new double[n * d];
    double[] yt = new double[n * d];
    double[] dgain = new double[d];
    double[] dgaint = new double[d];
    double[] dbias = new double[d];
    double[] dbiast = new double[d];
    for (int i = 0; i < n; i++) {
      Jet.Derivatives one =
          Jet.derivatives(
              in -> paired(norm, in), row(x, i, gain, bias, dy), row(xt, i, gt, bt, dyt));
      System.arraycopy(one.vjp(), 0, dx, i * d, d);
      System.arraycopy(one.vjpTangent(), 0, dxt, i * d, d);
      // The gradient with respect to dy is y, so the tangent of that is y'.
      System.arraycopy(one.vjpTangent(), 3 * d, yt, i * d, d);
      for (int j = 0; j < d; j++) {
        dgain[j] += one.vjp()[d + j];
        dgaint[j] += one.vjpTangent()[d + j];
        dbias[j] += one.vjp()[2 * d + j];
        dbiast[j] += one.vjpTangent()[2 * d + j];
      }
    }

    Matrix xs = w.dense(n, d, x);
    Buffer gains = w.vector(gain);
    Matrix dys = w.dense(n, d, dy);
    Matrix xts = w.dense(n, d, xt);
    Buffer gts = w.vector(gt);
    Matrix dyts = w.dense(n, d, dyt);
    Matrix stats = stats(w, norm, xs, gains);
    for (double beta : new double[] {0, 0.7}) {
      double[] old = beta == 0 ? nans(n * d) : w.gaussians(n * d);
      double[] oldRow = beta == 0 ? nans(d) : w.gaussians(d);
      String what = w + " " + norm + " " + xs + ", beta " + beta + " ";

      Matrix out = w.dense(n, d, old);
      Buffer outGain = w.vector(oldRow);
      Buffer outBias = w.vector(oldRow);
      w.kernels.normVjp(
          norm, xs, stats, gains, dys, beta, out, 2 * beta, outGain, 3 * beta, outBias);
      assertNear(w, what + "dx", added(dx, beta, old), Workspace.values(out));
      assertNear(w, what + "dgain", added(dgain, 2 * beta, oldRow), outGain.toArray());
      assertNear(w, what + "dbias", added(dbias, 3 * beta, oldRow), outBias.toArray());

      Matrix outJvp = w.dense(n, d, nans(n * d));
      w.kernels.normJvp(norm, xs, stats, gains, xts, gts, w.vector(bt), outJvp);
      assertNear(w, what + "y'", yt, Workspace.values(outJvp));
      w.kernels.normJvp(norm, xs, stats, gains, xts, gts, null, outJvp);
      double[] without = yt.clone();
      for (int i = 0; i < n * d; i++) {
        without[i] -= bt[i % d];
      }
      assertNear(w, what + "y' without bias", without, Workspace.values(outJvp));

      Matrix outT = w.dense(n, d, old);
      Buffer outGainT = w.vector(oldRow);
      Buffer outBiasT = w.vector(oldRow);
      w.kernels.normVjpTangent(
          norm, xs, stats, gains, dys, xts, gts, dyts, beta, outT, 2 * beta, outGainT, 3 * beta,
          outBiasT);
      assertNear(w, what + "dx'", added(dxt, beta, old), Workspace.values(outT));
      assertNear(w, what + "dgain'", added(dgaint, 2 * beta, oldRow), outGainT.toArray());
      assertNear(w, what + "dbias'", added(dbiast, 3 * beta, oldRow), outBiasT.toArray());
    }
  }

  /** What a caller does not want is left out, and the rest is the same. */
  @EveryWorkspace
  default void normOutputsMayBeNull(Workspace w) {
    w.start(4);
    Matrix x = w.dense(9, 21, w.gaussians(9 * 21));
    Matrix dy = w.dense(9, 21, w.gaussians(9 * 21));
    Buffer gain = w.vector(w.gaussians(21));
    Matrix stats = stats(w, NORMS[0], x, gain);
    Kernels k = w.kernels;
    Matrix dx = w.dense(9, 21, nans(9 * 21));
    Buffer dgain = w.vector(nans(21));
    Buffer dbias = w.vector(nans(21));
    k.normVjp(NORMS[0], x, stats, gain, dy, 0, dx, 0, dgain, 0, dbias);
    Matrix dxAlone = w.dense(9, 21, nans(9 * 21));
    Buffer dgainAlone = w.vector(nans(21));
    Buffer dbiasAlone = w.vector(nans(21));
    k.normVjp(NORMS[0], x, stats, gain, dy, 0, dxAlone, 0, null, 0, null);
    k.normVjp(NORMS[0], x, stats, gain, dy, 0, null, 0, dgainAlone, 0, null);
    k.normVjp(NORMS[0], x, stats, gain, dy, 0, null, 0, null, 0, dbiasAlone);
    assertEquals(Arrays.toString(Workspace.values(dx)), Arrays.toString(Workspace.values(dxAlone)));
    assertEquals(Arrays.toString(dgain.toArray()), Arrays.toString(dgainAlone.toArray()));
    assertEquals(Arrays.toString(dbias.toArray()), Arrays.toString(dbiasAlone.toArray()));
  }

  /** A NaN spoils its own row of y and dx, and dgain, nothing else. */
  @EveryWorkspace
  default void normCarriesNanAlongItsRow(Workspace w) {
    for (int d : new int[] {3, 16, 37}) {
      w.start(d);
      double[] values = w.gaussians(3 * d);
      values[2 * d - 1] = Double.NaN;
      Matrix x = w.dense(3, d, values);
      Buffer gain = w.vector(w.gaussians(d));
      Matrix stats = w.dense(2, 3, new double[6]);
      Matrix y = w.dense(3, d, new double[3 * d]);
      Matrix dx = w.dense(3, d, new double[3 * d]);
      Buffer dgain = w.vector(new double[d]);
      w.kernels.norm(NORMS[0], x, gain, gain, y, stats);
      w.kernels.normVjp(
          NORMS[0], x, stats, gain, w.dense(3, d, w.gaussians(3 * d)), 0, dx, 0, dgain, 0, null);
      for (int i = 0; i < 3 * d; i++) {
        assertEquals(i / d == 1, Double.isNaN(Workspace.values(y)[i]), w + " y " + i);
        assertEquals(i / d == 1, Double.isNaN(Workspace.values(dx)[i]), w + " dx " + i);
      }
      assertTrue(Arrays.stream(dgain.toArray()).allMatch(Double::isNaN));
    }
  }

  @EveryWorkspace
  default void normKernelsNameWhatDoesNotFit(Workspace w) {
    w.start(6);
    Kernels k = w.kernels;
    Matrix x = w.dense(4, 6, w.gaussians(24));
    Matrix y = w.dense(4, 6, w.gaussians(24));
    Matrix other = w.dense(6, 4, w.gaussians(24));
    Matrix loose = w.matrix(4, 6, 2, false, w.gaussians(24));
    Matrix stats = w.dense(2, 4, w.gaussians(8));
    Buffer row = w.vector(w.gaussians(6));
    Buffer wrong = w.vector(w.gaussians(7));
    Norm norm = NORMS[0];
    ErrorFacts.refused(() -> k.norm(norm, x, row, row, other, stats), "[4 x 6]", "[6 x 4]");
    ErrorFacts.refused(() -> k.norm(norm, loose, row, row, y, stats), "[4 x 6]", "dense");
    ErrorFacts.refused(() -> k.norm(norm, x, wrong, row, y, stats), "[4 x 6]", "7");
    ErrorFacts.refused(() -> k.norm(norm, x, row, wrong, y, stats), "[4 x 6]", "7");
    ErrorFacts.refused(() -> k.norm(norm, x, row, row, y, other), "[6 x 4]", "[2 x 4]");
    ErrorFacts.refused(
        () -> k.normVjp(norm, x, stats, row, other, 0, y, 0, row, 0, row), "[4 x 6]", "[6 x 4]");
    ErrorFacts.refused(
        () -> k.normVjp(norm, x, stats, row, y, 0, y, 0, wrong, 0, row), "[4 x 6]", "7");
    ErrorFacts.refused(
        () -> k.normJvp(norm, x, stats, row, x, row, row, other), "[4 x 6]", "[6 x 4]");
    ErrorFacts.refused(
        () -> k.normVjpTangent(norm, x, stats, row, x, x, wrong, x, 0, y, 0, row, 0, row),
        "[4 x 6]",
        "7");
    assertThrows(IllegalArgumentException.class, () -> Norm.layer(-1));
    assertThrows(IllegalArgumentException.class, () -> Norm.rms(Double.NaN));
    DType alien = w.dtype == DType.F32 ? DType.F64 : DType.F32;
    try (Buffer six = w.device.allocate(alien, 6)) {
      ErrorFacts.refused(() -> k.norm(norm, x, six, row, y, stats), "F32", "F64");
    }
    w.nothingChangedBut("refused norms");
  }

  /**
   * In fp64, the tangent of the vjp is the difference quotient of the vjp, and {@code <u, J v> =
   * <J^T u, v>}.
   */
  @EveryWorkspace
  default void normTangentsAreDifferencesAndAdjoint(Workspace w) {
    if (w.dtype == DType.F32) {
      return;
    }
    int n = 19;
    int d = 21;
    double h = 1e-5;
    for (Norm norm : NORMS) {
      w.start(2);
      double[] x = w.gaussians(n * d);
      double[] gain = w.gaussians(d);
      double[] dy = w.gaussians(n * d);
      double[] xt = w.gaussians(n * d);
      double[] gt = w.gaussians(d);
      double[] dyt = w.gaussians(n * d);
      double[] ahead = vjp(w, norm, d, moved(x, h, xt), moved(gain, h, gt), moved(dy, h, dyt));
      double[] behind = vjp(w, norm, d, moved(x, -h, xt), moved(gain, -h, gt), moved(dy, -h, dyt));
      double[] quotient = new double[ahead.length];
      for (int i = 0; i < quotient.length; i++) {
        quotient[i] = (ahead[i] - behind[i]) / (2 * h);
      }
      Matrix xs = w.dense(n, d, x);
      Buffer gains = w.vector(gain);
      Matrix stats = stats(w, norm, xs, gains);
      Matrix dys = w.dense(n, d, dy);
      Matrix xts = w.dense(n, d, xt);
      Buffer gts = w.vector(gt);
      Matrix dxt = w.dense(n, d, nans(n * d));
      Buffer dgt = w.vector(nans(d));
      w.kernels.normVjpTangent(
          norm, xs, stats, gains, dys, xts, gts, w.dense(n, d, dyt), 0, dxt, 0, dgt, 0, null);
      double[] bound = new double[n * d + d];
      Arrays.fill(bound, 1e-7);
      double[] actual = Arrays.copyOf(Workspace.values(dxt), n * d + d);
      System.arraycopy(dgt.toArray(), 0, actual, n * d, d);
      Naive.assertClose(w + " " + norm + " quotient", quotient, actual, bound);

      Matrix yt = w.dense(n, d, nans(n * d));
      w.kernels.normJvp(norm, xs, stats, gains, xts, gts, null, yt);
      double[] gradient = vjp(w, norm, d, x, gain, dy);
      double[] direction = Arrays.copyOf(xt, n * d + d);
      System.arraycopy(gt, 0, direction, n * d, d);
      double forward = Naive.dot(dy, Workspace.values(yt));
      assertEquals(forward, Naive.dot(gradient, direction), 1e-11 * (1 + Math.abs(forward)));
    }
  }

  private static double[] moved(double[] x, double h, double[] xt) {
    double[] result = x.clone();
    for (int i = 0; i < x.length; i++) {
      result[i] += h * xt[i];
    }
    return result;
  }

  /** dx, then dgain. */
  private static double[] vjp(
      Workspace w, Norm norm, int d, double[] x, double[] gain, double[] dy) {
    int n = x.length / d;
    Matrix xs = w.dense(n, d, x);
    Buffer gains = w.vector(gain);
    Matrix dx = w.dense(n, d, nans(n * d));
    Buffer dgain = w.vector(nans(d));
    Matrix stats = stats(w, norm, xs, gains);
    w.kernels.normVjp(norm, xs, stats, gains, w.dense(n, d, dy), 0, dx, 0, dgain, 0, null);
    double[] all = Arrays.copyOf(Workspace.values(dx), n * d + d);
    System.arraycopy(dgain.toArray(), 0, all, n * d, d);
    return all;
  }
}
