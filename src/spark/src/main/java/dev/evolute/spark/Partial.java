package dev.evolute.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * What neighbouring shards contribute to a loss and to the vectors of a pass.
 *
 * <p>Contributions are added in pairs, pairs of pairs and so on, by the numbers of the shards,
 *
 * <pre>
 *   ((0 + 1) + (2 + 3)) + (4 + 5)
 * </pre>
 *
 * so that every bit of a sum follows from how many shards there are. Floating-point sums depend on
 * their order, and Spark's own treeAggregate adds in the order in which results arrive. Whoever has
 * all of an aligned group of 2, 4, 8, ... shards can add those: the sum of the groups is the same.
 */
final class Partial implements Serializable {
  private static final long serialVersionUID = 1;

  /** Shards {@code [first, end)}. */
  final int first;

  private int end;
  private double loss;
  private final Packet[] vectors;

  Partial(int shard, double loss, Packet... vectors) {
    first = shard;
    end = shard + 1;
    this.loss = loss;
    this.vectors = vectors;
  }

  double loss() {
    return loss;
  }

  Packet vector(int i) {
    return vectors[i];
  }

  private void add(Partial next) {
    if (next.first != end) {
      throw new IllegalStateException(
          "sum: shard %d follows shard %d; one is missing or there twice"
              .formatted(next.first, end - 1));
    }
    end = next.end;
    loss += next.loss;
    for (int i = 0; i < vectors.length; i++) {
      vectors[i].add(next.vectors[i]);
    }
  }

  /**
   * The sum of neighbours, the number of whose first is a multiple of a power of two that is at
   * least as large as their number. Its memory is the first one's.
   *
   * @param partials in any order
   */
  static Partial sum(Collection<Partial> partials) {
    List<Partial> level = new ArrayList<>(partials);
    level.sort(Comparator.comparingInt(partial -> partial.first));
    while (level.size() > 1) {
      List<Partial> above = new ArrayList<>();
      for (int i = 0; i < level.size(); i += 2) {
        Partial left = level.get(i);
        if (i + 1 < level.size()) {
          left.add(level.get(i + 1));
        }
        above.add(left);
      }
      level = above;
    }
    return level.getFirst();
  }

  /** {@link #sum}, which has to be that of all shards. */
  static Partial whole(Collection<Partial> partials, int shards) {
    Partial sum = sum(partials);
    if (sum.first != 0 || sum.end != shards) {
      throw new IllegalStateException(
          "sum: shards %d to %d of %d have come".formatted(sum.first, sum.end - 1, shards));
    }
    return sum;
  }
}
