package dev.evolute.spark;

import dev.evolute.autodiff.graph.Block;
import dev.evolute.autodiff.graph.Curvature;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.broadcast.Broadcast;

/**
 * One pass over all shards, as it is sent to them. It says where it is made: a shard that was there
 * before only compares the number, one that is made anew goes there first.
 *
 * @param run which objective's
 * @param kind what is computed
 * @param point number of the place
 * @param place theta
 * @param which of a product
 * @param vectors of a product; null for the other kinds
 * @param rows parameters that its results are wanted in, as firsts and lengths; null for all
 * @param columns parameters that its vectors have
 */
record Pass(
    Run run,
    Kind kind,
    long point,
    Broadcast<Place> place,
    Curvature which,
    Vectors vectors,
    long[] rows,
    long[] columns)
    implements Serializable {
  /** What is computed. */
  enum Kind {
    VALUE,
    GRADIENT,
    /** The gradient, and what products need is kept. */
    KEEP,
    /** Products with some vectors. */
    PRODUCTS,
    /** Gauss-Newton product and residual part with one vector. */
    SPLIT,
    /** The Jacobian of the outputs with one vector; what comes back is not summed. */
    JVP,
    /** Its transpose with the shard's part of a vector. */
    VJP
  }

  /**
   * Vectors of a product. Spark sends what a pass is by a broadcast in any case, and short vectors
   * go with it: a second broadcast costs more than they do. Long ones go by one of their own, which
   * can be destroyed when the pass is over.
   *
   * <p>Each list has one entry for all shards, or one for each.
   *
   * @param inside null where they are sent
   * @param sent null where they are inside
   */
  record Vectors(ArrayList<Packet[]> inside, ArrayList<Broadcast<Packet[]>> sent)
      implements Serializable {
    /** What a shard works on. */
    Packet[] of(int shard) {
      return sent == null ? entry(inside, shard) : entry(sent, shard).value();
    }

    private static <T> T entry(List<T> all, int shard) {
      return all.get(all.size() == 1 ? 0 : shard);
    }
  }

  /**
   * An objective, as its executors see it.
   *
   * @param recipe fetched where a shard is made; a pass has no need of it
   */
  record Run(String id, Sharding sharding, Broadcast<Recipe> recipe) implements Serializable {}

  static Pass at(Run run, Kind kind, long point, Broadcast<Place> place) {
    return new Pass(run, kind, point, place, null, null, null, null);
  }

  Pass with(Kind kind, Curvature which, Vectors vectors) {
    return new Pass(run, kind, point, place, which, vectors, rows, columns);
  }

  Pass between(Block rows, Block columns) {
    return new Pass(run, kind, point, place, which, vectors, numbers(rows), numbers(columns));
  }

  private static long[] numbers(Block block) {
    return block.ranges().stream()
        .flatMapToLong(range -> LongStream.of(range.from(), range.length()))
        .toArray();
  }

  static Block block(long[] numbers) {
    List<Block.Range> ranges = new ArrayList<>();
    for (int i = 0; i < numbers.length; i += 2) {
      ranges.add(new Block.Range(numbers[i], numbers[i + 1]));
    }
    return new Block(ranges);
  }
}
