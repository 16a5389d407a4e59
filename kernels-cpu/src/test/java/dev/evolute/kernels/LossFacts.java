package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

/**
 * Softmax and its cross-entropy against labels and distributions, and binary cross-entropy, with
 * weights and without; their derivatives against {@link Jet}s.
 */
interface LossFacts {
  /** These kernels for {@link KernelCalls}. */
  static void calls(KernelCalls list) {
    for (int[] s : list.matrices) {
      int n = s[0];
      int c = s[1];
      int size = n * c;
      String shape = " [" + n + " x " + c + "]";
      list.add(
          "softmax" + shape,
          w -> {
            Matrix z = w.dense(n, c, w.gaussians(size));
            Matrix p = w.dense(n, c, new double[size]);
            return new KernelCalls.Prepared(() -> w.kernels.softmax(z, p), p);
          });
      list.add(
          "softmaxVjpTangent" + shape,
          w -> {
            Matrix p = w.dense(n, c, w.gaussians(size));
            Matrix u = w.dense(n, c, w.gaussians(size));
            Matrix out = w.dense(n, c, w.gaussians(size));
            return new KernelCalls.Prepared(
                () -> w.kernels.softmaxVjpTangent(p, u, u, p, 0.5, out), out);
          });
      for (boolean weighted : new boolean[] {false, true}) {
        list.add(
            "binaryCrossEntropy" + (weighted ? " weights" : "") + shape,
            w -> {
              Matrix z = w.dense(n, c, w.gaussians(size));
              Matrix y = w.dense(n, c, Naive.absolute(w.gaussians(size)));
              Buffer weights = weighted ? w.vector(w.gaussians(n)) : null;
              Matrix first = w.dense(n, c, new double[size]);
              Matrix second = w.dense(n, c, new double[size]);
              Buffer loss = w.scalar();
              return new KernelCalls.Prepared(
                  () -> w.kernels.binaryCrossEntropy(0.3, z, y, weights, first, second, loss),
                  first,
                  second,
                  loss);
            });
      }
      for (int form = 0; form < 4; form++) {
        boolean labelled = (form & 1) != 0;
        boolean weighted = (form & 2) != 0;
        String name = (labelled ? " labels" : "") + (weighted ? " weights" : "") + shape;
        list.add(
            "softmaxCrossEntropy and jvp" + name,
            w -> {
              Matrix z = w.dense(n, c, w.gaussians(size));
              Matrix p = w.dense(n, c, new double[size]);
              Targets y = targets(w, n, c, labelled, weighted, new double[size], new double[n]);
              Buffer loss = w.scalar();
              Buffer change = w.scalar();
              return new KernelCalls.Prepared(
                  () -> {
                    w.kernels.softmaxCrossEntropy(1.0 / n, z, y, p, loss);
                    w.kernels.softmaxCrossEntropyJvp(1.0 / n, p, y, z, change);
                  },
                  p,
                  loss,
                  change);
            });
        list.add(
            "softmaxCrossEntropy vjp and tangent" + name,
            w -> {
              Matrix u = w.dense(n, c, w.gaussians(size));
              Matrix p = w.dense(n, c, w.gaussians(size));
              Matrix dz = w.dense(n, c, w.gaussians(size));
              Matrix dzt = w.dense(n, c, w.gaussians(size));
              Targets y = targets(w, n, c, labelled, weighted, new double[size], new double[n]);
              return new KernelCalls.Prepared(
                  () -> {
                    w.kernels.softmaxCrossEntropyVjp(1.0 / n, p, y, 0.5, dz);
                    w.kernels.softmaxCrossEntropyVjpTangent(1.0 / n, p, y, u, 0.5, dzt);
                  },
                  dz,
                  dzt);
            });
      }
    }
  }

  /** Rows of either kind, blocks of one row and of many, vectors with every tail. */
  private static int[][] shapes() {
    return new int[][] {
      {0, 3}, {1, 1}, {5, 2}, {9, 3}, {21, 10}, {7, 16}, {3, 33}, {2, 64}, {3, 65}, {2, 131}
    };
  }

  private static double[] nans(int n) {
    double[] x = new double[n];
    Arrays.fill(x, Double.NaN);
    return x;
  }

  private static void assertNear(
      Workspace w, String what, double[] expected, double beta, double[] old, Matrix actual) {
    int n = expected.length;
    double size = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    double[] sum = new double[n];
    double[] bound = new double[n];
    for (int i = 0; i < n; i++) {
      sum[i] = expected[i] + (beta == 0 ? 0 : beta * old[i]);
      bound[i] = 100 * w.eps * (1 + size);
    }
    Naive.assertClose(what, sum, Workspace.values(actual), bound);
  }

  private static double[] row(double[] x, int i, int c) {
    return Arrays.copyOfRange(x, i * c, (i + 1) * c);
  }

  private static double[] joined(double[] x, double[] y) {
    double[] both = Arrays.copyOf(x, x.length + y.length);
    System.arraycopy(y, 0, both, x.length, y.length);
    return both;
  }

  private static Jet sumOfExp(Jet[] z, int c) {
    Jet sum = Jet.of(0);
    for (int j = 0; j < c; j++) {
      sum = sum.plus(z[j].exp());
    }
    return sum;
  }

  /** {@code <dp, softmax(z)>} of inputs z, dp. */
  private static Jet paired(Jet[] in) {
    int c = in.length / 2;
    Jet sum = Jet.of(0);
    for (int j = 0; j < c; j++) {
      sum = sum.plus(in[c + j].times(in[j].exp()));
    }
    return sum.over(sumOfExp(in, c));
  }

  /** {@code log sum_j exp z_j - <y, z>}. */
  private static Jet entropy(Jet[] z, double[] y) {
    Jet loss = sumOfExp(z, z.length).log();
    for (int j = 0; j < z.length; j++) {
      loss = loss.minus(z[j].times(Jet.of(y[j])));
    }
    return loss;
  }

  @EveryWorkspace
  default void softmaxAndItsDerivativesAreThoseOfTheFormula(Workspace w) {
    for (int[] shape : w.shapes(shapes())) {
      int n = shape[0];
      int c = shape[1];
      w.start(n + c);
      double[] z = w.gaussians(n * c);
      double[] zt = w.gaussians(n * c);
      double[] dp = w.gaussians(n * c);
      double[] dpt = w.gaussians(n * c);
      double[] pt = new double[n * c];
      double[] dz = new double[n * c];
      double[] dzt = new double[n * c];
      for (int i = 0; i < n; i++) {
        Jet.Derivatives one =
            Jet.derivatives(
                LossFacts::paired,
                joined(row(z, i, c), row(dp, i, c)),
                joined(row(zt, i, c), row(dpt, i, c)));
        System.arraycopy(one.vjp(), 0, dz, i * c, c);
        System.arraycopy(one.vjpTangent(), 0, dzt, i * c, c);
        System.arraycopy(one.vjpTangent(), c, pt, i * c, c);
      }
      Matrix p = w.dense(n, c, nans(n * c));
      Matrix pTangent = w.dense(n, c, nans(n * c));
      Matrix zs = w.dense(n, c, z);
      Matrix dps = w.dense(n, c, dp);
      String what = w + " softmax " + p + " ";
      w.kernels.softmax(zs, p);
      assertNear(w, what, Naive.softmax(n, c, z), 0, null, p);
      w.kernels.softmaxTangent(1, p, w.dense(n, c, zt), 0, pTangent);
      assertNear(w, what + "p'", pt, 0, null, pTangent);
      for (double beta : new double[] {0, 0.7}) {
        double[] old = beta == 0 ? nans(n * c) : w.gaussians(n * c);
        Matrix out = w.dense(n, c, old);
        w.kernels.softmaxTangent(1, p, dps, beta, out);
        assertNear(w, what + "dz", dz, beta, old, out);
        Matrix outTangent = w.dense(n, c, old);
        w.kernels.softmaxVjpTangent(p, dps, pTangent, w.dense(n, c, dpt), beta, outTangent);
        assertNear(w, what + "dz'", dzt, beta, old, outTangent);
      }
      w.kernels.softmax(zs, zs);
      assertArrayEquals(Workspace.values(p), Workspace.values(zs), what + "in place");
    }
  }

  /** Labels or distributions, with weights or without, every fourth row left out. */
  private static Targets targets(
      Workspace w, int n, int c, boolean labelled, boolean weighted, double[] y, double[] weight) {
    Arrays.fill(weight, 1);
    double[] labels = new double[n];
    double[] distributions = Naive.softmax(n, c, w.gaussians(n * c));
    for (int i = 0; i < n; i++) {
      boolean out = i % 4 == 3;
      labels[i] = labelled && out ? Targets.LEFT_OUT : w.upTo(c - 1);
      for (int j = 0; j < c; j++) {
        y[i * c + j] = labelled ? (j == labels[i] ? 1 : 0) : w.round(distributions[i * c + j]);
      }
      if (weighted) {
        weight[i] = out ? 0 : w.round(0.5 + i % 3);
      } else if (labelled && out) {
        weight[i] = 0;
      }
    }
    double[] kept = weight.clone();
    for (int i = 0; i < n; i++) {
      kept[i] = labelled && i % 4 == 3 ? 5 : kept[i];
    }
    Targets targets =
        labelled ? Targets.labels(w.vector(labels), c) : Targets.distributions(w.dense(n, c, y));
    return weighted ? targets.weighted(w.vector(kept)) : targets;
  }

  @EveryWorkspace
  default void crossEntropyAndItsDerivativesAreThoseOfTheFormula(Workspace w) {
    for (int[] shape : w.shapes(shapes())) {
      for (int form = 0; form < 4; form++) {
        crossEntropy(w, shape[0], shape[1], (form & 1) != 0, (form & 2) != 0);
      }
    }
  }

  private static void crossEntropy(Workspace w, int n, int c, boolean labelled, boolean weighted) {
    w.start(n + c);
    double scale = -0.75;
    double[] z = w.gaussians(n * c);
    double[] zt = w.gaussians(n * c);
    double[] y = new double[n * c];
    double[] weight = new double[n];
    Targets targets = targets(w, n, c, labelled, weighted, y, weight);
    double loss = 0;
    double change = 0;
    double[] dz = new double[n * c];
    double[] dzt = new double[n * c];
    for (int i = 0; i < n; i++) {
      double[] target = row(y, i, c);
      Jet.Derivatives one = Jet.derivatives(in -> entropy(in, target), row(z, i, c), row(zt, i, c));
      loss += scale * weight[i] * one.value();
      change += scale * weight[i] * one.jvp();
      for (int j = 0; j < c; j++) {
        dz[i * c + j] = scale * weight[i] * one.vjp()[j];
        dzt[i * c + j] = scale * weight[i] * one.vjpTangent()[j];
      }
    }
    if (n > 0 && c > 1) {
      assertTrue(Arrays.stream(dzt).anyMatch(v -> Math.abs(v) > 1e-3), "a curvature to be found");
    }
    Matrix p = w.dense(n, c, nans(n * c));
    Matrix u = w.dense(n, c, zt);
    String what = w + " cross-entropy " + p + " labels " + labelled + " weights " + weighted + " ";
    try (Buffer out = w.device.allocate(DType.F64, 1)) {
      out.set(Double.NaN);
      w.kernels.softmaxCrossEntropy(scale, w.dense(n, c, z), targets, p, out);
      assertEquals(loss, out.get(0), 8 * w.eps * (n + c + 8) * (1 + Math.abs(loss)), what);
      w.kernels.softmaxCrossEntropyJvp(scale, p, targets, u, out);
      assertEquals(change, out.get(0), 8 * w.eps * (n + c + 8) * (1 + Math.abs(change)), what);
    }
    for (double beta : new double[] {0, 1, 0.7}) {
      double[] old = beta == 0 ? nans(n * c) : w.gaussians(n * c);
      Matrix d = w.dense(n, c, old);
      w.kernels.softmaxCrossEntropyVjp(scale, p, targets, beta, d);
      assertNear(w, what + "dz", dz, beta, old, d);
      Matrix dt = w.dense(n, c, old);
      w.kernels.softmaxCrossEntropyVjpTangent(scale, p, targets, u, beta, dt);
      assertNear(w, what + "dz'", dzt, beta, old, dt);
      w.nothingChangedBut(what, p, d, dt);
      w.start(n + c + 1);
      p = w.dense(n, c, Naive.softmax(n, c, z));
      u = w.dense(n, c, zt);
      targets = again(w, n, c, labelled, weighted, y, weight);
    }
  }

  /** The same targets in fresh memory. */
  private static Targets again(
      Workspace w, int n, int c, boolean labelled, boolean weighted, double[] y, double[] weight) {
    double[] labels = new double[n];
    for (int i = 0; i < n; i++) {
      labels[i] = Targets.LEFT_OUT;
      for (int j = 0; j < c; j++) {
        labels[i] = y[i * c + j] == 1 ? j : labels[i];
      }
    }
    Targets targets =
        labelled ? Targets.labels(w.vector(labels), c) : Targets.distributions(w.dense(n, c, y));
    return weighted ? targets.weighted(w.vector(weight)) : targets;
  }

  /**
   * In fp64 the tangent of the vjp is the difference quotient of the vjp, the jvp that of the loss,
   * {@code <dz, z'>}, and the Hessian is symmetric.
   */
  @EveryWorkspace
  default void crossEntropyTangentsAreDifferences(Workspace w) {
    if (w.dtype == DType.F32) {
      return;
    }
    double h = 1e-5;
    for (int[] shape : new int[][] {{37, 10}, {5, 70}}) {
      for (int form = 0; form < 4; form++) {
        int n = shape[0];
        int c = shape[1];
        w.start(c);
        double[] z = w.gaussians(n * c);
        double[] u = w.gaussians(n * c);
        double[] v = w.gaussians(n * c);
        double[] y = new double[n * c];
        Targets targets = targets(w, n, c, (form & 1) != 0, (form & 2) != 0, y, new double[n]);
        double[] ahead = new double[n * c];
        double[] behind = new double[n * c];
        for (int i = 0; i < n * c; i++) {
          ahead[i] = z[i] + h * u[i];
          behind[i] = z[i] - h * u[i];
        }
        double[] dz = new double[n * c];
        double[] dzAhead = new double[n * c];
        double[] dzBehind = new double[n * c];
        double change = lossAndGradient(w, targets, n, c, ahead, dzAhead);
        change -= lossAndGradient(w, targets, n, c, behind, dzBehind);
        lossAndGradient(w, targets, n, c, z, dz);
        double[] quotient = new double[n * c];
        for (int i = 0; i < n * c; i++) {
          quotient[i] = (dzAhead[i] - dzBehind[i]) / (2 * h);
        }
        String what = w + " [" + n + " x " + c + "] form " + form;
        Matrix p = w.dense(n, c, nans(n * c));
        w.kernels.softmax(w.dense(n, c, z), p);
        Matrix hu = w.dense(n, c, nans(n * c));
        Matrix hv = w.dense(n, c, nans(n * c));
        w.kernels.softmaxCrossEntropyVjpTangent(2, p, targets, w.dense(n, c, u), 0, hu);
        w.kernels.softmaxCrossEntropyVjpTangent(2, p, targets, w.dense(n, c, v), 0, hv);
        double[] bound = new double[n * c];
        Arrays.fill(bound, 1e-8);
        Naive.assertClose(what, quotient, Workspace.values(hu), bound);
        assertTrue(Arrays.stream(quotient).map(Math::abs).max().getAsDouble() > 0.01);
        double symmetric = Naive.dot(v, Workspace.values(hu));
        assertEquals(symmetric, Naive.dot(u, Workspace.values(hv)), 1e-12, what);
        try (Buffer out = w.device.allocate(DType.F64, 1)) {
          w.kernels.softmaxCrossEntropyJvp(2, p, targets, w.dense(n, c, u), out);
          assertEquals(change / (2 * h), out.get(0), 1e-7, what);
          assertEquals(Naive.dot(dz, u), out.get(0), 1e-12, what);
        }
      }
    }
  }

  private static double lossAndGradient(
      Workspace w, Targets targets, int n, int c, double[] z, double[] gradient) {
    Matrix p = w.dense(n, c, nans(n * c));
    Matrix dz = w.dense(n, c, nans(n * c));
    try (Buffer loss = w.device.allocate(DType.F64, 1)) {
      w.kernels.softmaxCrossEntropy(2, w.dense(n, c, z), targets, p, loss);
      w.kernels.softmaxCrossEntropyVjp(2, p, targets, 0, dz);
      System.arraycopy(Workspace.values(dz), 0, gradient, 0, n * c);
      return loss.get(0);
    }
  }

  /** A class that is ruled out (logit minus infinity) and never the target costs nothing. */
  @EveryWorkspace
  default void ruledOutClassesCostNothing(Workspace w) {
    for (int c : new int[] {3, 10, 70}) {
      w.start(c);
      double[] z = w.gaussians(4 * c);
      double[] y = new double[4 * c];
      double expected = 0;
      for (int i = 0; i < 4; i++) {
        z[i * c + 1] = Double.NEGATIVE_INFINITY;
        y[i * c] = 1;
        expected += Naive.logSumExp(c, z, i) - z[i * c];
      }
      Matrix p = w.dense(4, c, nans(4 * c));
      try (Buffer loss = w.device.allocate(DType.F64, 1)) {
        Matrix zs = w.dense(4, c, z);
        w.kernels.softmaxCrossEntropy(1, zs, w.dense(4, c, y), p, loss);
        assertEquals(expected, loss.get(0), 100 * w.eps * expected);
        w.kernels.softmaxCrossEntropy(1, zs, Targets.labels(w.vector(0, 0, 0, 0), c), p, loss);
        assertEquals(expected, loss.get(0), 100 * w.eps * expected);
        w.kernels.softmaxCrossEntropy(1, zs, Targets.labels(w.vector(0, 1, 0, 0), c), p, loss);
        assertEquals(Double.POSITIVE_INFINITY, loss.get(0));
      }
      assertEquals(0, Workspace.values(p)[1]);
    }
  }

  /** A row that is left out may hold anything: the loss and its derivatives do not see it. */
  @EveryWorkspace
  default void rowsLeftOutMayHoldNan(Workspace w) {
    for (int c : new int[] {3, 10, 70}) {
      w.start(c);
      double[] z = w.gaussians(3 * c);
      Arrays.fill(z, c, 2 * c, Double.NaN);
      Targets left = Targets.labels(w.vector(1, Targets.LEFT_OUT, 0), c);
      Targets light = Targets.labels(w.vector(1, 1, 0), c).weighted(w.vector(1, 0, 1));
      for (Targets targets : new Targets[] {left, light}) {
        Matrix p = w.dense(3, c, new double[3 * c]);
        Matrix dz = w.dense(3, c, nans(3 * c));
        Matrix dzt = w.dense(3, c, nans(3 * c));
        try (Buffer loss = w.device.allocate(DType.F64, 1)) {
          w.kernels.softmaxCrossEntropy(1, w.dense(3, c, z), targets, p, loss);
          assertTrue(Double.isFinite(loss.get(0)), w + " loss");
          w.kernels.softmaxCrossEntropyJvp(1, p, targets, w.dense(3, c, z), loss);
          assertTrue(Double.isFinite(loss.get(0)), w + " jvp");
        }
        w.kernels.softmaxCrossEntropyVjp(1, p, targets, 0, dz);
        w.kernels.softmaxCrossEntropyVjpTangent(1, p, targets, w.dense(3, c, z), 0, dzt);
        for (Matrix d : new Matrix[] {dz, dzt}) {
          for (int j = 0; j < 3 * c; j++) {
            assertTrue(Double.isFinite(Workspace.values(d)[j]));
            assertTrue(j / c != 1 || Workspace.values(d)[j] == 0);
          }
        }
      }
    }
  }

  /** {@code log(1 + exp z) - y z} as the sum of what may be large and what decays. */
  private static Jet binary(Jet z, double y) {
    Jet decay = Jet.of(0).minus(z.f() > 0 ? z : Jet.of(0).minus(z)).exp();
    Jet log = Jet.of(1).plus(decay).log();
    return log.plus(z.times(Jet.of(z.f() > 0 ? 1 - y : -y)));
  }

  /** Yes, no and in between; every fifth row is left out where there are weights. */
  @EveryWorkspace
  default void binaryCrossEntropyAndItsDerivativesAreThoseOfTheFormula(Workspace w) {
    int[][] shapes = {{0, 3}, {1, 1}, {7, 1}, {513, 1}, {3, 171}, {200, 13}, {2, 1025}};
    for (int[] shape : shapes) {
      for (boolean weighted : new boolean[] {false, true}) {
        int n = shape[0];
        int c = shape[1];
        w.start(n + c);
        double scale = -0.75;
        double[] z = w.gaussians(n * c);
        double[] y = new double[n * c];
        double[] weight = new double[n];
        for (int i = 0; i < n; i++) {
          weight[i] = weighted ? (i % 5 == 3 ? 0 : w.round(0.3 + i % 4)) : 1;
        }
        double loss = 0;
        // The formula here adds the small exponential of a confident prediction to 1.
        double rounded = 0;
        double[] first = new double[n * c];
        double[] second = new double[n * c];
        for (int i = 0; i < n * c; i++) {
          z[i] *= 4;
          y[i] = i % 3 == 2 ? w.round(0.3) : i % 3;
          double target = y[i];
          Jet.Derivatives one =
              Jet.derivatives(in -> binary(in[0], target), new double[] {z[i]}, new double[] {1});
          loss += scale * weight[i / c] * one.value();
          rounded += Math.abs(scale) * weight[i / c] * Workspace.EPS64;
          first[i] = scale * weight[i / c] * one.vjp()[0];
          second[i] = scale * weight[i / c] * one.vjpTangent()[0];
        }
        double bound = (8 * w.eps + n * c * Workspace.EPS64) * Math.abs(loss) + rounded;
        Matrix d1 = w.dense(n, c, nans(n * c));
        Matrix d2 = w.dense(n, c, nans(n * c));
        Matrix zs = w.dense(n, c, z);
        Matrix ys = w.dense(n, c, y);
        Buffer weights = weighted ? w.vector(weight) : null;
        Buffer out = w.scalar();
        out.set(Double.NaN);
        String what = w + " binary cross-entropy " + zs + " weights " + weighted;
        w.kernels.binaryCrossEntropy(scale, zs, ys, weights, d1, d2, out);
        assertEquals(loss, out.get(0), bound, what);
        assertNear(w, what, first, 0, null, d1);
        assertNear(w, what, second, 0, null, d2);
        w.nothingChangedBut(what, d1, d2);
        double[] seen = Workspace.values(d1);
        w.kernels.binaryCrossEntropy(scale, zs, ys, weights, null, null, out);
        assertEquals(loss, out.get(0), bound, what + " alone");
        w.kernels.binaryCrossEntropy(scale, zs, ys, weights, d1, null, out);
        assertArrayEquals(seen, Workspace.values(d1), what + " gradient alone");
      }
    }
  }

  /** Confident predictions, right or wrong: relative precision where 1 - sigmoid(z) is 0. */
  @EveryWorkspace
  default void binaryCrossEntropyOfHugeLogitsKeepsItsPrecision(Workspace w) {
    for (double z : new double[] {0, 1e-8, 0.7, 9, 25, 60, 700, 1e4, -25, -60, -700, -1e4}) {
      for (double y : new double[] {0, 1}) {
        w.start(1);
        double logit = w.round(z);
        double decay = StrictMath.exp(-Math.abs(logit));
        boolean missed = (logit > 0) != (y > 0);
        double loss = StrictMath.log1p(decay) + (missed ? Math.abs(logit) : 0);
        double tail = decay / (1 + decay);
        double first = (y > 0 ? -1 : 1) * (missed ? 1 - tail : tail);
        double second = decay / ((1 + decay) * (1 + decay));
        Matrix d1 = w.dense(1, 1, Double.NaN);
        Matrix d2 = w.dense(1, 1, Double.NaN);
        Buffer out = w.scalar();
        w.kernels.binaryCrossEntropy(1, w.dense(1, 1, logit), w.dense(1, 1, y), null, d1, d2, out);
        double least = w.dtype == DType.F32 ? Float.MIN_VALUE : Double.MIN_VALUE;
        String what = w + " z = " + z + ", y = " + y;
        assertEquals(loss, out.get(0), 8 * w.eps * loss + 2 * least, what);
        double[] expected = {first, second};
        double[] bound = {
          16 * w.eps * Math.abs(first) + 2 * least, 16 * w.eps * second + 2 * least
        };
        double[] actual = {Workspace.values(d1)[0], Workspace.values(d2)[0]};
        Naive.assertClose(what, expected, actual, bound);
      }
    }
  }

  @EveryWorkspace
  default void binaryCrossEntropyCarriesNanButNotFromRowsLeftOut(Workspace w) {
    w.start(2);
    double[] z = w.gaussians(60);
    z[31] = Double.NaN;
    Matrix d1 = w.dense(20, 3, new double[60]);
    Matrix d2 = w.dense(20, 3, new double[60]);
    Matrix zs = w.dense(20, 3, z);
    Matrix y = w.dense(20, 3, new double[60]);
    Buffer loss = w.scalar();
    w.kernels.binaryCrossEntropy(1, zs, y, null, d1, d2, loss);
    assertEquals(Double.NaN, loss.get(0));
    for (int i = 0; i < 60; i++) {
      assertEquals(i == 31, Double.isNaN(Workspace.values(d1)[i]));
      assertEquals(i == 31, Double.isNaN(Workspace.values(d2)[i]));
    }
    double[] weights = new double[20];
    Arrays.fill(weights, 2);
    weights[10] = 0;
    w.kernels.binaryCrossEntropy(1, zs, y, w.vector(weights), d1, d2, loss);
    assertTrue(Double.isFinite(loss.get(0)));
    for (int i = 30; i < 33; i++) {
      assertEquals(0, Math.abs(Workspace.values(d1)[i]));
      assertEquals(0, Math.abs(Workspace.values(d2)[i]));
    }
  }

  /** A vocabulary: rows longer than any block, one weight a row. */
  @EveryWorkspace
  default void crossEntropyOfAVocabulary(Workspace w) {
    int c = 50_257;
    w.start(c);
    double[] z = w.gaussians(3 * c);
    double[] labels = {0, c - 1, 31_000};
    Matrix p = w.dense(3, c, nans(3 * c));
    try (Buffer loss = w.device.allocate(DType.F64, 1)) {
      Targets targets = Targets.labels(w.vector(labels), c);
      w.kernels.softmaxCrossEntropy(1.0 / 3, w.dense(3, c, z), targets, p, loss);
      double expected = 0;
      for (int i = 0; i < 3; i++) {
        expected += (Naive.logSumExp(c, z, i) - z[i * c + (int) labels[i]]) / 3;
      }
      assertEquals(expected, loss.get(0), 8 * w.eps * expected);
    }
    double[] reference = Naive.softmax(3, c, z);
    double[] bound = Arrays.stream(reference).map(x -> 16 * w.eps * x).toArray();
    if (w.dtype == DType.F64) {
      bound = Arrays.stream(reference).map(x -> 1e-13 * x).toArray();
    }
    Naive.assertClose(w + " vocabulary", reference, Workspace.values(p), bound);
  }

  @EveryWorkspace
  default void lossKernelsNameWhatDoesNotFit(Workspace w) {
    w.start(7);
    Kernels k = w.kernels;
    Matrix x = w.dense(4, 6, w.gaussians(24));
    Matrix p = w.dense(4, 6, w.gaussians(24));
    Matrix other = w.dense(6, 4, w.gaussians(24));
    Matrix loose = w.matrix(4, 6, 2, false, w.gaussians(24));
    String[] both = {"[4 x 6]", "[6 x 4]"};
    Targets fits = Targets.labels(w.vector(0, 1, 2, 3), 6);
    Targets wrong = Targets.labels(w.vector(0, 1, 2, 3, 0, 1), 4);
    ErrorFacts.refused(() -> k.softmax(x, other), both);
    ErrorFacts.refused(() -> k.softmax(loose, p), "[4 x 6]", "dense");
    ErrorFacts.refused(() -> k.softmaxVjpTangent(p, x, x, other, 0, x), both);
    ErrorFacts.refused(() -> k.softmaxVjpTangent(p, x, other, x, 0, x), both);
    try (Buffer loss = w.device.allocate(DType.F64, 1);
        Buffer two = w.device.allocate(DType.F64, 2)) {
      ErrorFacts.refused(() -> k.softmaxCrossEntropy(1, x, wrong, p, loss), both);
      ErrorFacts.refused(() -> k.softmaxCrossEntropy(1, x, fits, other, loss), both);
      ErrorFacts.refused(() -> k.softmaxCrossEntropy(1, x, fits, p, two), "2", "F64");
      ErrorFacts.refused(() -> k.softmaxCrossEntropyVjp(1, x, wrong, 0, p), both);
      ErrorFacts.refused(() -> k.softmaxCrossEntropyVjp(1, x, fits, 0, other), both);
      ErrorFacts.refused(() -> k.softmaxCrossEntropyJvp(1, x, fits, other, loss), both);
      ErrorFacts.refused(() -> k.softmaxCrossEntropyVjpTangent(1, x, fits, other, 0, p), both);
      ErrorFacts.refused(() -> k.binaryCrossEntropy(1, x, other, null, p, p, loss), both);
      ErrorFacts.refused(() -> k.binaryCrossEntropy(1, x, p, null, other, null, loss), both);
      ErrorFacts.refused(() -> k.binaryCrossEntropy(1, x, p, null, null, other, loss), both);
      ErrorFacts.refused(
          () -> k.binaryCrossEntropy(1, x, loose, null, p, p, loss), "[4 x 6]", "dense");
      ErrorFacts.refused(
          () -> k.binaryCrossEntropy(1, x, p, w.vector(1, 2), p, p, loss), "[4 x 6]", "2");
      ErrorFacts.refused(() -> k.binaryCrossEntropy(1, x, p, null, p, p, two), "2", "F64");
      for (double label : new double[] {6, -2, 0.5, Double.NaN}) {
        Targets bad = Targets.labels(w.vector(0, 1, label, 3), 6);
        String[] named = {"label 2 is", "from -1 to 5"};
        ErrorFacts.refused(() -> k.softmaxCrossEntropy(1, x, bad, p, loss), named);
        ErrorFacts.refused(() -> k.softmaxCrossEntropyVjp(1, x, bad, 0, p), named);
      }
      DType alien = w.dtype == DType.F32 ? DType.F64 : DType.F32;
      try (Buffer four = w.device.allocate(alien, 4)) {
        String[] types = {"F32", "F64"};
        Targets far = Targets.labels(four, 6);
        ErrorFacts.refused(() -> k.softmaxCrossEntropy(1, x, far, p, loss), types);
        Targets heavy = fits.weighted(four);
        ErrorFacts.refused(() -> k.softmaxCrossEntropy(1, x, heavy, p, loss), types);
        ErrorFacts.refused(() -> k.binaryCrossEntropy(1, x, p, four, null, null, loss), types);
      }
    }
    assertThrows(IllegalArgumentException.class, () -> fits.weighted(w.vector(1, 2)));
    assertThrows(IllegalArgumentException.class, () -> Targets.distributions(loose));
    assertThrows(IllegalArgumentException.class, () -> Targets.labels(w.vector(1), 0));
    w.nothingChangedBut("refused losses");
  }
}
