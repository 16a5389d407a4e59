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
  F32(6 * 0x1p-24, 0x1p-24, 0),
  /**
   * Operands are sums of two numbers of 11 bits: the accuracy of f32, on tensor cores, by three
   * products. Elements below 2^-103 lose bits.
   */
  TF32X3(16 * 0x1p-24, 0x1p-22, 0x1p-19),
  /**
   * Operands are sums of three numbers of 8 bits: the accuracy of f32, on units for BF16, by six
   * products. Elements below 2^-108 lose bits. A GPU takes {@link #TF32X3} for it.
   */
  BF16X6(32 * 0x1p-24, 0x1p-22, 0x1p-20),
  /** Operands are sums of two numbers of 8 bits, 16 bits together. */
  BF16X3(0x1p-15, 0x1p-22, 0x1p-13),
  /** Operands are rounded to 11 bits. */
  TF32(0x1p-9, 0x1p-22, 0x1p-7),
  /** Operands are rounded to 8 bits. */
  BF16(0x1p-7, 0x1p-22, 0x1p-5);

  private final double rounding;
  private final double each;
  private final double noise;

  Precision(double rounding, double each, double noise) {
    this.rounding = rounding;
    this.each = each;
    this.noise = noise;
  }

  /** {@code c + k d}: the largest error of a product of inner size k, relative to |A| |B|. */
  public double bound(int k) {
    return rounding + k * each;
  }

  /**
   * What an operator that is made of such products may be wrong by beyond the rounding of f32,
   * relative to its norm: some eight times what a product leaves out of its operands. A solver that
   * iterates below it follows rounding errors.
   */
  public double noise() {
    return noise;
  }
}
