package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CodedTest {
  @Test
  void numbersTravelExactlyInOneTwoOrEightBytes() {
    Random random = new Random(1);
    for (int levels : new int[] {1, 2, 256, 257, 65_536, 65_537}) {
      double[] table = random.doubles(levels, -1, 1).toArray();
      table[0] = -0.0;
      double[] values = new double[levels + 1000];
      for (int i = 0; i < values.length; i++) {
        values[i] = i < levels ? table[i] : table[random.nextInt(levels)];
      }
      Coded coded = Coded.of(values);
      assertArrayEquals(values, coded.values());
      double[] part = new double[9];
      coded.read(levels + 3, part, 2, 7);
      assertArrayEquals(
          Arrays.copyOfRange(values, levels + 3, levels + 10), Arrays.copyOfRange(part, 2, 9));
      long width = levels <= 256 ? 1 : levels <= 65_536 ? 2 : 8;
      assertTrue(coded.size() <= width * values.length + 8L * levels);
    }
  }
}
