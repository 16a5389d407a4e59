package dev.evolute.kernels;

/**
 * What logits {@code z [n x c]} are compared with: a distribution or a class for each row, and
 * optionally a weight. A class label is a whole number stored as an element of the kernels' type,
 * exact up to 2^24 in {@link DType#F32}: one kind of buffer serves every device.
 */
public final class Targets {
  /** The label of a row that is left out: its loss and all derivatives are 0. */
  public static final int LEFT_OUT = -1;

  private final Matrix distributions;
  private final Buffer labels;
  private final Buffer weights;
  private final long rows;
  private final int classes;

  private Targets(Matrix distributions, Buffer labels, Buffer weights, long rows, int classes) {
    this.distributions = distributions;
    this.labels = labels;
    this.weights = weights;
    this.rows = rows;
    this.classes = classes;
  }

  /** Each row of {@code y [n x c]}, dense, is a distribution: it sums to 1. */
  public static Targets distributions(Matrix y) {
    Shapes.dense("targets", y);
    return new Targets(y, null, null, y.rows(), y.cols());
  }

  /** Each row belongs to the class in {@code labels [n]}, or is {@link #LEFT_OUT}. */
  public static Targets labels(Buffer labels, int classes) {
    int most = labels.dtype() == DType.F32 ? 1 << 24 : Integer.MAX_VALUE;
    if (classes < 1 || classes > most) {
      throw new IllegalArgumentException(
          "targets: " + classes + " classes; labels in " + labels.dtype() + " serve 1 to " + most);
    }
    return new Targets(null, labels, null, labels.length(), classes);
  }

  /** The same with a weight for each row; a row of weight 0 counts as left out. */
  public Targets weighted(Buffer weights) {
    if (weights.length() != rows) {
      throw new IllegalArgumentException(
          "targets: " + rows + " rows with " + weights.length() + " weights; give one a row");
    }
    return new Targets(distributions, labels, weights, rows, classes);
  }

  /** The distributions, or null. */
  public Matrix distributions() {
    return distributions;
  }

  /** The labels, or null. */
  public Buffer labels() {
    return labels;
  }

  /** The weights, or null. */
  public Buffer weights() {
    return weights;
  }

  /** Number of classes: columns of the logits. */
  public int classes() {
    return classes;
  }

  /** These are the targets of logits z, in the kernels' type. */
  public void fit(String kernel, Kernels kernels, Matrix z) {
    if (z.rows() != rows || z.cols() != classes) {
      throw new IllegalArgumentException(
          kernel
              + ": the logits are "
              + z
              + ", the targets ["
              + rows
              + " x "
              + classes
              + "]; they must have the same shape");
    }
    Shapes.home(kernel, kernels, labels == null ? distributions.buffer() : labels);
    if (weights != null) {
      Shapes.home(kernel, kernels, weights);
    }
  }
}
