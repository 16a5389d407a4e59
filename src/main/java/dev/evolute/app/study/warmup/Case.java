package dev.evolute.app.study.warmup;

import dev.evolute.kernels.Activation;
import java.util.List;
import java.util.Locale;

/**
 * One network on one set of samples.
 *
 * @param widths {@code n_0 = c, n_1, ..., n_l = d}, from the output
 * @param samples m
 * @param slope of leaky ReLUs left of zero
 * @param smooth the activation of two layers with penalties, else null
 * @param lambda both penalties
 * @param seed of its samples and of its points
 */
record Case(
    Family family,
    List<Integer> widths,
    int samples,
    double slope,
    Smooth smooth,
    double lambda,
    long seed) {

  /** Number of layers l. */
  int depth() {
    return widths.size() - 1;
  }

  int outputs() {
    return widths.getFirst();
  }

  int inputs() {
    return widths.getLast();
  }

  /** The largest rank that the product of all layers can have. */
  int rank() {
    return widths.stream().mapToInt(n -> n).min().orElseThrow();
  }

  /** What follows the product with layer i = l, ..., 2, counted from the output. */
  Activation after(int layer) {
    return switch (family) {
      case LINEAR -> Activation.IDENTITY;
      case ONE_LEAKY -> layer == 2 ? Activation.leakyRelu(slope) : Activation.IDENTITY;
      case ALL_LEAKY -> Activation.leakyRelu(slope);
      case SQUARES, LOGISTIC -> smooth.phi();
    };
  }

  /** The samples. */
  SmallData data() {
    SmallData samples = SmallData.gaussian(seed, 0, this.samples, inputs(), outputs(), 2);
    return family == Family.LOGISTIC ? samples.labelled(seed, 2) : samples;
  }

  String title() {
    return switch (family) {
      case LINEAR ->
          "deep linear, l = "
              + depth()
              + (rank() < Math.min(inputs(), outputs()) ? ", rank " + rank() : "");
      case ONE_LEAKY, ALL_LEAKY -> family.title() + ", l = " + depth();
      case SQUARES -> smooth.title() + ", squared error";
      case LOGISTIC -> smooth.title() + ", cross-entropy";
    };
  }

  /** The name in files: letters, digits and hyphens. */
  String label() {
    StringBuilder label = new StringBuilder(family.name().toLowerCase(Locale.ROOT));
    widths.forEach(n -> label.append('-').append(n));
    if (smooth != null) {
      label.append('-').append(smooth.title().toLowerCase(Locale.ROOT));
    }
    return label.toString().replace('_', '-') + "-s" + seed;
  }
}
