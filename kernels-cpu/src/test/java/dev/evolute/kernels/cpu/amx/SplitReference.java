package dev.evolute.kernels.cpu.amx;

/** The parts of an f32 number by their definition, in double, without the tricks of the code. */
final class SplitReference {
  private SplitReference() {}

  /** The BF16 number next to x, of two equally near the one whose last bit is 0. */
  static float nearest(float x) {
    if (Math.abs(x) < Float.MIN_NORMAL) {
      return Math.copySign(0, x);
    }
    if (!Float.isFinite(x)) {
      return x;
    }
    int bits = Float.floatToIntBits(x);
    float inner = Float.intBitsToFloat(bits & 0xFFFF0000);
    float outer = Float.intBitsToFloat((bits & 0xFFFF0000) + 0x10000);
    // Where the outer one is not finite it stands for 2^128.
    double beyond = Float.isFinite(outer) ? outer : Math.copySign(0x1p128, x);
    double toInner = Math.abs((double) x - inner);
    double toOuter = Math.abs(beyond - x);
    boolean innerIsEven = (bits >>> 16 & 1) == 0;
    return toInner < toOuter || toInner == toOuter && innerIsEven ? inner : outer;
  }

  static float[] parts(float x, int count) {
    float[] parts = new float[count];
    for (int i = 0; i < count; i++) {
      parts[i] = nearest(x);
      x -= parts[i];
    }
    return parts;
  }

  static int bits(float bf16) {
    return Float.floatToRawIntBits(bf16) >>> 16;
  }
}
