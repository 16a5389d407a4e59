package dev.evolute.app.study.rsc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.study.Dense;
import dev.evolute.app.study.Progress;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a run measures, against the network written out by hand and differences of it. */
class BoundsRunTest {
  private static final int N = 6;
  private static final int D = 4;
  private static final int M = 5;
  private static final int CLASSES = 2;
  private static final double ETA = 0.4;
  private static final double STEP = 1e-5;
  private static final Protocol PROTOCOL =
      new Protocol(N, 2, List.of(M), 1, 1, 1, 0, DType.F64, List.of(M), N, 1, List.of(M), 2, 2, 5);

  private static TrainingSet data() {
    double[] x = Dense.gaussian(2, 1, N * D, 1);
    int[] labels = new int[N];
    for (int i = 0; i < N; i++) {
      double norm = Math.sqrt(Dense.dot(x, i * D, x, i * D, D) / D);
      for (int j = i * D; j < (i + 1) * D; j++) {
        x[j] /= norm;
      }
      labels[i] = i % CLASSES;
    }
    return new TrainingSet("made", false, "", CLASSES, D, x, labels);
  }

  /** Outputs {@code [n x k]} of (1): two hidden layers of tanh. */
  private static double[] outputs(double[] theta, double[] x, int k) {
    double[] f = new double[N * k];
    for (int i = 0; i < N; i++) {
      double[] a = layer(theta, 0, M, Arrays.copyOfRange(x, i * D, (i + 1) * D));
      Arrays.setAll(a, tanhOf(a.clone()));
      double[] b = layer(theta, M * D, M, a);
      Arrays.setAll(b, tanhOf(b.clone()));
      System.arraycopy(layer(theta, M * D + M * M, k, b), 0, f, i * k, k);
    }
    return f;
  }

  private static java.util.function.IntToDoubleFunction tanhOf(double[] z) {
    return j -> Math.tanh(z[j]);
  }

  private static double[] layer(double[] theta, int from, int rows, double[] a) {
    double[] z = new double[rows];
    for (int j = 0; j < rows; j++) {
      z[j] = Dense.dot(theta, from + j * a.length, a, 0, a.length) / Math.sqrt(a.length);
    }
    return z;
  }

  private static double[] gradient(ToDoubleFunction<double[]> f, double[] theta) {
    double[] g = new double[theta.length];
    double[] at = theta.clone();
    for (int p = 0; p < g.length; p++) {
      at[p] = theta[p] + STEP;
      double up = f.applyAsDouble(at);
      at[p] = theta[p] - STEP;
      g[p] = (up - f.applyAsDouble(at)) / (2 * STEP);
      at[p] = theta[p];
    }
    return g;
  }

  private static double[] plus(double[] a, double s, double[] b) {
    double[] sum = a.clone();
    for (int p = 0; p < sum.length; p++) {
      sum[p] += s * b[p];
    }
    return sum;
  }

  private static double norm(double[] v) {
    return Math.sqrt(Dense.dot(v, 0, v, 0, v.length));
  }

  @ParameterizedTest
  @EnumSource(BoundsRun.Kind.class)
  void probesAreWhatTheyAreSaidToBe(BoundsRun.Kind kind) {
    TrainingSet data = data();
    BoundsRun run = new BoundsRun(PROTOCOL, kind.label(), kind, data, M, ETA);
    int k = run.network.outputs();
    double[] theta;
    try (Device device = Device.open("cpu", 1)) {
      run.run(device, Progress.silent());
      try (Buffer start =
          run.network.start(device, DType.F64, PROTOCOL.seed() + 1, Protocol.SIGMA1)) {
        theta = start.toArray();
      }
    }
    double[] at0 = outputs(theta, data.x(), k);
    double[] y =
        switch (kind) {
          case LABELS -> data.signs();
          case OFFSET -> Arrays.stream(at0).map(f -> f + BoundsRun.OFFSET).toArray();
          case LOGISTIC -> Arrays.stream(data.signs()).map(s -> s > 0 ? 1 : 0).toArray();
          case OUTPUTS -> data.oneHot();
        };
    double mu = BoundsRun.LOGISTIC_SQUARE;
    ToDoubleFunction<double[]> loss =
        t -> {
          double[] f = outputs(t, data.x(), k);
          double sum = 0;
          for (int i = 0; i < f.length; i++) {
            sum +=
                kind == BoundsRun.Kind.LOGISTIC
                    ? Math.log1p(Math.exp(f[i])) - y[i] * f[i] + mu * f[i] * f[i]
                    : (f[i] - y[i]) * (f[i] - y[i]);
          }
          return sum / N;
        };
    ToDoubleFunction<double[]> mean =
        t -> Arrays.stream(outputs(t, data.x(), k)).average().orElseThrow();

    BoundsRun.Probe first = run.probes.get(0);
    double[] g = gradient(loss, theta);
    double[] gbar = gradient(mean, theta);
    double slopes = 0;
    for (int i = 0; i < at0.length; i++) {
      double slope =
          kind == BoundsRun.Kind.LOGISTIC
              ? 1 / (1 + Math.exp(-at0[i])) - y[i] + 2 * mu * at0[i]
              : 2 * (at0[i] - y[i]);
      slopes += slope * slope;
    }
    assertEquals(loss.applyAsDouble(theta), first.loss(), 1e-12);
    assertEquals(Math.sqrt(slopes / N), first.rootLambda(), 1e-12);
    assertEquals(Dense.dot(y, 0, y, 0, y.length) / N, first.square(), 1e-12);
    assertEquals(norm(g), first.gradient(), 1e-8);
    assertEquals(norm(gbar), first.gbar(), 1e-8);
    double cosine = Math.abs(Dense.dot(g, 0, gbar, 0, g.length)) / norm(g) / norm(gbar);
    assertEquals(cosine, first.cosine(), 1e-6);
    double[] unit = plus(new double[g.length], 1 / norm(gbar), gbar);
    double side = 1e-3;
    double along =
        (loss.applyAsDouble(plus(theta, side, unit))
                - 2 * first.loss()
                + loss.applyAsDouble(plus(theta, -side, unit)))
            / (side * side);
    assertEquals(along, first.along(), 1e-5 * (1 + Math.abs(along)));
    int size = theta.length;
    double[] hessian = new double[size * size];
    for (int p = 0; p < size; p++) {
      double[] e = new double[size];
      e[p] = 1e-4;
      double[] up = gradient(loss, plus(theta, 1, e));
      double[] down = gradient(loss, plus(theta, -1, e));
      for (int j = 0; j < size; j++) {
        hessian[p * size + j] += 0.5 * (up[j] - down[j]) / 2e-4;
        hessian[j * size + p] += 0.5 * (up[j] - down[j]) / 2e-4;
      }
    }
    double largest = Dense.eigenvalues(size, hessian)[size - 1];
    assertEquals(largest, first.lambdaMax(), 2e-3 * largest);
    assertEquals(0, first.rho());
    assertEquals(0, first.rho1());
    kernel(first, theta, data, k);

    BoundsRun.Trial step = first.trials().get(0);
    assertEquals(loss.applyAsDouble(plus(theta, -ETA, g)), step.loss(), 1e-8);
    assertEquals(-ETA * norm(g) * norm(g), step.slope(), 1e-8);
    assertEquals(ETA * norm(g), first.rho2(), 1e-8);
    assertEquals(cosine, step.cosine(), 1e-6);
    for (BoundsRun.Trial trial : first.trials()) {
      assertTrue(Math.sqrt(trial.square()) <= first.rho2() * (1 + 1e-12));
    }

    // Two steps on.
    double[] moved = plus(theta, -ETA, g);
    moved = plus(moved, -ETA, gradient(loss, moved));
    double[] way = plus(moved, -1, theta);
    BoundsRun.Probe last = run.probes.get(1);
    assertEquals(2, last.iteration());
    assertEquals(loss.applyAsDouble(moved), last.loss(), 1e-8);
    double rho1 = 0;
    for (int h = 0; h < k; h++) {
      int at = M * D + M * M + h * M;
      rho1 = Math.max(rho1, Math.sqrt(Dense.dot(way, at, way, at, M)));
    }
    assertEquals(rho1, last.rho1(), 1e-8);
    double rho =
        Math.max(
            Dense.singularValues(M, D, Arrays.copyOf(way, M * D))[0],
            Dense.singularValues(M, M, Arrays.copyOfRange(way, M * D, M * D + M * M))[0]);
    assertTrue(last.rho() >= rho * (1 - 1e-7), last.rho() + " is not below " + rho);
    assertEquals(rho, last.rho(), 2e-3 * rho);
  }

  /** Both ends of {@code J J^T} of one output. */
  private static void kernel(BoundsRun.Probe probe, double[] theta, TrainingSet data, int k) {
    if (k > 1) {
      assertTrue(Double.isNaN(probe.kernelMin()));
      return;
    }
    double[] jacobian = new double[N * theta.length];
    for (int i = 0; i < N; i++) {
      int at = i;
      double[] row = gradient(t -> outputs(t, data.x(), 1)[at], theta);
      System.arraycopy(row, 0, jacobian, i * theta.length, theta.length);
    }
    double[] ends =
        Dense.eigenvalues(N, Dense.multiplyByTransposed(N, theta.length, N, jacobian, jacobian));
    assertEquals(ends[0], probe.kernelMin(), 1e-8);
    assertEquals(ends[N - 1], probe.kernelMax(), 1e-8);
    double sum = 0;
    for (double value : Dense.multiplyByTransposed(N, theta.length, N, jacobian, jacobian)) {
      sum += value;
    }
    assertEquals(sum / (N * N), probe.gbar() * probe.gbar(), 1e-8);
  }
}
