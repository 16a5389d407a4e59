package dev.evolute.autodiff.graph;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import java.util.List;
import java.util.Map;

/**
 * A loss f of parameters theta {@code [P]} with its first and second derivatives: one {@link
 * Program}, or a sum of programs over chunks of data. Passes leave their results in buffers of the
 * objective and allocate nothing. Not safe for use by several threads at once.
 */
public interface Objective extends Products, AutoCloseable {
  /** The device it was compiled for. */
  Device device();

  /** The element type of parameters, data and derivatives; a loss is fp64 always. */
  DType dtype();

  /** That device's kernels for this type. */
  Kernels kernels();

  /** The parameters, in the order in which they stand in theta. */
  List<Value> parameters();

  /** Number of parameters P. */
  long size();

  /** All parameters, flat {@code [P]}; write here to move. */
  Buffer theta();

  /**
   * What outlives passes, by name: the running statistics of batch normalisations, in fp64. The
   * buffers are the objective's own; what is written to them counts from the next pass on.
   */
  Map<String, Buffer> state();

  /** The loss at theta: one forward pass. */
  double value();

  /** The loss of the last forward pass. */
  double loss();

  /** Forward and reverse: leaves the gradient at theta in {@link #gradient()}. */
  void gradientPass();

  /** The gradient of the last {@link #gradientPass()}, flat {@code [P]}, in the layout of theta. */
  Buffer gradient();

  /**
   * Computes and keeps what products at theta need: value, gradient, and everything else primal.
   * Theta and data must not change between this and the products.
   */
  void keep();

  /** Changes with every pass that replaces primal values: tells a point that it has been left. */
  long moves();

  /** The direction v of the tangent passes, flat {@code [P]}. */
  Buffer tangent();

  /** The result of the last product, flat {@code [P]}. */
  Buffer product();

  /**
   * Gauss-Newton product and residual part of one tangent pass; their sum, the Hessian product, is
   * left in {@link #product()}.
   *
   * @param gaussNewton {@code [P]}, written
   * @param residual {@code [P]}, written
   */
  void splitPass(Buffer gaussNewton, Buffer residual);

  /**
   * Products with several vectors, one a row. They run one after the other: on a CPU two of the six
   * matrix products of a layer would be wider together, and the layer's own tangents would not. A
   * sum over chunks that computes them anew does so once for all vectors.
   *
   * @param v {@code [k x P]}, dense, read
   * @param products {@code [k x P]}, dense, written
   */
  void passes(Curvature which, Matrix v, Matrix products);

  /** The rows of a dense matrix {@code [k x P]}. */
  static Buffer[] vectors(Objective objective, Matrix rows, int k) {
    if (!rows.dense() || rows.rows() != k || rows.cols() != objective.size()) {
      throw new IllegalArgumentException(
          "products: vectors are "
              + rows
              + "; a dense ["
              + k
              + " x "
              + objective.size()
              + "] is needed");
    }
    Buffer[] vectors = new Buffer[rows.rows()];
    for (int j = 0; j < vectors.length; j++) {
      vectors[j] = rows.buffer().view(j * objective.size(), objective.size());
    }
    return vectors;
  }

  /**
   * Products with the block of second derivatives in the rows' and the columns' parameters: no
   * tangent flows from other parameters, and no cotangent to others. Of v only the columns are
   * read, of the product only the rows are written.
   */
  Products restrict(Block rows, Block columns);

  /**
   * Products with the Jacobian of the network's output, which is the value that the loss is given,
   * of all samples.
   *
   * @throws IllegalStateException if the loss is given several values, or none
   */
  OutputPasses outputPasses();

  @Override
  void close();
}
