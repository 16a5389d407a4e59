package dev.evolute.spectral;

import dev.evolute.kernels.Buffer;

/**
 * Random numbers as a pure function of (seed, stream, index): no state, so any part of any vector
 * can be drawn alone, in any order, on any thread, for any device and element type, and is the same
 * everywhere. Give every purpose its own stream: the weights of layer 3, the start vector of the
 * second run. Not for cryptography.
 *
 * <p>The bits are the SplitMix64 finaliser (Steele, Lea, Flood, "Fast splittable pseudorandom
 * number generators", OOPSLA 2014; constants: Stafford's variant 13) over a Weyl sequence that
 * starts at a hash of seed and stream, finalised once more under a second key: two streams whose
 * Weyl sequences happen to overlap still differ.
 */
public final class CounterRandom {
  private static final long WEYL = 0x9e3779b97f4a7c15L;
  private static final double ULP = 0x1p-53;
  private static final int CHUNK = 8192;

  private CounterRandom() {}

  /** 64 uniform bits. */
  public static long bits(long seed, long stream, long index) {
    long key = key(seed, stream);
    return draw(key, key ^ mix(key), index);
  }

  /** Uniform in [0, 1), a multiple of 2^-53. */
  public static double uniform(long seed, long stream, long index) {
    return (bits(seed, stream, index) >>> 11) * ULP;
  }

  /**
   * Standard normal, by Box and Muller: indices 2p and 2p + 1 share one pair of uniforms. Uses
   * {@link StrictMath}, so that every machine draws the same number.
   */
  public static double gaussian(long seed, long stream, long index) {
    double[] pair = new double[1];
    fillGaussian(seed, stream, index, pair);
    return pair[0];
  }

  /** {@code out_i = uniform(seed, stream, first + i)}. */
  public static void fillUniform(long seed, long stream, long first, double[] out) {
    fillUniform(seed, stream, first, out, out.length);
  }

  /** {@code out_i = gaussian(seed, stream, first + i)}. */
  public static void fillGaussian(long seed, long stream, long first, double[] out) {
    fillGaussian(seed, stream, first, out, out.length);
  }

  /** {@code out_i = low + (high - low) uniform(seed, stream, i)}, rounded to the buffer's type. */
  public static void fillUniform(long seed, long stream, double low, double high, Buffer out) {
    double[] chunk = new double[(int) Math.min(CHUNK, out.length())];
    for (long at = 0; at < out.length(); at += chunk.length) {
      int count = (int) Math.min(chunk.length, out.length() - at);
      fillUniform(seed, stream, at, chunk, count);
      for (int i = 0; i < count; i++) {
        chunk[i] = low + (high - low) * chunk[i];
      }
      out.write(at, chunk, 0, count);
    }
  }

  /** {@code out_i = deviation gaussian(seed, stream, i)}, rounded to the buffer's type. */
  public static void fillGaussian(long seed, long stream, double deviation, Buffer out) {
    double[] chunk = new double[(int) Math.min(CHUNK, out.length())];
    for (long at = 0; at < out.length(); at += chunk.length) {
      int count = (int) Math.min(chunk.length, out.length() - at);
      fillGaussian(seed, stream, at, chunk, count);
      for (int i = 0; i < count; i++) {
        chunk[i] *= deviation;
      }
      out.write(at, chunk, 0, count);
    }
  }

  private static void fillUniform(long seed, long stream, long first, double[] out, int count) {
    long key = key(seed, stream);
    long second = key ^ mix(key);
    for (int i = 0; i < count; i++) {
      out[i] = (draw(key, second, first + i) >>> 11) * ULP;
    }
  }

  private static void fillGaussian(long seed, long stream, long first, double[] out, int count) {
    long key = key(seed, stream);
    long second = key ^ mix(key);
    int i = 0;
    while (i < count) {
      long even = (first + i) & ~1L;
      // 1 - u lies in (0, 1]: its logarithm is finite.
      double u = 1 - (draw(key, second, even) >>> 11) * ULP;
      double radius = Math.sqrt(-2 * StrictMath.log(u));
      double angle = 2 * Math.PI * ((draw(key, second, even + 1) >>> 11) * ULP);
      if (even == first + i) {
        out[i++] = radius * StrictMath.cos(angle);
      }
      if (i < count) {
        out[i++] = radius * StrictMath.sin(angle);
      }
    }
  }

  private static long key(long seed, long stream) {
    return mix(mix(seed + WEYL) + WEYL * stream);
  }

  private static long draw(long key, long second, long index) {
    return mix(mix(key + WEYL * index) ^ second);
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
