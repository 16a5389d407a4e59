package dev.evolute.bench;

import dev.evolute.kernels.Activation;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fully connected network without biases and its loss, the mean over n samples: {@code
 * 784-50-50-10 relu cross-entropy n1000} in words. With {@code digits} behind, the samples are
 * images of MNIST; else they are random.
 *
 * @param widths {@code d_0, d_1, ...} from the inputs to the outputs
 * @param activation after every layer but the last
 * @param classifies whether the loss is cross-entropy, with one class a sample; else {@code 1/n sum
 *     ||h - y||^2}
 * @param n samples
 * @param digits whether they are real
 */
record Network(int[] widths, Activation activation, boolean classifies, int n, boolean digits) {
  private static final Pattern NAME =
      Pattern.compile(
          "(\\d+(?:-\\d+)+) (relu|tanh|linear) (squared|cross-entropy) n([1-9]\\d*)( digits)?");

  static Network parse(String text) {
    Matcher parts = NAME.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "network: '"
              + text
              + "' given, '784-50-50-10 relu cross-entropy n1000' is how one reads");
    }
    String function = parts.group(2).equals("linear") ? "identity" : parts.group(2);
    return new Network(
        Arrays.stream(parts.group(1).split("-")).mapToInt(Integer::parseInt).toArray(),
        new Activation(Activation.Kind.valueOf(function.toUpperCase(Locale.ROOT)), 0),
        parts.group(3).equals("cross-entropy"),
        Integer.parseInt(parts.group(4)),
        parts.group(5) != null);
  }

  int inputs() {
    return widths[0];
  }

  int outputs() {
    return widths[layers()];
  }

  int layers() {
    return widths.length - 1;
  }

  /** Number of parameters P. */
  int size() {
    int size = 0;
    for (int j = 1; j <= layers(); j++) {
      size += widths[j] * widths[j - 1];
    }
    return size;
  }

  /** Arithmetic of a gradient: a layer has three products, the first, on data, two. */
  double gradientGflop() {
    return gflop(2, 3);
  }

  /**
   * Arithmetic of a Hessian-vector product at a kept point: six products a layer, two the first.
   */
  double hvpGflop() {
    return gflop(2, 6);
  }

  private double gflop(int first, int others) {
    int firstSize = widths[1] * widths[0];
    return 2e-9 * n * ((double) first * firstSize + (double) others * (size() - firstSize));
  }
}
