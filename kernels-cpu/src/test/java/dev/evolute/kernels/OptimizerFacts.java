package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;

/** Parameter updates, some steps of each, against the published loops in doubles. */
interface OptimizerFacts {
  /** These kernels for {@link KernelCalls}. */
  static void calls(KernelCalls list) {
    for (int n : list.lengths) {
      for (Sgd how : new Sgd[] {Sgd.PLAIN, Sgd.heavyBall(0.9), Sgd.nesterov(0.9).withDecay(0.1)}) {
        list.add(
            how + " " + n,
            w -> {
              Buffer g = w.vector(w.gaussians(n));
              Buffer theta = w.vector(w.gaussians(n));
              Buffer v = how.momentum() == 0 ? null : w.vector(w.gaussians(n));
              return new KernelCalls.Prepared(
                  () -> w.kernels.sgd(how, 0.1, 0.7, g, theta, v), theta);
            });
      }
      list.add(
          "adam " + n,
          w -> {
            Buffer g = w.vector(w.gaussians(n));
            Buffer theta = w.vector(w.gaussians(n));
            Buffer m = w.vector(new double[n]);
            Buffer v = w.vector(new double[n]);
            Adam how = Adam.w(0.1);
            return new KernelCalls.Prepared(
                () -> w.kernels.adam(how, 0.1, 3, 0.7, g, theta, m, v), theta, m, v);
          });
    }
  }

  /** Short ones with every tail, and one that threads share. */
  int[] LENGTHS = {0, 1, 7, 16, 31, 33, 67, 1000, 132_001};

  private static void assertNear(Workspace w, String what, double[] expected, Buffer actual) {
    double[] bound = new double[expected.length];
    for (int i = 0; i < bound.length; i++) {
      bound[i] = 40 * w.eps * (1 + Math.abs(expected[i]));
    }
    Naive.assertClose(what, expected, actual.toArray(), bound);
  }

  @EveryWorkspace
  default void sgdIsTheTextbookLoop(Workspace w) {
    Sgd[] rules = {
      Sgd.PLAIN,
      Sgd.PLAIN.withDecay(0.2),
      Sgd.heavyBall(0.9),
      Sgd.heavyBall(0.5).withDecay(0.2),
      Sgd.nesterov(0.9),
      Sgd.nesterov(0.5).withDecay(0.2)
    };
    for (Sgd how : rules) {
      for (int n : w.lengths(LENGTHS)) {
        w.start(n);
        double[] theta = w.gaussians(n);
        double[] v = new double[n];
        Buffer thetas = w.vector(theta);
        Buffer vs = how.momentum() == 0 ? null : w.vector(v);
        String what = w + " " + how + " " + n;
        for (int step = 0; step < 3; step++) {
          double[] g = w.gaussians(n);
          for (int i = 0; i < n; i++) {
            double d = 0.5 * g[i] + how.decay() * theta[i];
            v[i] = how.momentum() * v[i] + d;
            theta[i] -= 0.1 * (how.nesterov() ? d + how.momentum() * v[i] : v[i]);
          }
          w.kernels.sgd(how, 0.1, 0.5, w.vector(g), thetas, vs);
          assertNear(w, what, theta, thetas);
          if (vs != null) {
            assertNear(w, what + " velocity", v, vs);
          }
        }
        w.nothingChangedBut(what, thetas, vs);
      }
    }
  }

  @EveryWorkspace
  default void adamIsThePublishedLoop(Workspace w) {
    Adam[] rules = {
      Adam.standard(),
      Adam.w(0.1),
      new Adam(0.8, 0.95, 1e-3, 0.3, false),
      new Adam(0.8, 0.95, 1e-3, 0.3, true),
      new Adam(0, 0.5, 1e-6, 0, false)
    };
    for (Adam how : rules) {
      for (int n : w.lengths(LENGTHS)) {
        w.start(n);
        double[] theta = w.gaussians(n);
        double[] m = new double[n];
        double[] v = new double[n];
        Buffer thetas = w.vector(theta);
        Buffer ms = w.vector(m);
        Buffer vs = w.vector(v);
        String what = w + " " + how + " " + n;
        for (int t = 1; t <= 3; t++) {
          double[] g = w.gaussians(n);
          for (int i = 0; i < n; i++) {
            double d = 2 * g[i] + (how.decoupled() ? 0 : how.decay() * theta[i]);
            m[i] = how.beta1() * m[i] + (1 - how.beta1()) * d;
            v[i] = how.beta2() * v[i] + (1 - how.beta2()) * d * d;
            double first = m[i] / (1 - Math.pow(how.beta1(), t));
            double second = v[i] / (1 - Math.pow(how.beta2(), t));
            theta[i] -= how.decoupled() ? 0.01 * how.decay() * theta[i] : 0;
            theta[i] -= 0.01 * first / (Math.sqrt(second) + how.eps());
          }
          w.kernels.adam(how, 0.01, t, 2, w.vector(g), thetas, ms, vs);
          assertNear(w, what, theta, thetas);
          assertNear(w, what + " m", m, ms);
          assertNear(w, what + " v", v, vs);
        }
        w.nothingChangedBut(what, thetas, ms, vs);
      }
    }
  }

  /** The first step has the length of the rate, whatever the gradient: bias correction at work. */
  @EveryWorkspace
  default void ratesThatAreReadMakeTheSameStepToTheBit(Workspace w) {
    for (int n : new int[] {1, 67, 1000}) {
      w.start(n);
      double[] start = w.gaussians(n);
      Buffer g = w.vector(w.gaussians(n));
      for (Sgd how : new Sgd[] {Sgd.PLAIN, Sgd.nesterov(0.9).withDecay(0.1)}) {
        Buffer[] thetas = {w.vector(start), w.vector(start)};
        Buffer[] vs = {w.vector(new double[n]), w.vector(new double[n])};
        boolean plain = how.momentum() == 0;
        try (Buffer rates = w.kernels.device().shared(DType.F64, 2)) {
          for (int t = 1; t <= 3; t++) {
            rates.set(new double[] {0.1 / t, 0.7 * t});
            w.kernels.sgd(how, rates, g, thetas[0], plain ? null : vs[0]);
            w.kernels.sgd(how, 0.1 / t, 0.7 * t, g, thetas[1], plain ? null : vs[1]);
          }
        }
        assertArrayEquals(thetas[1].toArray(), thetas[0].toArray(), w + " " + how);
      }
      for (Adam how : new Adam[] {Adam.standard(), Adam.w(0.1)}) {
        Buffer[] thetas = {w.vector(start), w.vector(start)};
        Buffer[] ms = {w.vector(new double[n]), w.vector(new double[n])};
        Buffer[] vs = {w.vector(new double[n]), w.vector(new double[n])};
        try (Buffer rates = w.kernels.device().shared(DType.F64, 4)) {
          for (int t = 1; t <= 3; t++) {
            rates.set(how.rates(0.1 / t, t, 0.7));
            w.kernels.adam(how, rates, g, thetas[0], ms[0], vs[0]);
            w.kernels.adam(how, 0.1 / t, t, 0.7, g, thetas[1], ms[1], vs[1]);
          }
        }
        assertArrayEquals(thetas[1].toArray(), thetas[0].toArray(), w + " " + how);
      }
    }
  }

  @EveryWorkspace
  default void adamsFirstStepIsTheRate(Workspace w) {
    w.start(1);
    Buffer theta = w.vector(0, 0, 0);
    w.kernels.adam(
        new Adam(0.9, 0.999, 0, 0, false),
        0.25,
        1,
        1,
        w.vector(3, -1e-3, 40),
        theta,
        w.vector(0, 0, 0),
        w.vector(0, 0, 0));
    double[] bound = new double[3];
    Arrays.fill(bound, 4 * w.eps);
    Naive.assertClose("step", new double[] {-0.25, 0.25, -0.25}, theta.toArray(), bound);
  }

  @EveryWorkspace
  default void optimizersCarryNan(Workspace w) {
    for (int n : new int[] {3, 40}) {
      w.start(n);
      double[] g = w.gaussians(n);
      g[1] = Double.NaN;
      Buffer gradient = w.vector(g);
      Buffer plain = w.vector(new double[n]);
      Buffer adam = w.vector(new double[n]);
      w.kernels.sgd(Sgd.PLAIN, 1, 1, gradient, plain, null);
      Buffer m = w.vector(new double[n]);
      w.kernels.adam(Adam.w(0.1), 1, 1, 1, gradient, adam, m, w.vector(new double[n]));
      for (int i = 0; i < n; i++) {
        assertEquals(i == 1, Double.isNaN(plain.get(i)));
        assertEquals(i == 1, Double.isNaN(adam.get(i)));
      }
    }
  }

  @EveryWorkspace
  default void optimizersNameWhatDoesNotFit(Workspace w) {
    w.start(2);
    Kernels k = w.kernels;
    Buffer x = w.vector(w.gaussians(19));
    Buffer y = w.vector(w.gaussians(19));
    Buffer other = w.vector(w.gaussians(23));
    String[] both = {"19", "23"};
    ErrorFacts.refused(() -> k.sgd(Sgd.PLAIN, 1, 1, x, other, null), both);
    ErrorFacts.refused(() -> k.sgd(Sgd.heavyBall(0.9), 1, 1, x, y, other), both);
    ErrorFacts.refused(() -> k.sgd(Sgd.heavyBall(0.9), 1, 1, x, y, null), "0.9", "velocity");
    ErrorFacts.refused(() -> k.sgd(Sgd.PLAIN, 1, 1, x, y, y), "0.0", "velocity");
    ErrorFacts.refused(() -> k.adam(Adam.standard(), 1, 1, 1, other, y, x, x), both);
    ErrorFacts.refused(() -> k.adam(Adam.standard(), 1, 1, 1, x, y, other, x), both);
    ErrorFacts.refused(() -> k.adam(Adam.standard(), 1, 1, 1, x, y, x, other), both);
    ErrorFacts.refused(() -> k.adam(Adam.standard(), 1, 0, 1, x, y, x, x), "step 0");
    try (Buffer one = k.device().allocate(DType.F64, 1)) {
      ErrorFacts.refused(() -> k.sgd(Sgd.PLAIN, one, x, y, null), "1 rates of F64", "2");
      ErrorFacts.refused(() -> k.adam(Adam.standard(), one, x, y, x, x), "1 rates of F64", "4");
    }
    assertThrows(IllegalArgumentException.class, () -> new Sgd(1, false, 0));
    assertThrows(IllegalArgumentException.class, () -> Sgd.nesterov(0));
    assertThrows(IllegalArgumentException.class, () -> new Adam(0.9, 1, 0, 0, false));
    assertThrows(IllegalArgumentException.class, () -> Adam.w(-1));
    try (Buffer alien = w.device.allocate(w.dtype == DType.F32 ? DType.F64 : DType.F32, 19)) {
      ErrorFacts.refused(() -> k.sgd(Sgd.PLAIN, 1, 1, alien, x, null), "F32", "F64");
      ErrorFacts.refused(() -> k.adam(Adam.standard(), 1, 1, 1, x, y, alien, x), "F32", "F64");
    }
    w.nothingChangedBut("refused steps");
  }
}
