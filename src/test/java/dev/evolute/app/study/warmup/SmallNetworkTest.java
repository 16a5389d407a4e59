package dev.evolute.app.study.warmup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.study.Dense;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.warmup.CurvatureRun.Column;
import dev.evolute.kernels.Device;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SmallNetworkTest {
  private static final List<Case> CASES =
      List.of(
          Protocol.linear(3, 3, 4, 2, 5),
          Protocol.leaky(Family.ONE_LEAKY, 3, 5, 3, 4, 4),
          Protocol.leaky(Family.ALL_LEAKY, 3, 6, 5, 4, 3),
          Protocol.penalised(Family.SQUARES, 3, Smooth.GELU, 0.3, 2, 4, 3),
          Protocol.penalised(Family.LOGISTIC, 3, Smooth.TANH, 0.2, 1, 4, 3));

  /** Both ends by Lanczos against all eigenvalues of a Hessian by differences of gradients. */
  @Test
  void hessianNormIsThatOfDifferencedGradients() {
    try (Device device = Device.open("cpu", 1)) {
      for (Case network : CASES) {
        try (SmallNetwork small = new SmallNetwork(device, network, network.data())) {
          double[] theta = small.draw(1, 1.3);
          int n = theta.length;
          double[] hessian = new double[n * n];
          double[] up = new double[n];
          double[] down = new double[n];
          double h = 1e-6;
          for (int i = 0; i < n; i++) {
            double[] moved = theta.clone();
            moved[i] += h;
            small.set(moved);
            small.gradient(up);
            moved[i] -= 2 * h;
            small.set(moved);
            small.gradient(down);
            for (int j = 0; j < n; j++) {
              hessian[i * n + j] = (up[j] - down[j]) / (2 * h);
            }
          }
          double[] values = Dense.eigenvalues(n, hessian);
          double norm = Math.max(values[n - 1], -values[0]);
          small.set(theta);
          SmallNetwork.Norm found = small.hessianNorm();
          assertEquals(norm, found.value(), 2e-4 * norm, network.label());
          assertTrue(found.upper() >= norm * (1 - 1e-7), network.label());
          assertTrue(found.upper() <= norm * (1 + 1e-3), network.label());
        }
      }
    }
  }

  /** (w1 tanh(w2) + 10)^2, which is curved downwards more than upwards where it is looked at. */
  @Test
  void normIsThatOfTheNegativeEndWhereItIsTheLarger() {
    SmallData data = SmallData.of(1, 1, 1, new double[] {1}, new double[] {-10});
    Case network = new Case(Family.SQUARES, List.of(1, 1, 1), 1, 1, Smooth.TANH, 0.01, 1);
    double t = Math.tanh(0.7);
    double s = 1 - t * t;
    double r = 3 * t + 10;
    double h11 = 2 * t * t + 0.01;
    double h12 = 2 * s * (3 * t + r);
    double h22 = 2 * 9 * s * s - 2 * r * 3 * 2 * t * s + 0.01;
    double[] values = Dense.eigenvalues(2, new double[] {h11, h12, h12, h22});
    assertTrue(-values[0] > 5 * values[1]);
    try (Device device = Device.open("cpu", 1);
        SmallNetwork small = new SmallNetwork(device, network, data)) {
      small.set(new double[] {3, 0.7});
      assertEquals(-values[0], small.hessianNorm().value(), 1e-9 * -values[0]);
    }
  }

  @Test
  void drawnWeightsAreBalancedAsTheirPropositionAsks() {
    try (Device device = Device.open("cpu", 1)) {
      for (Case network : CASES) {
        if (network.family().penalised()) {
          continue;
        }
        try (SmallNetwork small = new SmallNetwork(device, network, network.data())) {
          double[] theta = small.draw(7, 2.5);
          int first = network.family() == Family.ONE_LEAKY ? 2 : 1;
          for (int i = 1; i < network.depth(); i++) {
            assertEquals(0, small.weak(theta, i), 1e-12, network.label());
            if (network.family() != Family.ALL_LEAKY && i >= first) {
              for (double entry : small.strong(theta, i)) {
                assertEquals(0, entry, 1e-12, network.label());
              }
            }
          }
          assertEquals(2.5, small.norm(theta, network.depth()), 1e-12);
        }
      }
    }
  }

  /** The weakly balanced weights of Proposition D.2: curvature of any size at one loss. */
  @Test
  void curvatureOfPropositionD2() {
    double[] x = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    double[] y = {1, 0, 0, 0, 2, 0, 0, 0, 3};
    Case network = new Case(Family.LINEAR, List.of(3, 2, 3), 3, 1, null, 0, 1);
    Map<Double, Double> norms = Map.of(3.0, 36.0, 10.0, 400.0, 1.5, 9.534401);
    try (Device device = Device.open("cpu", 1);
        SmallNetwork small = new SmallNetwork(device, network, SmallData.of(3, 3, 3, x, y))) {
      double[] g = new double[12];
      norms.forEach(
          (t, norm) -> {
            double[] theta = new double[12];
            theta[0] = t;
            theta[6] = 1 / t;
            theta[9] = Math.sqrt(t * t - 1 / (t * t));
            small.set(theta);
            assertEquals(13, small.gradient(g), 1e-12);
            assertEquals(norm, small.hessianNorm().value(), 2e-4 * norm);
          });
    }
  }

  /** The loss is the paper's: sums over samples, no halves, penalties of lambda / 2. */
  @Test
  void lossesAreThePapers() {
    try (Device device = Device.open("cpu", 1)) {
      for (Case network : CASES) {
        SmallData data = network.data();
        try (SmallNetwork small = new SmallNetwork(device, network, data)) {
          double[] theta = small.draw(2, 1);
          small.set(theta);
          double f = small.gradient(new double[theta.length]);
          double[] a = data.x();
          int width = data.inputs();
          for (int i = network.depth(); i >= 1; i--) {
            int out = network.widths().get(i - 1);
            a = Dense.multiplyByTransposed(data.samples(), width, out, a, small.layer(theta, i));
            width = out;
            if (i > 1) {
              for (int k = 0; k < a.length; k++) {
                a[k] = phi(network, i, a[k]);
              }
            }
          }
          double sum = 0;
          for (int k = 0; k < a.length; k++) {
            double y = data.y()[k];
            sum +=
                network.family() == Family.LOGISTIC
                    ? Math.log1p(Math.exp(a[k])) - y * a[k]
                    : (a[k] - y) * (a[k] - y);
          }
          if (network.family().penalised()) {
            sum += network.lambda() / 2 * Dense.dot(theta, 0, theta, 0, theta.length);
          }
          assertEquals(sum, f, 1e-9 * sum, network.label());
        }
      }
    }
  }

  private static double phi(Case network, int layer, double z) {
    return switch (network.family()) {
      case LINEAR -> z;
      case ONE_LEAKY -> layer == 2 ? Math.max(z, 0.3 * z) : z;
      case ALL_LEAKY -> Math.max(z, 0.3 * z);
      // GELU by the logistic function would differ; the distribution function is integrated.
      case SQUARES -> z * (0.5 + integral(z));
      case LOGISTIC -> Math.tanh(z);
    };
  }

  private static double integral(double z) {
    int n = 400;
    double h = z / n;
    double sum = 0;
    for (int i = 0; i <= n; i++) {
      double u = i * h;
      sum += (i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2) * Math.exp(-u * u / 2);
    }
    return sum * h / 3 / Math.sqrt(2 * Math.PI);
  }

  /** Descent of a network with a bottleneck ends at the least squares of that rank. */
  @Test
  void descentReachesTheMinimumOfItsRank() {
    try (Device device = Device.open("cpu", 1)) {
      double[][] rows =
          CurvatureRun.run(device, Protocol.linear(1, 4, 2, 5), 0, 8000, 12, Progress.silent());
      for (double[] row : rows) {
        assertTrue(row[Column.GAP.ordinal()] > -1e-10, "the minimum is one");
      }
      assertTrue(rows[11][Column.GAP.ordinal()] < 1e-3, "and is approached");
      assertTrue(rows[0][Column.GAP.ordinal()] > 0.1);
    }
  }
}
