package dev.evolute.kernels;

/**
 * How rows are normalised, for {@link NormKernels}.
 *
 * @param kind which normalisation
 * @param eps what is added to the mean square before its root is taken
 */
public record Norm(Kind kind, double eps) {
  /**
   * Checks them.
   *
   * @throws IllegalArgumentException without a kind, or with an eps that is negative or not finite
   */
  public Norm {
    if (kind == null || !(eps >= 0 && eps < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "norm: kind " + kind + " with eps " + eps + "; give a kind and an eps of 0 or more");
    }
  }

  /** The normalisations every device knows. */
  public enum Kind {
    /** Mean 0 and mean square 1 (Ba, Kiros, Hinton 2016). */
    LAYER,
    /** Mean square 1 (Zhang, Sennrich 2019). */
    RMS
  }

  /** {@link Kind#LAYER}, with {@code eps} added to the variance. */
  public static Norm layer(double eps) {
    return new Norm(Kind.LAYER, eps);
  }

  /** {@link Kind#RMS}, with {@code eps} added to the mean square. */
  public static Norm rms(double eps) {
    return new Norm(Kind.RMS, eps);
  }

  /** Whether the mean is taken off first. */
  public boolean centred() {
    return kind == Kind.LAYER;
  }
}
