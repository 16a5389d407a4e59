package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;

/** A few vectors and their products with an operator, made together; and random vectors. */
final class ProbeBlock implements AutoCloseable {
  /** What is done with one of many vectors and its product, while they are in the block. */
  interface Visitor {
    /** Vector i of all is vector {@code slot} of the block. */
    void visit(long i, int slot);
  }

  /** Vectors that go through together where memory allows. */
  static final int WIDTH = 16;

  private static final int CHUNK = 8192;

  private final LinearOperator a;
  private final Kernels kernels;
  private final Products products;
  private final long n;
  private final int width;
  private final Buffer from;
  private final Buffer to;
  private final double[] norms;

  /**
   * @param what the estimator, in an error message
   * @param kept vectors the estimator cannot do without, beside those of the block
   * @throws IllegalArgumentException if these and a block of one do not fit into {@code maxBytes}
   */
  ProbeBlock(LinearOperator a, String what, int kept, long maxBytes) {
    this.a = a;
    this.kernels = a.device().kernels(a.dtype());
    this.products = new Products(a);
    this.n = a.size();
    long vectors = maxBytes / (n * a.dtype().bytes());
    if (vectors < kept + 2) {
      throw new IllegalArgumentException(
          what
              + ": "
              + (kept + 2)
              + " vectors of "
              + n
              + " elements take "
              + (kept + 2) * n * a.dtype().bytes()
              + " bytes, maxBytes is "
              + maxBytes
              + "; allow for more");
    }
    // Half of the memory for the block, the other half for what is kept.
    this.width = (int) Math.clamp((vectors - kept) / 4, 1, WIDTH);
    this.norms = new double[width];
    this.from = a.device().allocate(a.dtype(), width * n);
    this.to = a.device().allocate(a.dtype(), width * n);
  }

  int width() {
    return width;
  }

  Products products() {
    return products;
  }

  /** Vector i. */
  Buffer x(int i) {
    return from.view(i * n, n);
  }

  /** The product with vector i. */
  Buffer y(int i) {
    return to.view(i * n, n);
  }

  /** Norm of the product with vector i. */
  double norm(int i) {
    return norms[i];
  }

  /** Multiplies the first {@code count} vectors. */
  void multiply(int count) {
    int before = products.count();
    products.apply(Matrix.of(from, count, (int) n), Matrix.of(to, count, (int) n));
    for (int i = 0; i < count; i++) {
      norms[i] = kernels.nrm2(y(i));
      products.check(norms[i], y(i), before + i + 1);
    }
  }

  /** Products with the n unit vectors. */
  void units(Visitor visitor) {
    double[] one = {1};
    for (long first = 0; first < n; first += width) {
      int count = (int) Math.min(width, n - first);
      for (int slot = 0; slot < count; slot++) {
        kernels.fill(0, x(slot));
        x(slot).write(first + slot, one, 0, 1);
      }
      multiply(count);
      for (int slot = 0; slot < count; slot++) {
        visitor.visit(first + slot, slot);
      }
    }
  }

  /** Independent signs (Rademacher), the same for every device and element type. */
  static void signs(long seed, long stream, Buffer out) {
    double[] chunk = new double[(int) Math.min(CHUNK, out.length())];
    for (long at = 0; at < out.length(); at += chunk.length) {
      int count = (int) Math.min(chunk.length, out.length() - at);
      CounterRandom.fillUniform(seed, stream, at, chunk);
      for (int i = 0; i < count; i++) {
        chunk[i] = chunk[i] < 0.5 ? -1 : 1;
      }
      out.write(at, chunk, 0, count);
    }
  }

  @Override
  public void close() {
    from.close();
    to.close();
  }
}
