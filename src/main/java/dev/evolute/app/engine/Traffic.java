package dev.evolute.app.engine;

/**
 * What a product moves between this process and the executors.
 *
 * @param executors that have shards; 0 where they are this process, and nothing moves
 * @param out bytes of the vector, to each of them
 * @param back bytes of the sums on their way back, between executors too
 */
public record Traffic(int executors, long out, long back) {
  /** Bytes of so many products. */
  public long bytes(long products) {
    return products * (executors * out + back);
  }
}
