package dev.evolute.kernels.cpu.amx;

import dev.evolute.kernels.Precision;
import java.util.Arrays;
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
 * tiles. They are taken in passes over the inner indices of a block. In f32 accuracy the largest
 * products have a pass of their own, the last one: all others are 2^-8 of it or less, and added to
 * sums of their own size they round off 2^-8 as much. In one pass every step would round the whole
 * sum six times instead of once, which is what {@code SgemmErrorTest} shows of badly scaled
 * operands.
 */
enum Scheme {
  BF16(1, 512, new int[][][] {{{0, 0}}}),
  BF16X3(2, 512, new int[][][] {{{1, 0}, {0, 0}, {0, 1}}}),
  BF16X6(3, 256, new int[][][] {{{0, 2}, {0, 1}, {1, 1}, {1, 0}, {2, 0}}, {{0, 0}}});

  /** The most inner indices of a block. */
  static final int DEEPEST = 512;

  private static final Map<Precision, Scheme> BY_PRECISION =
      Map.of(
          Precision.BF16, BF16,
          Precision.BF16X3, BF16X3,
          Precision.BF16X6, BF16X6);

  /** Parts that a number is split into. */
  final int parts;

  /**
   * Inner indices of a block, whose sum is formed by itself and then added to C. Fewer are more
   * exact, as long as they are many enough for C's way through the caches not to count.
   */
  final int depth;

  /** Pass by pass, which part of the left operand is multiplied with which of the right one. */
  final int[][][] passes;

  Scheme(int parts, int depth, int[][][] passes) {
    this.parts = parts;
    this.depth = depth;
    this.passes = passes;
  }

  /** Products of BF16 for one of f32. */
  int products() {
    return Arrays.stream(passes).mapToInt(pairs -> pairs.length).sum();
  }

  /** Of a precision that the unit has, or null. */
  static Scheme of(Precision precision) {
    return BY_PRECISION.get(precision);
  }
}
