package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PartialTest {
  private static final int LENGTH = 50;

  private static List<Partial> partials(Device device, DType dtype, int from, int to) {
    List<Partial> partials = new ArrayList<>();
    for (int shard = from; shard < to; shard++) {
      Random random = new Random(shard);
      try (Buffer v = device.allocate(dtype, LENGTH)) {
        // Of very different sizes, so that another order gives other bits.
        v.set(
            random.doubles(LENGTH, -1, 1).map(x -> x * Math.pow(10, random.nextInt(8))).toArray());
        partials.add(new Partial(shard, random.nextGaussian() * 1e6, Packet.of(v)));
      }
    }
    return partials;
  }

  private static double[] values(Device device, DType dtype, Partial partial) {
    try (Buffer v = device.allocate(dtype, LENGTH)) {
      partial.vector(0).to(v);
      return v.toArray();
    }
  }

  @Test
  void theOrderOfArrivalAndTheGroupsChangeNothing() {
    try (Device device = Device.open("cpu", 1)) {
      for (DType dtype : DType.values()) {
        for (int shards = 1; shards <= 21; shards++) {
          Partial inOrder = Partial.whole(partials(device, dtype, 0, shards), shards);
          double[] expected = values(device, dtype, inOrder);
          for (int span : new int[] {1, 2, 4, 8}) {
            List<Partial> groups = new ArrayList<>();
            for (int from = 0; from < shards; from += span) {
              List<Partial> group = partials(device, dtype, from, Math.min(shards, from + span));
              Collections.shuffle(group, new Random(shards));
              groups.add(Partial.sum(group));
            }
            Collections.shuffle(groups, new Random(span));
            Partial sum = Partial.whole(groups, shards);
            assertEquals(inOrder.loss(), sum.loss());
            assertArrayEquals(expected, values(device, dtype, sum));
          }
        }
      }
    }
  }

  @Test
  void aShardThatIsMissingOrThereTwiceIsNoticed() {
    try (Device device = Device.open("cpu", 1)) {
      List<Partial> missing = partials(device, DType.F32, 0, 4);
      missing.remove(2);
      assertThrows(IllegalStateException.class, () -> Partial.whole(missing, 4));
      List<Partial> last = partials(device, DType.F32, 0, 3);
      assertThrows(IllegalStateException.class, () -> Partial.whole(last, 4));
      List<Partial> twice = partials(device, DType.F32, 0, 4);
      twice.addAll(partials(device, DType.F32, 1, 2));
      assertThrows(IllegalStateException.class, () -> Partial.whole(twice, 4));
    }
  }
}
