package dev.evolute.app.study.rsc;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.GramOperator;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.SpectralNorms;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the paper bounds, measured at one theta: each the largest over the samples and outputs
 * looked at.
 *
 * @param bounds the norms of the layers, and the bounds that follow from them alone
 * @param hessian {@code ||Hess f||_2}
 * @param hessianResidual what may be missing from it, whichever sample's is the largest
 * @param gradient {@code |grad_theta f|}
 * @param inputGradient {@code |grad_x f|}
 * @param output {@code |f|}
 * @param activations {@code |a_l|}, l = 1 to L
 * @param backwards {@code |df/da_l|}, l = 1 to L
 */
record Snapshot(
    LayerBounds bounds,
    double hessian,
    double hessianResidual,
    double gradient,
    double inputGradient,
    double output,
    double[] activations,
    double[] backwards) {
  private static final double NORM_TOLERANCE = 1e-3;
  private static final double HESSIAN_TOLERANCE = 1e-3;
  private static final int HESSIAN_PRODUCTS = 200;

  /** Products that a batch of Hessians is reckoned to take: tells the progress bar. */
  static final int TYPICAL_PRODUCTS = 36;

  /** Measures at theta; {@code samples} moves there. */
  static Snapshot of(
      Network network, Buffer theta, double[] x, SampleDerivatives samples, long seed) {
    double hessian = 0;
    double above = 0;
    double gradient = 0;
    double inputGradient = 0;
    double output = 0;
    double[] activations = new double[network.depth()];
    double[] backwards = new double[network.depth()];
    for (int h = 0; h < network.outputs(); h++) {
      samples.at(theta, x, h);
      SpectralNorms norms =
          SpectralNorms.of(samples, HESSIAN_TOLERANCE, HESSIAN_PRODUCTS, seed + h);
      for (int i = 0; i < samples.count(); i++) {
        double norm = Math.abs(norms.values()[i]);
        hessian = Math.max(hessian, norm);
        above = Math.max(above, norm + norms.residuals()[i]);
      }
      gradient = Math.max(gradient, largest(samples.gradientNorms()));
      inputGradient = Math.max(inputGradient, largest(samples.inputGradientNorms()));
      output = Math.max(output, largest(samples.outputs()));
      for (int l = 1; l <= network.depth(); l++) {
        activations[l - 1] = Math.max(activations[l - 1], largest(samples.activationNorms(l)));
        backwards[l - 1] = Math.max(backwards[l - 1], largest(samples.backwardNorms(l)));
      }
    }
    return new Snapshot(
        layers(network, theta, seed),
        hessian,
        above - hessian,
        gradient,
        inputGradient,
        output,
        activations,
        backwards);
  }

  private static LayerBounds layers(Network network, Buffer theta, long seed) {
    List<Matrix> weights = new ArrayList<>(network.weights(theta));
    Matrix v = weights.remove(network.depth());
    double[] gamma =
        weights.stream()
            .mapToDouble(w -> spectralNorm(w, seed) / Math.sqrt(network.width()))
            .toArray();
    return new LayerBounds(gamma, largestRow(v), network.width(), LayerBounds.TANH_BEND, 0);
  }

  /** The spectral norm with what may be missing from it. */
  static double spectralNorm(Matrix w, long seed) {
    Lanczos.Options options =
        Lanczos.Options.defaults()
            .withEnd(Lanczos.End.MAX)
            .withTolerance(NORM_TOLERANCE)
            .withSeed(seed)
            .withVectors(false);
    try (GramOperator gram = new GramOperator(w);
        Extremes ends = Lanczos.extremes(gram, options)) {
      return Math.sqrt(ends.max().upper());
    }
  }

  /** The largest Euclidean norm of a row. */
  static double largestRow(Matrix v) {
    double[] values = v.buffer().toArray();
    double largest = 0;
    for (int h = 0; h < v.rows(); h++) {
      double square = 0;
      for (int j = h * v.cols(); j < (h + 1) * v.cols(); j++) {
        square += values[j] * values[j];
      }
      largest = Math.max(largest, square);
    }
    return Math.sqrt(largest);
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElse(0);
  }
}
