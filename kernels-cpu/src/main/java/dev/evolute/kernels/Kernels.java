package dev.evolute.kernels;

/**
 * Every numeric primitive, once, for one device and one element type. All buffers have that device
 * and type unless said otherwise. Outputs must not overlap inputs except where a method says so.
 * Where beta is 0, the output is written and never read. Results do not depend on the number of
 * threads: every sum is formed in a fixed order. Each method throws {@link
 * IllegalArgumentException} with both shapes in its message when shapes disagree.
 */
public interface Kernels {
  Device device();

  DType dtype();

  // Matrix products

  /** Packs the right operand {@code b [k x n]} of a product; see {@link PackedMatrix}. */
  PackedMatrix pack(Matrix b);

  /**
   * {@code C = alpha A B + beta C} with {@code A [m x k]}, {@code B [k x n]}, {@code C [m x n]};
   * any of them may be transposed views. With {@code beta = 0}, C is written and never read. At
   * most one of A and B is packed, A then as a {@link PackedMatrix#t()} view.
   */
  void gemm(double alpha, Operand a, Operand b, double beta, Matrix c);

  // Vectors

  /** {@code x = value}. */
  void fill(double value, Buffer x);

  /** {@code y = x}. */
  void copy(Buffer x, Buffer y);

  /** {@code y = alpha x + beta y}; with {@code beta = 0}, y is never read. x may be y. */
  void axpby(double alpha, Buffer x, double beta, Buffer y);

  /**
   * {@code y = a (.) b + beta y}, element by element; with {@code beta = 0}, y is never read. y may
   * be a.
   */
  void mul(Buffer a, Buffer b, double beta, Buffer y);

  /** {@code y = a (.) b + c (.) d + beta y}, element by element. */
  void mulAdd(Buffer a, Buffer b, Buffer c, Buffer d, double beta, Buffer y);

  // Reductions, accumulated in fp64

  /** {@code <x, y>}. */
  double dot(Buffer x, Buffer y);

  /**
   * {@code out_0 = scale <x, y>}, left on the device; {@code out} is one {@link DType#F64} element.
   */
  void dot(double scale, Buffer x, Buffer y, Buffer out);

  /** Euclidean norm of x. */
  double nrm2(Buffer x);

  /** {@code c_j = <v_j, x>} over the rows of {@code v [k x n]}: the first half of Gram-Schmidt. */
  void dots(Matrix v, Buffer x, double[] c);

  /** {@code y = y + sum_j c_j v_j} over the rows of {@code v [k x n]}: the second half. */
  void combine(double[] c, Matrix v, Buffer y);

  // Rows and columns

  /** {@code Y_ij = X_ij + row_j}, X and Y dense {@code [n x d]}. Y may be X. */
  void addRow(Matrix x, Buffer row, Matrix y);

  /** {@code row_j = sum_i X_ij + beta row_j}, X dense {@code [n x d]}. */
  void columnSums(Matrix x, double beta, Buffer row);

  // Activations and losses

  /**
   * Values and derivatives of an activation in one pass; each of the three outputs may be null.
   *
   * @param z where to evaluate
   * @param value {@code f(z)}; may be z itself where no derivative is asked for
   * @param first {@code f'(z)}
   * @param second {@code f''(z)}
   */
  void activation(Activation f, Buffer z, Buffer value, Buffer first, Buffer second);

  /**
   * Softmax cross-entropy of logits {@code z [n x c]} against target distributions {@code y [n x
   * c]}, whose rows sum to 1, all dense.
   *
   * @param p receives {@code softmax(z)} row by row
   * @param loss one {@link DType#F64} element, receives {@code scale sum_i (log sum_j exp z_ij -
   *     sum_j y_ij z_ij)}
   */
  void softmaxCrossEntropy(double scale, Matrix z, Matrix y, Matrix p, Buffer loss);

  /**
   * Tangent of softmax: {@code out = scale (p (.) u - p <p, u>) + beta out} row by row, for {@code
   * p}, {@code u}, {@code out} dense {@code [n x c]}.
   */
  void softmaxTangent(double scale, Matrix p, Matrix u, double beta, Matrix out);
}
