package dev.evolute.app.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** A whole data set of a few hundred bytes, and the ways its files are laid out on disk. */
record TinySet(KnownSet known, Map<IdxFile, Idx> files) {

  /**
   * 7 training and 3 test images of 2 x 3 pixels in 10 classes; {@code seed} tells two sets apart.
   */
  static TinySet named(String name, long seed) {
    Random random = new Random(seed);
    Map<IdxFile, Idx> files = new EnumMap<>(IdxFile.class);
    for (IdxFile file : IdxFile.values()) {
      int n = file.name().startsWith("TRAIN") ? 7 : 3;
      byte[] data = new byte[file.rank == 3 ? n * 6 : n];
      random.nextBytes(data);
      if (file.rank == 1) {
        for (int i = 0; i < n; i++) {
          data[i] = (byte) Math.floorMod(data[i], 10);
        }
      }
      files.put(file, new Idx(file.rank == 3 ? new int[] {n, 2, 3} : new int[] {n}, data));
    }
    List<String> hashes = files.values().stream().map(Idx::sha256).toList();
    return new TinySet(
        new KnownSet(
            name, name.toUpperCase(), "made up", "none", 10, List.of("raw"), 0.5, 0.25, hashes),
        files);
  }

  /** Writes all four files under their published names. */
  Path writeTo(Path folder, boolean gzipped) {
    files.forEach(
        (file, idx) -> write(idx, folder.resolve(file.plainName() + (gzipped ? ".gz" : ""))));
    return folder;
  }

  static Path write(Idx idx, Path file) {
    return write(bytes(idx), file);
  }

  /** Writes bytes, gzipped where the name says so. */
  static Path write(byte[] bytes, Path file) {
    try {
      Files.createDirectories(file.getParent());
      return Files.write(file, file.toString().endsWith(".gz") ? gzip(bytes) : bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] bytes(Idx idx) {
    try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
      idx.writeTo(out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }
}
