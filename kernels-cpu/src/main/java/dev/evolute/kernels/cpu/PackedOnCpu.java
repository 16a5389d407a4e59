package dev.evolute.kernels.cpu;

import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.PackedMatrix;

/** A packed matrix of the CPU, and copies of it in layouts that units other than vectors want. */
public abstract class PackedOnCpu extends PackedMatrix {
  /** A copy in another layout. */
  public interface Copy extends AutoCloseable {
    long bytes();

    @Override
    void close();
  }

  /** Copies of a matrix and of its transpose; they hold what the packed matrix holds. */
  public static final class Copies {
    private Copy plain;
    private Copy transposed;

    private Copies() {}

    private void drop() {
      drop(plain);
      drop(transposed);
      plain = null;
      transposed = null;
    }

    private static void drop(Copy copy) {
      if (copy != null) {
        copy.close();
      }
    }

    private static long bytes(Copy copy) {
      return copy == null ? 0 : copy.bytes();
    }
  }

  private final Copies copies;

  protected PackedOnCpu() {
    copies = new Copies();
  }

  /** The view of what another one packed. */
  protected PackedOnCpu(PackedOnCpu original) {
    copies = original.copies;
  }

  /** Columns of the matrix as it was packed that stand together. */
  public abstract int width();

  /** Those columns, all inner indices, as they were packed; the last are filled up with zeros. */
  public abstract Matrix columns(int panel);

  /** The copy of this view that was {@link #keep kept}, or null. */
  public final Copy copy() {
    return transposed() ? copies.transposed : copies.plain;
  }

  /** Keeps a copy of this view in place of the one before, until the matrix is packed again. */
  public final void keep(Copy copy) {
    Copies.drop(copy());
    if (transposed()) {
      copies.transposed = copy;
    } else {
      copies.plain = copy;
    }
  }

  /** Frees the copies, which no longer hold what the packed matrix does. */
  protected final void dropCopies() {
    copies.drop();
  }

  /** Bytes of the copies. */
  protected final long copiedBytes() {
    return Copies.bytes(copies.plain) + Copies.bytes(copies.transposed);
  }
}
