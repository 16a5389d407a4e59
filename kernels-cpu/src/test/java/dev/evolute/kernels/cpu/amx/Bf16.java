package dev.evolute.kernels.cpu.amx;

/** Numbers of BF16 as the processor makes and multiplies them, by Intel's manual. */
final class Bf16 {
  private static final float MIN_NORMAL = Float.MIN_NORMAL;

  private Bf16() {}

  /** VCVTNEPS2BF16 of one number: to nearest, ties to even; denormal numbers are zero. */
  static int round(int bits) {
    int magnitude = bits & 0x7FFFFFFF;
    if (magnitude < 0x00800000) {
      return bits >>> 31 << 15;
    }
    if (magnitude > 0x7F800000) {
      return bits >>> 16 | 0x40;
    }
    if (magnitude == 0x7F800000) {
      return bits >>> 16;
    }
    return bits + 0x7FFF + (bits >>> 16 & 1) >>> 16;
  }

  /** The value of the low 16 bits. */
  static float value(int bf16) {
    return Float.intBitsToFloat(bf16 << 16);
  }

  /** A denormal number is zero, of its sign. */
  static float flush(float x) {
    return Math.abs(x) < MIN_NORMAL ? Math.copySign(0, x) : x;
  }

  /** A sum, denormal numbers before and after it zero. */
  static float add(float x, float y) {
    return flush(flush(x) + flush(y));
  }
}
