package dev.evolute.autodiff.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every sample once an epoch, in an order that the seed alone decides. */
class SamplerTest {
  private static List<int[]> batches(Sampler sampler, int count, int size) {
    List<int[]> batches = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] indices = new int[size];
      batches.add(Arrays.copyOf(indices, sampler.next(indices)));
      System.arraycopy(indices, 0, batches.getLast(), 0, batches.getLast().length);
    }
    return batches;
  }

  private static int[] flat(List<int[]> batches) {
    return batches.stream().flatMapToInt(Arrays::stream).toArray();
  }

  @Test
  void anEpochHasEverySampleOnceAndEndsWithAShortBatch() {
    Sampler sampler = new Sampler(23, 5, false, 7);
    assertEquals(5, sampler.batchesPerEpoch());
    assertEquals(3, sampler.lastBatch());
    int[] first = flat(batches(sampler, 5, 5));
    assertEquals(1, sampler.epoch());
    int[] second = flat(batches(sampler, 5, 5));
    assertFalse(Arrays.equals(first, second));
    int[] all = new int[23];
    Arrays.setAll(all, i -> i);
    assertFalse(Arrays.equals(all, first));
    Arrays.sort(first);
    Arrays.sort(second);
    assertArrayEquals(all, first);
    assertArrayEquals(all, second);
  }

  @Test
  void shortBatchIsDroppedWhereAsked() {
    Sampler sampler = new Sampler(23, 5, true, 7);
    assertEquals(4, sampler.batchesPerEpoch());
    assertEquals(5, sampler.lastBatch());
    assertEquals(20, Arrays.stream(flat(batches(sampler, 4, 5))).distinct().count());
    assertEquals(1, sampler.epoch());
  }

  @Test
  void batchesFollowFromSeedAndPositionAlone() {
    Sampler sampler = new Sampler(23, 5, false, 7);
    List<int[]> expected = batches(sampler, 17, 5);
    assertEquals(17, sampler.position());
    for (int position : new int[] {0, 3, 5, 9, 16}) {
      Sampler other = new Sampler(23, 5, false, 7);
      other.next(new int[5]);
      other.seek(position);
      assertArrayEquals(
          flat(expected.subList(position, 17)), flat(batches(other, 17 - position, 5)));
    }
    assertFalse(Arrays.equals(flat(expected), flat(batches(new Sampler(23, 5, false, 8), 17, 5))));
  }

  /** Each place of a permutation holds each sample about equally often over many epochs. */
  @Test
  void permutationsAreUniform() {
    int epochs = 20_000;
    int[] count = new int[16];
    Sampler sampler = new Sampler(4, 4, false, 3);
    int[] order = new int[4];
    for (int e = 0; e < epochs; e++) {
      sampler.next(order);
      for (int i = 0; i < 4; i++) {
        count[4 * i + order[i]]++;
      }
    }
    // Six deviations of a binomial.
    double slack = 6 * Math.sqrt(epochs * 0.25 * 0.75);
    for (int c : count) {
      assertTrue(Math.abs(c - epochs / 4) < slack, Arrays.toString(count));
    }
  }

  @Test
  void unusableBatchesAreRefused() {
    assertEquals(
        "sampler: batches of 6 from 5 samples; give 1 to 5",
        assertThrows(IllegalArgumentException.class, () -> new Sampler(5, 6, false, 1))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> new Sampler(5, 0, false, 1));
    assertThrows(IllegalArgumentException.class, () -> new Sampler(5, 1, false, 1).seek(-1));
  }
}
