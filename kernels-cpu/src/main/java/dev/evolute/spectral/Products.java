package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;

/** An operator's products, counted; and what solvers ask of vectors beyond the kernels. */
final class Products {
  private static final int CHUNK = 8192;

  private final LinearOperator a;
  private final Kernels kernels;
  private int count;

  Products(LinearOperator a) {
    if (a.size() < 1 || a.size() > Integer.MAX_VALUE - 64) {
      throw new IllegalArgumentException(
          "operator: its dimension is " + a.size() + ", from 1 to 2^31 - 64 can be solved");
    }
    this.a = a;
    this.kernels = a.device().kernels(a.dtype());
  }

  int count() {
    return count;
  }

  void apply(Buffer x, Buffer y) {
    a.apply(x, y);
    count++;
  }

  /** {@code Y = X A}: as many products as X has rows. */
  void apply(Matrix x, Matrix y) {
    a.apply(x, y);
    count += x.rows();
  }

  /**
   * Error of one product relative to the operator's norm: what the operator says, and at least 8
   * unit roundoffs, for the rounded vector, the sums inside the product and the projection after
   * it.
   */
  double noise() {
    return Math.max(rounding(), a.noise());
  }

  /** Of that, what vectors have to themselves, however approximate products are. */
  double rounding() {
    return a.dtype() == DType.F32 ? 0x1p-21 : 0x1p-50;
  }

  /**
   * The last product, in y, as an error if it is not a number. The test itself costs nothing: no
   * NaN or infinity survives in y without showing in a dot product with y.
   */
  void check(double dotWithY, Buffer y) {
    check(dotWithY, y, count);
  }

  /** The same for an earlier product, the first being 1. */
  void check(double dotWithY, Buffer y, int number) {
    if (Double.isFinite(dotWithY)) {
      return;
    }
    long bad = 0;
    double[] chunk = new double[(int) Math.min(CHUNK, y.length())];
    for (long at = 0; at < y.length(); at += chunk.length) {
      int size = (int) Math.min(chunk.length, y.length() - at);
      y.read(at, chunk, 0, size);
      for (int i = 0; i < size; i++) {
        bad += Double.isFinite(chunk[i]) ? 0 : 1;
      }
    }
    throw new ArithmeticException(
        bad > 0
            ? "operator: product "
                + number
                + " has "
                + bad
                + " NaN or infinite entries of "
                + y.length()
                + "; the point it is taken at has diverged or the operator is wrong there"
            : "operator: the norm of product " + number + " overflows; scale the operator down");
  }

  /**
   * Scales x to unit norm and makes its largest component by magnitude, the first such, positive.
   */
  void normalise(Buffer x) {
    kernels.normalise(x);
    double up = kernels.max(x);
    double down = -kernels.min(x);
    if (down > up || (down == up && kernels.argmin(x) < kernels.argmax(x))) {
      kernels.axpby(-1, x, 0, x);
    }
  }

  /**
   * The eigenpair of the unit vector x by one more product, which y receives and is left with the
   * residual vector.
   *
   * @param scale the operator's norm, as far as it is known
   */
  Eigenpair measure(Buffer x, Buffer y, double tolerance, double scale) {
    apply(x, y);
    double square = kernels.dot(x, x);
    double value = kernels.dot(x, y) / square;
    check(value, y);
    kernels.axpby(-value, x, 1, y);
    double residual = kernels.nrm2(y) / Math.sqrt(square);
    return new Eigenpair(value, x, residual, noise() * scale, residual <= tolerance * scale);
  }
}
