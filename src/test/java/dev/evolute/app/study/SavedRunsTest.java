package dev.evolute.app.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.evolute.autodiff.io.Checkpoint;
import dev.evolute.autodiff.io.Tensor;
import dev.evolute.kernels.DType;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedRunsTest {
  private static final String RUN = "run";

  @TempDir Path out;
  private final List<String> said = new ArrayList<>();

  private SavedRuns runs(String key) {
    return new SavedRuns(out, key, false, said::add);
  }

  @Test
  void aStateComesBackToTheBitAndInItsOrder() {
    double[][] state = new double[12][];
    for (int i = 0; i < state.length; i++) {
      state[i] = new double[] {i, -0.0, Double.NaN, Double.NEGATIVE_INFINITY, Double.MIN_VALUE};
    }
    state[3] = new double[0];
    runs("a").save(RUN, state);
    double[][] back = runs("a").restore(RUN);
    assertEquals(state.length, back.length);
    for (int i = 0; i < state.length; i++) {
      assertArrayEquals(state[i], back[i], "array " + i);
    }
    assertNull(runs("a").restore("other"));
    assertEquals(List.of(), said);
  }

  @Test
  void aStateOfOtherSettingsIsLeftAlone() {
    runs("a").save(RUN, new double[] {1});
    assertNull(runs("b").restore(RUN));
    assertTrue(said.getFirst().contains("of other settings"), said::toString);
  }

  @Test
  void aFileThatHoldsNoStateStartsOver() throws Exception {
    SavedRuns runs = runs("a");
    runs.save(RUN, new double[] {1});
    Path file = runs.folder().resolve(RUN + ".safetensors");
    new Checkpoint(
            Map.of("settings", runs.settings()),
            Map.of("x", Tensor.of(DType.F64, new double[] {1}, 1)))
        .save(file);
    assertNull(runs.restore(RUN));
    assertEquals(List.of("evolute: " + file + " holds no state of a run; it starts over"), said);
  }

  /** The state of a large network fills a good part of the heap. */
  @Test
  void savingCopiesNoState() {
    double[] large = new double[2_000_000];
    SavedRuns runs = runs("a");
    runs.save(RUN, large);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    runs.save(RUN, large, large);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < large.length, allocated + " bytes for " + 16 * large.length);
  }
}
