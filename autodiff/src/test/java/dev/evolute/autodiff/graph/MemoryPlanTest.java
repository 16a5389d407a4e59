package dev.evolute.autodiff.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.graph.MemoryPlan.Slot;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
  private static final int STEPS = 40;
  private static final int PLANS = 500;

  private static MemoryPlan random(int seed) {
    Random random = new Random(seed);
    MemoryPlan plan = new MemoryPlan();
    int slots = 1 + random.nextInt(40);
    for (int i = 0; i < slots; i++) {
      int first = random.nextInt(STEPS);
      plan.slot(1 + random.nextInt(200), first, first + random.nextInt(STEPS - first));
    }
    return plan;
  }

  private static boolean aliveTogether(Slot a, Slot b) {
    return IntStream.range(0, STEPS)
        .anyMatch(s -> a.first <= s && s <= a.last && b.first <= s && s <= b.last);
  }

  private static long peak(MemoryPlan plan) {
    return IntStream.range(0, STEPS)
        .mapToLong(
            s ->
                plan.slots().stream()
                    .filter(slot -> slot.first <= s && s <= slot.last)
                    .mapToLong(slot -> slot.size)
                    .sum())
        .max()
        .orElse(0);
  }

  @Test
  void buffersAliveTogetherShareNoElement() {
    for (int seed = 0; seed < PLANS; seed++) {
      MemoryPlan plan = random(seed);
      plan.place();
      List<Slot> slots = plan.slots();
      for (Slot a : slots) {
        for (Slot b : slots) {
          boolean overlap = a.offset < b.offset + b.size && b.offset < a.offset + a.size;
          assertTrue(a == b || !overlap || !aliveTogether(a, b), "plan " + seed);
        }
      }
    }
  }

  @Test
  void totalHoldsEverySlotAndIsAtLeastThePeak() {
    for (int seed = 0; seed < PLANS; seed++) {
      MemoryPlan plan = random(seed);
      long total = plan.place();
      assertTrue(total >= peak(plan), "plan " + seed);
      long top = plan.slots().stream().mapToLong(s -> s.offset + s.size).max().orElse(0);
      assertEquals(top, total, "plan " + seed);
    }
  }

  @Test
  void totalIsWithinFivePerCentOfThePeakOnAverage() {
    double ratio = 0;
    for (int seed = 0; seed < PLANS; seed++) {
      MemoryPlan plan = random(seed);
      ratio += (double) plan.place() / peak(plan) / PLANS;
    }
    assertTrue(ratio < 1.05, "mean of total / peak: " + ratio);
  }

  @Test
  void slotsStartOnWholeCacheLinesAndHoldWhatTheyWereAskedFor() {
    MemoryPlan plan = new MemoryPlan();
    for (int size : new int[] {1, 15, 16, 17, 100}) {
      assertTrue(plan.slot(size, 0, 1).size >= size);
    }
    plan.place();
    for (Slot slot : plan.slots()) {
      assertEquals(0, slot.offset % 16);
    }
  }

  @Test
  void buffersOfDifferentTimesShareMemory() {
    MemoryPlan plan = new MemoryPlan();
    plan.slot(160, 0, 3);
    plan.slot(160, 4, 7);
    plan.slot(160, 8, 9);
    assertEquals(160, plan.place());
  }

  @Test
  void buffersMeetingInOneStepAreApart() {
    MemoryPlan plan = new MemoryPlan();
    plan.slot(160, 0, 4);
    plan.slot(160, 4, 7);
    assertEquals(320, plan.place());
  }

  @Test
  void aLifeThatGrowsBeforePlacingCounts() {
    MemoryPlan plan = new MemoryPlan();
    plan.slot(160, 0, 1).last = 5;
    plan.slot(160, 4, 7);
    assertEquals(320, plan.place());
  }
}
