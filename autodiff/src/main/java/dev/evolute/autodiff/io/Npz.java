package dev.evolute.autodiff.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** NumPy's .npz, a zip archive of one {@link Npy} a name; compressed or not. */
public final class Npz {
  private static final String SUFFIX = ".npy";

  /** The same arrays give the same bytes; NumPy's choice, too. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private Npz() {}

  /**
   * Reads a file; names in the order of the archive.
   *
   * @throws IOException if it cannot be read, or holds something else than arrays of float32 or
   *     float64
   */
  public static Map<String, Tensor> read(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new IOException(path + ": there is no such file");
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(path.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        if (!entry.getName().endsWith(SUFFIX)) {
          throw new IOException(path + ": entry " + entry.getName() + " is no " + SUFFIX);
        }
        String name = entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
        MemorySegment bytes = MemorySegment.ofArray(bytes(path, zip, entry));
        if (tensors.put(name, Npy.read(path + ", " + name, bytes)) != null) {
          throw new IOException(path + ": there are two arrays named " + name);
        }
      }
    } catch (ZipException | EOFException e) {
      throw new IOException(
          path + ": this is no .npz file, or a truncated one: " + e.getMessage(), e);
    }
    return tensors;
  }

  /** An entry's bytes, which the zip classes of the JDK do not hold against its checksum. */
  private static byte[] bytes(Path path, ZipFile zip, ZipEntry entry) throws IOException {
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = in.readAllBytes();
      CRC32 checksum = new CRC32();
      checksum.update(bytes);
      if (checksum.getValue() != entry.getCrc()) {
        throw new IOException(
            path
                + ": "
                + entry.getName()
                + " is damaged; its checksum is not the one it came with");
      }
      return bytes;
    }
  }

  /** Writes a file, uncompressed, whole or not at all. */
  public static void write(Path path, Map<String, Tensor> tensors) throws IOException {
    WholeFile.write(
        path,
        out -> {
          ZipOutputStream zip = new ZipOutputStream(out);
          zip.setLevel(Deflater.NO_COMPRESSION);
          for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            ZipEntry header = new ZipEntry(entry.getKey() + SUFFIX);
            header.setTimeLocal(TIME);
            zip.putNextEntry(header);
            Npy.write(entry.getValue(), zip);
            zip.closeEntry();
          }
          zip.finish();
        });
  }
}
