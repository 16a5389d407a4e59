package dev.evolute.kernels;

/**
 * A matrix copied once into the layout a device's product reads fastest, for operands that stay
 * fixed over many products (data; weights and activations at a fixed theta). Packed as the right
 * operand of a product; {@link #t()} serves as the left operand of one. It does not follow later
 * changes of its source: {@link #refresh()} copies again.
 */
public abstract non-sealed class PackedMatrix implements Operand, AutoCloseable {
  /** For devices, which know their own layout. */
  protected PackedMatrix() {}

  /** The matrix this was packed from, in the orientation of this view. */
  public abstract Matrix source();

  /** Whether this is the {@link #t()} view of what was packed. */
  public abstract boolean transposed();

  /** Copies the source again after it changed. */
  public abstract void refresh();

  /** Bytes held beside the source. */
  public abstract long bytes();

  @Override
  public abstract PackedMatrix t();

  /** Frees the packed copy, not the source. */
  @Override
  public abstract void close();

  @Override
  public final int rows() {
    return source().rows();
  }

  @Override
  public final int cols() {
    return source().cols();
  }

  @Override
  public final String toString() {
    return source().toString();
  }
}
