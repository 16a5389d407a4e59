package dev.evolute.kernels;

/** The element type of a {@link Buffer}; both are first-class everywhere. */
public enum DType {
  /** IEEE 754 binary32. */
  F32(Float.BYTES),
  /** IEEE 754 binary64. */
  F64(Double.BYTES);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }
}
