package dev.evolute.autodiff.optim;

import dev.evolute.spectral.CounterRandom;

/**
 * Mini-batches of shuffled epochs, without replacement: every epoch is a permutation of all
 * samples, drawn from the seed and the epoch's number alone. A batch never crosses from one epoch
 * into the next; the last one of an epoch has what is left, or is left out where short batches are
 * dropped. The state is {@link #position()}: after {@link #seek} the same batches follow. Allocates
 * nothing after it is made.
 */
public final class Sampler {
  /** "sample" in ASCII; epoch e draws from the stream e after it. */
  private static final long STREAM = 0x73616d706c650000L;

  private final int[] order;
  private final int batch;
  private final boolean dropShort;
  private final long seed;
  private long epoch;
  private int at;
  private long drawn = -1;

  /**
   * At the start of epoch 0.
   *
   * @param samples N, all samples
   * @param batch samples a batch, 1 to N
   * @param dropShort whether a last batch of fewer samples is left out
   */
  public Sampler(int samples, int batch, boolean dropShort, long seed) {
    if (batch < 1 || batch > samples) {
      throw new IllegalArgumentException(
          "sampler: batches of " + batch + " from " + samples + " samples; give 1 to " + samples);
    }
    order = new int[samples];
    this.batch = batch;
    this.dropShort = dropShort;
    this.seed = seed;
  }

  /** Batches an epoch. */
  public int batchesPerEpoch() {
    return dropShort ? order.length / batch : Math.ceilDiv(order.length, batch);
  }

  /** Samples of the last batch of an epoch. */
  public int lastBatch() {
    int rest = order.length % batch;
    return rest == 0 || dropShort ? batch : rest;
  }

  /** Number of the next batch, counted from 0 over all epochs. */
  public long position() {
    return epoch * batchesPerEpoch() + at;
  }

  /**
   * Goes to a batch.
   *
   * @throws IllegalArgumentException if its number is negative
   */
  public void seek(long position) {
    if (position < 0) {
      throw new IllegalArgumentException("sampler: position " + position + "; give 0 or more");
    }
    epoch = position / batchesPerEpoch();
    at = (int) (position % batchesPerEpoch());
  }

  /** Epochs that are complete. */
  public long epoch() {
    return epoch;
  }

  /**
   * The next batch.
   *
   * @param indices receives the samples' numbers, at least {@code batch} places
   * @return how many there are
   */
  public int next(int[] indices) {
    if (drawn != epoch) {
      draw();
    }
    int from = at * batch;
    int count = Math.min(batch, order.length - from);
    System.arraycopy(order, from, indices, 0, count);
    at++;
    if (at == batchesPerEpoch()) {
      at = 0;
      epoch++;
    }
    return count;
  }

  /** Fisher and Yates' shuffle; the bias of the multiplication is below N / 2^64. */
  private void draw() {
    for (int i = 0; i < order.length; i++) {
      int j = (int) Math.unsignedMultiplyHigh(CounterRandom.bits(seed, STREAM + epoch, i), i + 1L);
      order[i] = order[j];
      order[j] = i;
    }
    drawn = epoch;
  }
}
