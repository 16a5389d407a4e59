package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import java.util.function.DoubleUnaryOperator;

/**
 * Sums over an orthonormal basis of a form that is quadratic in its vector, such as {@code <x, A
 * x>}: exactly over the range Q of a sketch, where what is large lies, and by random signs over the
 * rest (Hutch++: Meyer, Musco, Musco, Woodruff, "Hutch++: optimal stochastic trace estimation",
 * SOSA 2021).
 *
 * <pre>
 *   sum_j form(q_j, A q_j) + E form(u, A u),   u = (I - Q'Q) g,  g of random signs
 * </pre>
 *
 * Without rows in Q it is Hutchinson's estimator. The rank of Q doubles for as long as more samples
 * would cost more than that; samples taken beside a smaller Q are dropped, so that those that count
 * are independent of what was decided before them.
 */
final class HutchPlusPlus {
  /** What is summed up, of a vector x and its product y. */
  interface Form {
    double of(Buffer x, Buffer y);

    /** What one unit of relative error in y may change it by. */
    double sensitivity(double normOfX, double normOfY);
  }

  static final int FIRST_RANK = 16;
  static final int LEAST_SAMPLES = 32;
  private static final double MARGIN = 1.1;
  private static final long SAMPLE_STREAM = 0x73616d706c65L;

  private final LinearOperator a;
  private final Form form;
  private final DoubleUnaryOperator allowed;
  private final Estimate.Options options;
  private final Kernels kernels;
  private final long n;
  private int drawn;
  private double known;
  private double noise;

  /**
   * @param allowed the standard error allowed of a sum
   */
  HutchPlusPlus(
      LinearOperator a, Form form, DoubleUnaryOperator allowed, Estimate.Options options) {
    this.a = a;
    this.form = form;
    this.allowed = allowed;
    this.options = options;
    this.kernels = a.device().kernels(a.dtype());
    this.n = a.size();
  }

  /** Without a sketch. */
  Estimate sampled() {
    return run("hutchinson", 0);
  }

  Estimate deflated() {
    return run("hutch++", FIRST_RANK);
  }

  private Estimate run(String name, int firstRank) {
    try (ProbeBlock block = new ProbeBlock(a, name, 0, options.maxBytes())) {
      int capacity = firstRank == 0 ? 0 : capacity(block);
      try (RangeFinder range = new RangeFinder(a, block, capacity, options.seed())) {
        int rank = Math.min(firstRank, capacity);
        if (exactCost(block) <= 2 * rank + LEAST_SAMPLES) {
          return exact(block, form);
        }
        while (true) {
          grow(range, block, rank);
          if (range.complete()) {
            double hidden = form.sensitivity(Math.sqrt(n), range.hidden());
            return new Estimate(known, 0, noise + hidden, 0, block.products().count(), true);
          }
          rank = Math.min(capacity, 2 * rank);
          Estimate estimate = sample(block, range, rank);
          if (estimate != null) {
            return estimate;
          }
          if (exactCost(block) <= growthCost(block, range, rank)) {
            return exact(block, form);
          }
        }
      }
    }
  }

  /** Products that leave nothing to chance, where there are as many. */
  private double exactCost(ProbeBlock block) {
    return n <= left(block) ? n : Double.POSITIVE_INFINITY;
  }

  /** Products for a larger Q and the least samples beside it, where there are as many. */
  private double growthCost(ProbeBlock block, RangeFinder range, int rank) {
    int cost = 2 * (rank - range.rows()) + Math.max(LEAST_SAMPLES, rank);
    return rank > range.rows() && cost <= left(block) ? cost : Double.POSITIVE_INFINITY;
  }

  /** Rows of a sketch that memory and a third of the products allow for. */
  private int capacity(ProbeBlock block) {
    long vectors = options.maxBytes() / (n * a.dtype().bytes()) - 2L * block.width();
    return (int) Math.clamp(Math.min(vectors, options.maxProducts() / 3), 0, n);
  }

  private int left(ProbeBlock block) {
    return options.maxProducts() - block.products().count();
  }

  private void grow(RangeFinder range, ProbeBlock block, int rank) {
    int first = range.rows();
    range.grow(rank, (i, omega, y, r) -> {});
    range.multiply(
        first,
        (row, slot) -> {
          known += form.of(block.x(slot), block.y(slot));
          noise += block.products().noise() * form.sensitivity(1, block.norm(slot));
        });
  }

  /**
   * Samples beside Q, until the error bar is small enough or products have run out.
   *
   * @param next the rank Q may grow to instead
   * @return null where it should, or the n unit vectors should be taken
   */
  private Estimate sample(ProbeBlock block, RangeFinder range, int next) {
    Samples samples = new Samples();
    double rounding = 0;
    double look = LEAST_SAMPLES;
    while (true) {
      int count = Math.min(block.width(), left(block));
      for (int i = 0; i < count; i++) {
        ProbeBlock.signs(options.seed(), SAMPLE_STREAM + drawn++, block.x(i));
        range.project(block.x(i));
      }
      block.multiply(count);
      for (int i = 0; i < count; i++) {
        samples.add(form.of(block.x(i), block.y(i)));
        rounding +=
            block.products().noise() * form.sensitivity(kernels.nrm2(block.x(i)), block.norm(i));
      }
      if (samples.count() < look && left(block) > 0) {
        continue;
      }
      double value = known + samples.mean();
      double error = samples.widenedError();
      double floor = noise + rounding / samples.count();
      double target = Math.max(allowed.applyAsDouble(value), floor);
      boolean enough = samples.count() >= LEAST_SAMPLES;
      if (left(block) == 0 || (enough && error <= target)) {
        boolean converged = enough && error <= allowed.applyAsDouble(value);
        return new Estimate(
            value, error, floor, samples.count(), block.products().count(), converged);
      }
      double missing = samples.count() * (Math.pow(error / target, 2) - 1);
      if (missing > Math.min(exactCost(block), growthCost(block, range, next))) {
        return null;
      }
      // The next look is where the error should be small enough: of many looks, one would find it
      // small by luck.
      look = samples.count() + Math.min(MARGIN * missing, samples.count());
    }
  }

  /** Of the n unit vectors. */
  static Estimate exact(ProbeBlock block, Form form) {
    double[] sum = new double[1];
    double[] noise = new double[1];
    block.units(
        (i, slot) -> {
          sum[0] += form.of(block.x(slot), block.y(slot));
          noise[0] += block.products().noise() * form.sensitivity(1, block.norm(slot));
        });
    return new Estimate(sum[0], 0, noise[0], 0, block.products().count(), true);
  }
}
