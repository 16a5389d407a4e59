package dev.evolute.kernels.gpu;

import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import jcuda.driver.CUgraphExec;
import jcuda.driver.JCudaDriver;

/**
 * What recordings have on the device. It goes when the device is closed, or when another recording
 * comes after one was forgotten.
 */
final class Graphs implements AutoCloseable {
  /** The graph of one recording, and places for what its checks of indices find. */
  static final class Held extends PhantomReference<Recording> {
    private final List<Integer> places = new ArrayList<>();
    private CUgraphExec graph;

    private Held(Recording recording, ReferenceQueue<Recording> queue) {
      super(recording, queue);
    }

    void place(int place) {
      places.add(place);
    }

    void graph(CUgraphExec graph) {
      this.graph = graph;
    }
  }

  private final IndexChecks checks;
  private final ReferenceQueue<Recording> forgotten = new ReferenceQueue<>();
  private final Set<Held> all = new HashSet<>();

  Graphs(IndexChecks checks) {
    this.checks = checks;
  }

  /** Whether graphs hold addresses of memory, which then has to stay. */
  boolean any() {
    return !all.isEmpty();
  }

  /** What a recording is going to have. */
  Held hold(Recording recording) {
    for (Reference<?> next = forgotten.poll(); next != null; next = forgotten.poll()) {
      release((Held) next);
    }
    Held held = new Held(recording, forgotten);
    all.add(held);
    return held;
  }

  void release(Held held) {
    if (all.remove(held)) {
      if (held.graph != null) {
        JCudaDriver.cuGraphExecDestroy(held.graph);
      }
      held.places.forEach(checks::give);
    }
  }

  @Override
  public void close() {
    List.copyOf(all).forEach(this::release);
  }
}
