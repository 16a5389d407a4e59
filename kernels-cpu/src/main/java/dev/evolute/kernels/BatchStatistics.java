package dev.evolute.kernels;

/**
 * What a batch normalisation keeps for each of its d channels, in fp64, all buffers {@code [d]}.
 * The forward kernel fills mean and rstd, from the batch in training and from the running
 * statistics in evaluation; the derivatives read them.
 *
 * @param training whether mean and variance are those of the batch, and so depend on it
 * @param epsilon added to the variance, at least 0
 * @param momentum share of the batch in the running statistics, from 0 (left alone) to 1
 * @param mean receives the mean that is subtracted
 * @param rstd receives {@code 1 / sqrt(variance + epsilon)}
 * @param runningMean read in evaluation; in training takes up the mean of each batch; may be null
 *     in training
 * @param runningVariance the same for the variance, of the batch divided by n - 1
 */
public record BatchStatistics(
    boolean training,
    double epsilon,
    double momentum,
    Buffer mean,
    Buffer rstd,
    Buffer runningMean,
    Buffer runningVariance) {
  /**
   * Checks that the buffers agree.
   *
   * @throws IllegalArgumentException if epsilon or momentum is out of range, a buffer is missing,
   *     not in fp64, or as long as no other
   */
  public BatchStatistics {
    if (!(epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY && momentum >= 0 && momentum <= 1)) {
      throw new IllegalArgumentException(
          "batchNorm: epsilon "
              + epsilon
              + " and momentum "
              + momentum
              + "; epsilon is a finite number from 0 on, momentum one from 0 to 1");
    }
    if ((runningMean == null) != (runningVariance == null) || (runningMean == null && !training)) {
      throw new IllegalArgumentException(
          "batchNorm: evaluation needs a running mean and a running variance, training both or"
              + " neither");
    }
    channels(mean, mean);
    channels(mean, rstd);
    if (runningMean != null) {
      channels(mean, runningMean);
      channels(mean, runningVariance);
    }
  }

  private static void channels(Buffer mean, Buffer other) {
    if (other.dtype() != DType.F64 || other.length() != mean.length()) {
      throw new IllegalArgumentException(
          "batchNorm: statistics are buffers of F64 with one element a channel; the mean has "
              + mean.length()
              + ", another "
              + other.length()
              + " of "
              + other.dtype());
    }
  }

  /** The same buffers in training or in evaluation. */
  public BatchStatistics withTraining(boolean on) {
    return new BatchStatistics(on, epsilon, momentum, mean, rstd, runningMean, runningVariance);
  }

  /** Checks that a matrix {@code [n x d]} is dense, and has rows enough for a variance. */
  public void check(String kernel, Matrix x) {
    Shapes.dense(kernel, x);
    Shapes.row(kernel, x, mean);
    if (training && x.rows() < 2) {
      throw new IllegalArgumentException(
          kernel + ": " + x + " has no variance over its rows; train on 2 rows or more");
    }
  }
}
