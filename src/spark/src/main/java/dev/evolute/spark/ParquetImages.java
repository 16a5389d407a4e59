package dev.evolute.spark;

import dev.evolute.app.UserException;
import dev.evolute.app.data.Images;
import dev.evolute.app.data.LabelledRows;
import dev.evolute.app.data.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileChecksum;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Labelled images of Parquet files, a row each, from any file system that Hadoop knows: {@code
 * parquet:PATH} of a file, or of a folder, whose files are read in the order of their names. The
 * column {@code label} is an integer; {@code image} is a list of numbers, or bytes, all of one
 * length, and numbers are taken as they stand.
 *
 * <p>The driver reads the labels and the first image. Executors read the images of their shards by
 * themselves ({@link ParquetSamples}), so that no process has to have room for all.
 */
final class ParquetImages {
  private static final int PIECE = 1 << 16;

  private final String name;
  private final Configuration conf;

  private ParquetImages(String name, Configuration conf) {
    this.name = name;
    this.conf = conf;
  }

  /**
   * Looks at them.
   *
   * @throws UserException where there are none, or they are not such
   */
  static Images open(String name, Configuration conf) {
    ParquetImages images = new ParquetImages(name, conf);
    return ParquetRows.told(name, images::open);
  }

  private Images open() throws IOException {
    List<Path> paths = files(new Path(name.substring(Images.PARQUET.length())));
    ParquetRows rows = ParquetRows.of(name, paths, conf);
    int[] most = {0};
    rows.labels((row, label) -> most[0] = Math.max(most[0], LabelledRows.label(name, label, row)));
    int features = rows.features();
    if (features < 1) {
      throw rows.failure("the image of row 0 is empty; at least one number is needed");
    }
    int classes = LabelledRows.classes(name, most[0]);
    return new Images(
        name,
        true,
        digest(paths),
        rows.count(),
        features,
        classes,
        which -> new ParquetSamples(rows, features, classes, which));
  }

  private List<Path> files(Path root) throws IOException {
    FileSystem system = root.getFileSystem(conf);
    if (!system.exists(root)) {
      throw ParquetRows.failure(name, "there is no file or folder %s", root);
    }
    List<Path> files = new ArrayList<>();
    for (FileStatus status : system.listStatus(root)) {
      String file = status.getPath().getName();
      // What Spark leaves beside its results begins so.
      if (status.isFile() && !file.startsWith("_") && !file.startsWith(".")) {
        files.add(status.getPath());
      }
    }
    if (files.isEmpty()) {
      throw ParquetRows.failure(name, "there is no file in %s", root);
    }
    files.sort(Comparator.comparing(Path::getName));
    return files;
  }

  /** Of the checksums that a file system keeps, or of the files where it keeps none. */
  private String digest(List<Path> files) throws IOException {
    MessageDigest digest = Sha256.digest();
    byte[] piece = new byte[PIECE];
    for (Path file : files) {
      FileSystem system = file.getFileSystem(conf);
      digest.update(file.getName().getBytes(StandardCharsets.UTF_8));
      FileChecksum checksum = system.getFileChecksum(file);
      if (checksum != null) {
        digest.update(checksum.getBytes());
        continue;
      }
      try (InputStream in = system.open(file)) {
        for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
          digest.update(piece, 0, count);
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
