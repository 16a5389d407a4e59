package dev.evolute.app.data;

import dev.evolute.app.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Properties;
import java.util.zip.GZIPInputStream;

/**
 * The bundled subsets, as {@link SubsetMaker} made them.
 *
 * <p>{@code NAME.idx.gz} holds two IDX blocks one after the other, images then labels; {@code
 * NAME.properties} says what they are; {@code NAME.NOTICE.txt} where they come from.
 */
final class Subset {
  static final int SAMPLES = 1000;
  static final int CLASSES = 10;

  private Subset() {}

  /**
   * Loads a bundled subset and compares it with its checksum.
   *
   * @throws UserException where the resource is missing or damaged
   */
  static Dataset load(String name) {
    try (InputStream text = resource(name + ".properties");
        InputStream packed = resource(name + ".idx.gz")) {
      Properties about = new Properties();
      about.load(new InputStreamReader(text, StandardCharsets.UTF_8));
      InputStream blocks = new GZIPInputStream(packed);
      Idx images = IdxReader.readBlock(blocks, name + ".idx.gz", 3);
      Idx labels = IdxReader.readBlock(blocks, name + ".idx.gz", 1);
      Dataset set =
          new Dataset(
              name,
              true,
              about.getProperty("split"),
              images.dims()[1],
              images.dims()[2],
              CLASSES,
              images.data(),
              labels.data(),
              about.getProperty("source"),
              Double.parseDouble(about.getProperty("mean")),
              Double.parseDouble(about.getProperty("std")),
              Arrays.stream(about.getProperty("indices").split(" "))
                  .mapToInt(Integer::parseInt)
                  .toArray());
      if (!set.sha256().equals(about.getProperty("sha256"))) {
        throw damaged(name, "its SHA-256 is " + set.sha256());
      }
      return set;
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(name, String.valueOf(e.getMessage()));
    }
  }

  private static InputStream resource(String file) throws IOException {
    InputStream in = Subset.class.getResourceAsStream(file);
    if (in == null) {
      throw new IOException(file + " is missing");
    }
    return in;
  }

  private static UserException damaged(String name, String problem) {
    return new UserException(
        "the bundled data set %s is damaged (%s); build Evolute again".formatted(name, problem));
  }
}
