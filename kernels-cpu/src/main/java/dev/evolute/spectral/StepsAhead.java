package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;

/**
 * Steps of Lanczos' method with one vector, one after the other, on a device that the host has to
 * wait for: their coefficients and norms stay there and are read together. Each is two projections,
 * as {@link KrylovBasis#subtract} makes them where all is well; what is not well shows in its
 * numbers, and the host takes it once more.
 *
 * <pre>
 *   w = A v_k,  w = w - sum_{j >= k-1} &lt;v_j, w&gt; v_j,  w = w - sum_j &lt;v_j, w&gt; v_j,  v_{k+1} = w / ||w||
 * </pre>
 */
final class StepsAhead implements AutoCloseable {
  /** Steps at most. */
  static final int MOST = 16;

  /** Vectors that the recurrence reaches back to. */
  private static final int BACK = 2;

  // Of a step: the norm after each projection, BACK coefficients of the first, all of the second.
  private static final int FIRST = 2;
  private static final int SECOND = FIRST + BACK;

  private final Kernels kernels;
  private final int size;
  private final Buffer numbers;
  private final double[] read;
  private int begin;

  /**
   * @param rows of the basis at most
   */
  StepsAhead(Device device, DType dtype, int rows) {
    kernels = device.kernels(dtype);
    size = SECOND + rows;
    numbers = device.allocate(DType.F64, (long) MOST * size);
    read = new double[MOST * size];
  }

  /**
   * Takes steps, waits for them, and keeps their numbers.
   *
   * @param k of the first, at least 2: row k is its vector
   * @param count at most {@link #MOST}
   */
  void take(KrylovBasis basis, Products products, int k, int count) {
    begin = k;
    for (int i = 0; i < count; i++) {
      step(basis, products, i);
    }
    numbers.read(0, read, 0, count * size);
  }

  private void step(KrylovBasis basis, Products products, int i) {
    int k = begin + i;
    int rows = k + 1;
    int from = rows - BACK;
    Buffer w = basis.row(rows);
    products.apply(basis.row(k), w);
    Buffer first = numbers(i, FIRST, BACK);
    basis.dots(from, rows, w, first);
    basis.subtract(from, rows, first, w);
    kernels.nrm2(w, numbers(i, 0, 1));
    Buffer second = numbers(i, SECOND, rows);
    basis.dots(0, rows, w, second);
    basis.subtract(0, rows, second, w);
    Buffer left = numbers(i, 1, 1);
    kernels.nrm2(w, left);
    kernels.divide(w, left, w);
  }

  private Buffer numbers(int i, int at, int count) {
    return numbers.view((long) i * size + at, count);
  }

  /** Coefficients of product i along the rows before it; returns the norm of what remained. */
  double column(int i, double[] column) {
    int rows = begin + i + 1;
    for (int j = 0; j < rows; j++) {
      column[j] = 0;
    }
    System.arraycopy(read, i * size + FIRST, column, rows - BACK, BACK);
    for (int j = 0; j < rows; j++) {
      column[j] += read[i * size + SECOND + j];
    }
    return read[i * size + 1];
  }

  /**
   * Whether two projections were enough for step i. What is no number in a product is none in its
   * norms either, and no comparison holds for it.
   */
  boolean isPlain(int i) {
    return read[i * size + 1] >= KrylovBasis.ETA * read[i * size];
  }

  @Override
  public void close() {
    numbers.close();
  }
}
