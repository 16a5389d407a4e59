package dev.evolute.kernels.cpu.amx;

import dev.evolute.kernels.Precision;
import java.util.Map;

/**
 * How a product of f32 matrices becomes products of BF16 matrices. An f32 number is split into
 * parts of 8 bits each, {@code a = a0 + a1 + a2}, every one the rest rounded to BF16; of the nine
 * products of parts the largest are taken (Henry, Tang and Heinecke, "Leveraging the bfloat16
 * artificial intelligence datatype for higher-precision computations", 2019).
 *
 * <p>Rounding to nearest leaves at most 2^-8 |a| to the second part and 2^-17 |a| to the third, and
 * three parts hold all 24 bits of an f32 number. What {@link #BF16X6} leaves out is then at most
 * 2^-24 |a| |b|, a unit roundoff of f32, and {@link #BF16X3} 2^-15 |a| |b|.
 *
 * <p>Pairs stand in an order in which one side changes at a time, so that a step loads half of its
 * tiles; the largest product is last, where the order allows, to be added to what is left of the
 * others.
 */
enum Scheme {
  BF16(1, new int[][] {{0, 0}}),
  BF16X3(2, new int[][] {{1, 0}, {0, 0}, {0, 1}}),
  BF16X6(3, new int[][] {{0, 2}, {0, 1}, {1, 1}, {1, 0}, {2, 0}, {0, 0}});

  private static final Map<Precision, Scheme> BY_PRECISION =
      Map.of(
          Precision.BF16, BF16,
          Precision.BF16X3, BF16X3,
          Precision.BF16X6, BF16X6);

  /** Parts that a number is split into. */
  final int parts;

  /** Which part of the left operand is multiplied with which of the right one. */
  final int[][] pairs;

  Scheme(int parts, int[][] pairs) {
    this.parts = parts;
    this.pairs = pairs;
  }

  /** Of a precision that the unit has, or null. */
  static Scheme of(Precision precision) {
    return BY_PRECISION.get(precision);
  }
}
