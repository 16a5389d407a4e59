package dev.evolute.spectral;

import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;

/**
 * The diagonal of a symmetric operator {@code A [n x n]} with an error bar for each element, from
 * random signs g (Bekas, Kokiopoulou, Saad 2007), deflated by the range Q of a sketch: exactly what
 * is in it, by samples the rest. Closing it frees the vectors.
 *
 * <pre>
 *   diag A = sum_j q_j (.) (A q_j) + E g (.) (I - Q'Q) A g
 * </pre>
 *
 * @param value the diagonal {@code [n]}
 * @param standardError of each element {@code [n]}, from the spread of the samples; 0 where nothing
 *     was left to chance
 * @param error root mean square of the standard errors over that of the values, the figure a run
 *     stops on; 0 where nothing was left to chance
 * @param noise what rounding and approximate products may have done to an element beside that
 * @param samples random samples the errors come from, 0 where nothing was left to chance
 * @param products products with A
 * @param converged whether the error is as small as was asked for
 */
public record Diagonal(
    Buffer value,
    Buffer standardError,
    double error,
    double noise,
    int samples,
    int products,
    boolean converged)
    implements AutoCloseable {
  private static final long SAMPLE_STREAM = 0x646961676fL;

  /**
   * The diagonal. A third of the products at most goes into the sketch: 16 rows of it, or as many
   * as memory and products allow for.
   *
   * @param options the relative tolerance is that of the root mean square over the elements, the
   *     absolute one that of the standard error's root mean square
   * @throws ArithmeticException if a product holds a NaN or an infinity
   * @throws IllegalArgumentException if six vectors do not fit into {@code maxBytes}
   */
  public static Diagonal of(LinearOperator a, Estimate.Options options) {
    try (ProbeBlock block = new ProbeBlock(a, "diagonal", KEPT, options.maxBytes())) {
      Run run = new Run(a, options, block);
      boolean done = false;
      try {
        Diagonal diagonal = run.find();
        done = true;
        return diagonal;
      } finally {
        if (!done) {
          run.sum.close();
          run.squares.close();
        }
      }
    }
  }

  // The result, its errors, and two to work with.
  private static final int KEPT = 4;

  private static final class Run {
    private final LinearOperator a;
    private final Estimate.Options options;
    private final ProbeBlock block;
    private final Kernels kernels;
    private final long n;
    private final Buffer sum;
    private final Buffer squares;
    private double largest;

    Run(LinearOperator a, Estimate.Options options, ProbeBlock block) {
      this.a = a;
      this.options = options;
      this.block = block;
      this.kernels = a.device().kernels(a.dtype());
      this.n = a.size();
      this.sum = a.device().allocate(a.dtype(), n);
      this.squares = a.device().allocate(a.dtype(), n);
    }

    Diagonal find() {
      int rank = (int) Math.min(rank(), n);
      if (n <= 2 * rank + HutchPlusPlus.LEAST_SAMPLES && n <= options.maxProducts()) {
        return exact();
      }
      try (RangeFinder range = new RangeFinder(a, block, rank, options.seed());
          Buffer known = a.device().allocate(a.dtype(), n);
          Buffer scratch = a.device().allocate(a.dtype(), n)) {
        deflate(range, rank, known);
        if (range.complete()) {
          kernels.copy(known, sum);
          return result(0, 0, range.hidden(), true);
        }
        return sample(range, known, scratch);
      }
    }

    private long rank() {
      long vectors = options.maxBytes() / (n * a.dtype().bytes()) - 2L * block.width() - KEPT;
      return Math.clamp(Math.min(vectors, options.maxProducts() / 3), 0, HutchPlusPlus.FIRST_RANK);
    }

    private int left() {
      return options.maxProducts() - block.products().count();
    }

    private void deflate(RangeFinder range, int rank, Buffer known) {
      range.grow(rank, (i, omega, y, r) -> {});
      range.multiply(
          0,
          (row, slot) -> {
            largest = Math.max(largest, block.norm(slot));
            kernels.mul(block.x(slot), block.y(slot), 1, known);
          });
    }

    private Diagonal sample(RangeFinder range, Buffer known, Buffer scratch) {
      int samples = 0;
      while (true) {
        int count = Math.min(block.width(), left());
        for (int i = 0; i < count; i++) {
          ProbeBlock.signs(options.seed(), SAMPLE_STREAM + samples + i, block.x(i));
        }
        block.multiply(count);
        samples += count;
        for (int i = 0; i < count; i++) {
          largest = Math.max(largest, block.norm(i) / Math.sqrt(n));
          range.project(block.y(i));
          kernels.mul(block.x(i), block.y(i), 1, sum);
          kernels.mul(block.y(i), block.y(i), 1, squares);
        }
        boolean enough = samples >= HutchPlusPlus.LEAST_SAMPLES;
        if (enough || left() == 0) {
          // Of all elements together: sum of squared standard errors, and of squared values.
          double mean = kernels.nrm2(sum) / samples;
          double spread = Math.max(0, kernels.sum(squares) / samples - mean * mean);
          double error = samples < 2 ? Double.NaN : Math.sqrt(spread / (samples - 1));
          kernels.copy(known, scratch);
          kernels.axpby(1.0 / samples, sum, 1, scratch);
          double norm = kernels.nrm2(scratch);
          double allowed = Math.max(options.tolerance() * norm, options.absolute() * Math.sqrt(n));
          boolean converged = enough && error <= allowed;
          double floor = block.products().noise() * largest * Math.sqrt(n);
          if (converged || left() == 0 || (enough && error <= floor)) {
            finish(samples, known, scratch);
            return result(norm > 0 ? error / norm : 0, samples, 0, converged);
          }
          double missing = samples * (Math.pow(error / allowed, 2) - 1);
          if (missing > n && n <= left()) {
            return exact();
          }
        }
      }
    }

    /** Sums of samples and of their squares become the diagonal and its errors. */
    private void finish(int samples, Buffer known, Buffer scratch) {
      double share = 1 / (samples - 1.0);
      kernels.axpby(1.0 / samples, sum, 0, sum);
      kernels.axpby(-share, sum, 0, scratch);
      kernels.mul(scratch, sum, share / samples, squares);
      // Where all samples are one, rounding may leave less than nothing.
      kernels.activation(Activation.RELU, squares, squares, null, null);
      kernels.activation(Activation.SQRT, squares, squares, null, null);
      kernels.axpby(1, known, 1, sum);
    }

    private Diagonal exact() {
      kernels.fill(0, sum);
      kernels.fill(0, squares);
      double[] element = new double[1];
      block.units(
          (i, slot) -> {
            largest = Math.max(largest, block.norm(slot));
            block.y(slot).read(i, element, 0, 1);
            sum.write(i, element, 0, 1);
          });
      return result(0, 0, 0, true);
    }

    private Diagonal result(double error, int samples, double hidden, boolean converged) {
      double noise = block.products().noise() * largest + hidden;
      return new Diagonal(sum, squares, error, noise, samples, block.products().count(), converged);
    }
  }

  @Override
  public void close() {
    value.close();
    standardError.close();
  }
}
