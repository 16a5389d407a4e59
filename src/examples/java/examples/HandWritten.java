package examples;

import java.util.Arrays;
import java.util.Random;

/**
 * A trainer as somebody may have written it, which knows nothing of Evolute: gradient descent on
 * the mean of {@code (w2^T tanh(W1 x) - y)^2 / 2}, derivatives by hand, all weights in one array.
 */
public class HandWritten {
  private static final int SAMPLES = 64;
  private static final int INPUTS = 4;
  private static final int HIDDEN = 8;

  public final double[] theta = new double[HIDDEN * INPUTS + HIDDEN];

  private final double[][] x = new double[SAMPLES][INPUTS];
  private final double[] y = new double[SAMPLES];

  public HandWritten() {
    Random random = new Random(1);
    for (int n = 0; n < SAMPLES; n++) {
      for (int i = 0; i < INPUTS; i++) {
        x[n][i] = random.nextGaussian();
      }
      y[n] = Math.sin(x[n][0]) * x[n][1];
    }
    for (int k = 0; k < theta.length; k++) {
      theta[k] = random.nextGaussian() / 2;
    }
  }

  /** Writes the gradient at a point into {@code g}, and returns the loss there. */
  public double gradient(double[] at, double[] g) {
    Arrays.fill(g, 0);
    double loss = 0;
    double[] h = new double[HIDDEN];
    for (int n = 0; n < SAMPLES; n++) {
      double error = -y[n];
      for (int j = 0; j < HIDDEN; j++) {
        double z = 0;
        for (int i = 0; i < INPUTS; i++) {
          z += at[j * INPUTS + i] * x[n][i];
        }
        h[j] = Math.tanh(z);
        error += at[HIDDEN * INPUTS + j] * h[j];
      }
      loss += error * error / 2 / SAMPLES;
      for (int j = 0; j < HIDDEN; j++) {
        g[HIDDEN * INPUTS + j] += error * h[j] / SAMPLES;
        double back = error * at[HIDDEN * INPUTS + j] * (1 - h[j] * h[j]) / SAMPLES;
        for (int i = 0; i < INPUTS; i++) {
          g[j * INPUTS + i] += back * x[n][i];
        }
      }
    }
    return loss;
  }

  /** One step of gradient descent. */
  public void step(double eta) {
    double[] g = new double[theta.length];
    gradient(theta, g);
    for (int k = 0; k < theta.length; k++) {
      theta[k] -= eta * g[k];
    }
  }
}
