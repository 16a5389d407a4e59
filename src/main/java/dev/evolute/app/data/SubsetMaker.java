package dev.evolute.app.data;

import dev.evolute.app.UserException;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Makes the bundled subsets again from the full sets.
 *
 * <p>Of the 60,000 training images, 1,000 are drawn uniformly without replacement by the first
 * 1,000 steps of a Fisher-Yates shuffle with {@link SplittableRandom} seeded by 1, then kept in
 * ascending order; both sets use the same indices. Run its {@code main} with the resource folder
 * and, optionally, a data folder.
 */
final class SubsetMaker {
  static final long SEED = 1;

  private SubsetMaker() {}

  /**
   * Writes both subsets into the folder {@code args[0]}; full sets are sought in {@code args[1]}.
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 1 || args.length > 2) {
      throw new UserException("usage: SubsetMaker RESOURCE_FOLDER [DATA_FOLDER]");
    }
    Path dataDir = args.length == 2 ? Path.of(args[1]) : null;
    for (KnownSet set : KnownSet.ALL) {
      write(make(DataSets.open(set.name(), dataDir)), Path.of(args[0]));
    }
  }

  /** The subset of a full training set, with mean and deviation of all its pixels. */
  static Dataset make(Dataset full) {
    int[] indices = indices(full.samples());
    int d = full.features();
    byte[] pixels = new byte[indices.length * d];
    byte[] labels = new byte[indices.length];
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(full.pixels(), indices[i] * d, pixels, i * d, d);
      labels[i] = full.labels()[indices[i]];
    }
    double[] moments = meanAndStd(full.pixels());
    return new Dataset(
        full.name() + "-1k",
        true,
        full.split(),
        full.rows(),
        full.cols(),
        full.classes(),
        pixels,
        labels,
        full.source(),
        moments[0],
        moments[1],
        indices);
  }

  /** {@link Subset#SAMPLES} different indices below {@code count}, ascending. */
  static int[] indices(int count) {
    int[] deck = IntStream.range(0, count).toArray();
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < Subset.SAMPLES; i++) {
      int j = random.nextInt(i, count);
      int drawn = deck[j];
      deck[j] = deck[i];
      deck[i] = drawn;
    }
    int[] indices = Arrays.copyOf(deck, Subset.SAMPLES);
    Arrays.sort(indices);
    return indices;
  }

  /** Mean and population deviation of {@code p / 255}, from exact integer sums. */
  static double[] meanAndStd(byte[] pixels) {
    long sum = 0;
    long squares = 0;
    for (byte pixel : pixels) {
      int p = pixel & 0xff;
      sum += p;
      squares += p * p;
    }
    BigInteger n = BigInteger.valueOf(pixels.length);
    BigInteger s = BigInteger.valueOf(sum);
    // n^2 var = n sum(p^2) - (sum p)^2; past 2^63 for the full sets
    double scatter = n.multiply(BigInteger.valueOf(squares)).subtract(s.pow(2)).doubleValue();
    return new double[] {
      sum / (255.0 * pixels.length), Math.sqrt(scatter) / (255.0 * pixels.length)
    };
  }

  static void write(Dataset subset, Path folder) throws IOException {
    Files.createDirectories(folder);
    int n = subset.samples();
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve(subset.name() + ".idx.gz"))) {
          {
            def.setLevel(Deflater.BEST_COMPRESSION);
          }
        }) {
      new Idx(new int[] {n, subset.rows(), subset.cols()}, subset.pixels()).writeTo(out);
      new Idx(new int[] {n}, subset.labels()).writeTo(out);
    }
    Files.writeString(
        folder.resolve(subset.name() + ".properties"), properties(subset), StandardCharsets.UTF_8);
  }

  private static String properties(Dataset subset) {
    String indices =
        Arrays.stream(subset.sourceIndices())
            .mapToObj(Integer::toString)
            .collect(Collectors.joining(" "));
    return """
        # Written by dev.evolute.app.data.SubsetMaker.
        # mean, std: of all 60,000 training images, pixels scaled to [0, 1]; std in population form
        # sha256: of the uncompressed pixels, then the labels
        # indices: into the training set, counted from 0
        split=%s
        samples=%d
        generator=java.util.SplittableRandom(%d), Fisher-Yates, ascending
        mean=%s
        std=%s
        sha256=%s
        source=%s
        indices=%s
        """
        .formatted(
            subset.split(),
            subset.samples(),
            SEED,
            subset.mean(),
            subset.std(),
            subset.sha256(),
            subset.source(),
            // 16 numbers a line, so that a person can read the file
            indices.replaceAll("((?:\\d+ ){16})", "$1\\\\\n  "));
  }
}
