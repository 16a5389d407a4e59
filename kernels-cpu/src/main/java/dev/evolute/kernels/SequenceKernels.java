package dev.evolute.kernels;

/**
 * What a sequence model needs beside products and attention: rotary positions, SwiGLU, embeddings.
 * Part of {@link Kernels}, whose rules hold here. Matrices stand row by row, with any stride, so
 * that they may be columns of a wider one. In SwiGLU a, b and all that belongs to them have one
 * stride, y and all that belongs to it one of its own.
 *
 * <p>Indices are whole numbers stored as elements of the kernels' type, exact up to 2^24 in {@link
 * DType#F32}: one kind of buffer serves every device.
 */
public interface SequenceKernels {
  /**
   * Rotates every head of every row by its position: {@code y = R x + beta y}. Row i is at position
   * {@code i % length}. Linear, so this is its own jvp.
   *
   * @param x {@code [n x heads * width]}
   * @param y of the same shape; may be x where beta is 0
   */
  void rotary(Rotary rotary, int length, Matrix x, double beta, Matrix y);

  /**
   * The transpose of {@link #rotary}, a rotation by the negative angles: {@code dx = R^T dy + beta
   * dx}. dx may be dy where beta is 0.
   */
  void rotaryVjp(Rotary rotary, int length, Matrix dy, double beta, Matrix dx);

  /** {@code y = silu(a) (.) b} with {@code silu(a) = a / (1 + exp(-a))} (Shazeer 2020). */
  void swiglu(Matrix a, Matrix b, Matrix y);

  /**
   * {@code da = dy (.) b (.) silu'(a) + beta da} and {@code db = dy (.) silu(a) + beta db} in one
   * pass.
   */
  void swigluVjp(Matrix a, Matrix b, Matrix dy, double beta, Matrix da, Matrix db);

  /** {@code y' = silu'(a) (.) a' (.) b + silu(a) (.) b'}. */
  void swigluJvp(Matrix a, Matrix b, Matrix aTangent, Matrix bTangent, Matrix yTangent);

  /**
   * Tangent of {@link #swigluVjp} along a', b' and dy', added to {@code beta out}:
   *
   * <pre>
   *   da' = (dy' b + dy b') silu'(a) + dy b silu''(a) a'
   *   db' = dy' silu(a) + dy silu'(a) a'
   * </pre>
   */
  void swigluVjpTangent(
      Matrix a,
      Matrix b,
      Matrix dy,
      Matrix aTangent,
      Matrix bTangent,
      Matrix dyTangent,
      double beta,
      Matrix daTangent,
      Matrix dbTangent);

  /**
   * {@code y_i = table_{index_i}} row by row, {@code table [v x d]}, {@code y [n x d]}. Linear, so
   * this is its own jvp.
   *
   * @throws IllegalArgumentException if an index is no whole number in {@code [0, v)}
   */
  void gather(Matrix table, Buffer index, Matrix y);

  /**
   * The transpose of {@link #gather}: {@code dtable_k = sum of dy_i over index_i = k, + beta
   * dtable_k}. Repeated indices are added in order, in fp64.
   *
   * @throws IllegalArgumentException if an index is no whole number in {@code [0, v)}
   */
  void scatterAdd(Matrix dy, Buffer index, double beta, Matrix dtable);
}
