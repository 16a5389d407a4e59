package dev.evolute.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers as they travel: exactly, and where they have few values, as the levels of pixels and the
 * tokens of a text have, by the place of each in a table, in a byte or two.
 */
final class Coded implements Serializable {
  private static final long serialVersionUID = 1;
  private static final int MOST = 1 << 16;

  private final double[] table;

  /** One of the two, or neither where the table is all. */
  private final byte[] bytes;

  private final char[] chars;

  private Coded(double[] table, byte[] bytes, char[] chars) {
    this.table = table;
    this.bytes = bytes;
    this.chars = chars;
  }

  static Coded of(double[] values) {
    Map<Double, Integer> places = new HashMap<>();
    List<Double> table = new ArrayList<>();
    char[] codes = new char[values.length];
    long last = 0;
    int place = -1;
    for (int i = 0; i < values.length; i++) {
      long bits = Double.doubleToRawLongBits(values[i]);
      // Neighbours are often equal, above all in dark images.
      if (place < 0 || bits != last) {
        place = places.computeIfAbsent(values[i], value -> table.size());
        last = bits;
        if (place == table.size()) {
          table.add(values[i]);
        }
        if (table.size() > MOST) {
          return new Coded(values, null, null);
        }
      }
      codes[i] = (char) place;
    }
    double[] levels = table.stream().mapToDouble(Double::doubleValue).toArray();
    if (levels.length > 256) {
      return new Coded(levels, null, codes);
    }
    byte[] small = new byte[codes.length];
    for (int i = 0; i < small.length; i++) {
      small[i] = (byte) codes[i];
    }
    return new Coded(levels, small, null);
  }

  double[] values() {
    if (isPlain()) {
      return table;
    }
    double[] values = new double[length()];
    read(0, values, 0, values.length);
    return values;
  }

  private boolean isPlain() {
    return bytes == null && chars == null;
  }

  int length() {
    return isPlain() ? table.length : bytes == null ? chars.length : bytes.length;
  }

  /** Some of the numbers, from one on. */
  void read(int from, double[] to, int at, int count) {
    if (isPlain()) {
      System.arraycopy(table, from, to, at, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      to[at + i] = table[bytes == null ? chars[from + i] : bytes[from + i] & 0xff];
    }
  }

  /** Bytes it travels in, about. */
  long size() {
    return 8L * table.length
        + (bytes == null ? 0 : bytes.length)
        + (chars == null ? 0 : 2L * chars.length);
  }
}
