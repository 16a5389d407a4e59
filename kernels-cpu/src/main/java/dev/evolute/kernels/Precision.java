package dev.evolute.kernels;

/**
 * How exact products of f32 matrices have to be: what a device with units for shorter numbers may
 * trade for speed. With u = 2^-24, a product of inner size k is within {@code (c + k d) (|alpha|
 * |A| |B|) + 3 u |beta| |C|} of the exact one, for the c and d given here; d is 4 u on tensor
 * cores, which cut off what they add (Fasi, Higham, Mikaitis and Pranesh, 2021). Where an operand
 * is not finite or rounds to what is not, only {@link #F32} tells infinities from NaN.
 */
public enum Precision {
  /** Nothing is traded. */
  F32(6 * 0x1p-24, 0x1p-24),
  /**
   * Operands are sums of two numbers of 11 bits: the accuracy of f32, on tensor cores, by three
   * products. Elements below 2^-103 lose bits.
   */
  TF32X3(16 * 0x1p-24, 0x1p-22),
  /** Operands are sums of two numbers of 8 bits, 16 bits together. */
  BF16X3(0x1p-15, 0x1p-22),
  /** Operands are rounded to 11 bits. */
  TF32(0x1p-9, 0x1p-22),
  /** Operands are rounded to 8 bits. */
  BF16(0x1p-7, 0x1p-22);

  private final double rounding;
  private final double each;

  Precision(double rounding, double each) {
    this.rounding = rounding;
    this.each = each;
  }

  /** {@code c + k d}: the largest error of a product of inner size k, relative to |A| |B|. */
  public double bound(int k) {
    return rounding + k * each;
  }
}
