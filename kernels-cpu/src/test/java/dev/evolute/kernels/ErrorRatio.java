package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The largest errors of ours over theirs, of all products together. Of a single product the ratio
 * says little where a few elements are all that matters, as in badly scaled ones: whoever is
 * rounded by luck to next to nothing there is beyond any comparison.
 */
final class ErrorRatio {
  private double ours;
  private double theirs;
  private double oursRelative;
  private double theirsRelative;

  void add(ProductProblem problem, double[] our, double[] their) {
    ours = Math.max(ours, problem.error(our));
    theirs = Math.max(theirs, problem.error(their));
    oursRelative = Math.max(oursRelative, problem.relative(our));
    theirsRelative = Math.max(theirsRelative, problem.relative(their));
  }

  /** Of the errors over each product's largest element. */
  double ofLargest() {
    return ours / theirs;
  }

  /** Of those relative to |A| |B|, element by element. */
  double ofEach() {
    return oursRelative / theirsRelative;
  }

  @Override
  public String toString() {
    return "%.2f of the largest error, %.2f relative to |A| |B|".formatted(ofLargest(), ofEach());
  }

  void assertAtMost(double ratio, String what) {
    assertTrue(ofLargest() <= ratio && ofEach() <= ratio, what + ": " + this);
  }
}
