package dev.evolute.spark;

import dev.evolute.app.data.LabelledRows;
import dev.evolute.app.data.Samples;
import dev.evolute.spark.Shipment.Load;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Some rows of Parquet files as samples. Executors read those of their shards; this process reads
 * all of them when it is asked for one.
 */
final class ParquetSamples implements Samples {
  private final ParquetRows rows;
  private final int features;
  private final int classes;
  private final int[] which;

  /** Null until a sample is asked for. */
  private Samples all;

  ParquetSamples(ParquetRows rows, int features, int classes, int[] which) {
    this.rows = rows;
    this.features = features;
    this.classes = classes;
    this.which = which;
  }

  /** As it was typed. */
  String name() {
    return rows.name();
  }

  @Override
  public int count() {
    return which.length;
  }

  @Override
  public int inputs() {
    return features;
  }

  @Override
  public int targets() {
    return classes;
  }

  @Override
  public void write(int sample, double[] x, int xAt, double[] y, int yAt) {
    all().write(sample, x, xAt, y, yAt);
  }

  private synchronized Samples all() {
    if (all == null) {
      all = part(0, which.length).load().samples(features, classes);
    }
    return all;
  }

  /** Those from one on, for whoever has them to read. */
  Part part(int from, int to) {
    return new Part(rows, features, classes, Arrays.copyOfRange(which, from, to));
  }

  /**
   * What it takes to read some rows.
   *
   * @param which their numbers, in the order of the samples
   */
  record Part(ParquetRows rows, int features, int classes, int[] which) implements Shipment.Origin {
    @Override
    public Load load() {
      // The files are read from their beginning to their end.
      int[] order =
          IntStream.range(0, which.length)
              .boxed()
              .sorted((a, b) -> Integer.compare(which[a], which[b]))
              .mapToInt(i -> i)
              .toArray();
      double[] x = new double[Math.multiplyExact(which.length, features)];
      double[] y = new double[Math.multiplyExact(which.length, classes)];
      int[] at = {0};
      rows.read(
          Arrays.stream(order).map(i -> which[i]).toArray(),
          (row, label) ->
              y[order[at[0]] * classes + LabelledRows.label(rows.name(), label, row)] = 1,
          (row, pixels) -> put(x, order[at[0]++], row, pixels));
      return new Load(Coded.of(x), Coded.of(y));
    }

    private void put(double[] x, int sample, int row, double[] pixels) {
      if (pixels.length != features) {
        throw rows.failure(
            "the image of row %d (counted from 0) has %d numbers, and that of row 0 %d; all need"
                + " the same",
            row, pixels.length, features);
      }
      LabelledRows.requireFinite(rows.name(), pixels, 0, features, row);
      System.arraycopy(pixels, 0, x, sample * features, features);
    }

    @Override
    public void destroy() {
      // The files stay where they are.
    }
  }
}
