package dev.evolute.kernels;

/** What a matrix product reads: a {@link Matrix} in plain memory or a {@link PackedMatrix}. */
public sealed interface Operand permits Matrix, PackedMatrix {
  /** Rows as the product sees them: of the transpose where it is one. */
  int rows();

  /** Columns, likewise. */
  int cols();

  /** The transpose, without moving data and without allocating. */
  Operand t();
}
