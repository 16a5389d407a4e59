package dev.evolute.autodiff.graph;

/** The shape {@code [rows x cols]} of a value; samples stand in rows. */
public record Shape(int rows, int cols) {
  /** Number of elements. */
  public long size() {
    return (long) rows * cols;
  }

  @Override
  public String toString() {
    return "[" + rows + " x " + cols + "]";
  }
}
