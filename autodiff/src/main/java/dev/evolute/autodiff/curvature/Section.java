package dev.evolute.autodiff.curvature;

import dev.evolute.autodiff.graph.Block;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import java.util.ArrayList;
import java.util.List;

/** A block's elements of a vector {@code [P]}, and the same one behind the other. */
final class Section implements AutoCloseable {
  private final Kernels kernels;
  private final List<Buffer> apart = new ArrayList<>();
  private final List<Buffer> together = new ArrayList<>();
  private final List<Buffer> partly = new ArrayList<>();

  /** Null where the block is one range, which needs no gathering. */
  private final Buffer staging;

  Section(Objective objective, Block block, Buffer vector) {
    kernels = objective.kernels();
    staging =
        block.ranges().size() == 1
            ? null
            : objective.device().allocate(objective.dtype(), block.size());
    long at = 0;
    for (Block.Range range : block.ranges()) {
      apart.add(vector.view(range.from(), range.length()));
      if (staging != null) {
        together.add(staging.view(at, range.length()));
        at += range.length();
      }
    }
    Block covering = block.covering(objective.parameters());
    if (!covering.equals(block)) {
      covering.ranges().forEach(r -> partly.add(vector.view(r.from(), r.length())));
    }
  }

  /** Writes x to the block; the rest of the parameters it has a part of becomes zero. */
  void scatter(Buffer x) {
    for (int i = 0; i < partly.size(); i++) {
      kernels.fill(0, partly.get(i));
    }
    if (staging == null) {
      kernels.copy(x, apart.get(0));
      return;
    }
    kernels.copy(x, staging);
    for (int i = 0; i < apart.size(); i++) {
      kernels.copy(together.get(i), apart.get(i));
    }
  }

  /** Reads the block to y. */
  void gather(Buffer y) {
    if (staging == null) {
      kernels.copy(apart.get(0), y);
      return;
    }
    for (int i = 0; i < apart.size(); i++) {
      kernels.copy(apart.get(i), together.get(i));
    }
    kernels.copy(staging, y);
  }

  @Override
  public void close() {
    if (staging != null) {
      staging.close();
    }
  }
}
