package dev.evolute.kernels;

/** What a matrix product reads: a {@link Matrix} in plain memory or a {@link PackedMatrix}. */
public sealed interface Operand permits Matrix, PackedMatrix {
  int rows();

  int cols();

  /** The transpose, without moving data and without allocating. */
  Operand t();
}
