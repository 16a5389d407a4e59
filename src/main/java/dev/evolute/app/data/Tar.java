package dev.evolute.app.data;

import dev.evolute.app.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/**
 * Takes named files out of a tar stream (POSIX ustar: 512-byte headers, octal sizes).
 *
 * <p>An entry is chosen by its last path element and written under that name alone, so an archive
 * cannot write anywhere else; long-name extensions are skipped as entries of their own.
 */
final class Tar {
  private static final int BLOCK = 512;

  /** No file of a known data set is nearly as large; an archive that says so is not one. */
  private static final long MAX_FILE = 1 << 30;

  private Tar() {}

  /** Writes every regular file whose last path element is in {@code names} into {@code folder}. */
  static void extract(InputStream tar, Collection<String> names, Path folder) throws IOException {
    for (byte[] header; (header = tar.readNBytes(BLOCK)).length == BLOCK && header[0] != 0; ) {
      String path = text(header, 0, 100);
      long size = size(header);
      boolean regular = header[156] == '0' || header[156] == 0;
      String name = path.substring(path.lastIndexOf('/') + 1);
      if (regular && names.contains(name)) {
        byte[] content = tar.readNBytes((int) size);
        if (content.length < size) {
          throw new UserException("the archive ends inside " + path);
        }
        Files.write(folder.resolve(name), content);
        tar.skipNBytes(-size & (BLOCK - 1));
      } else {
        tar.skipNBytes(size + (-size & (BLOCK - 1)));
      }
    }
  }

  private static long size(byte[] header) {
    String octal = text(header, 124, 12).strip();
    if (!octal.matches("[0-7]{1,11}") || Long.parseLong(octal, 8) > MAX_FILE) {
      throw new UserException("the archive has an entry of impossible size '" + octal + "'");
    }
    return Long.parseLong(octal, 8);
  }

  /** A field up to its first zero byte. */
  private static String text(byte[] header, int from, int length) {
    int end = from;
    while (end < from + length && header[end] != 0) {
      end++;
    }
    return new String(header, from, end - from, StandardCharsets.US_ASCII);
  }
}
