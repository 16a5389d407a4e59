package dev.evolute.autodiff.io;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * The state of a run in one safetensors file, which other programs can open: arrays, and texts in
 * its metadata. The version of the format and a checksum over everything stand among the texts, so
 * that a damaged or an older file is told from a good one. A file is there whole or not at all.
 *
 * @param texts by name, in the order written
 * @param tensors by name
 */
public record Checkpoint(Map<String, String> texts, Map<String, Tensor> tensors) {
  private static final String VERSION = "1";
  private static final String VERSION_KEY = "evolute.checkpoint";
  private static final String CHECKSUM_KEY = "evolute.crc32c";

  /**
   * Writes a file beside its place and moves it there.
   *
   * @throws IllegalArgumentException if a text takes a name of the format
   */
  public void save(Path path) throws IOException {
    Safetensors.write(path, content());
  }

  /**
   * Writes the bytes of a file, for stores that are no folders.
   *
   * @throws IllegalArgumentException if a text takes a name of the format
   */
  public void write(OutputStream out) throws IOException {
    Safetensors.write(content(), out);
  }

  private Safetensors.Content content() throws IOException {
    Map<String, String> all = new LinkedHashMap<>();
    all.put(VERSION_KEY, VERSION);
    all.putAll(texts);
    all.put(CHECKSUM_KEY, checksum(texts, tensors));
    if (all.size() != texts.size() + 2) {
      throw new IllegalArgumentException(
          "checkpoint: texts are named "
              + texts.keySet()
              + "; "
              + VERSION_KEY
              + " and "
              + CHECKSUM_KEY
              + " are taken");
    }
    return new Safetensors.Content(all, tensors);
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, is truncated or damaged, is no checkpoint, or one of
   *     another version
   */
  public static Checkpoint load(Path path) throws IOException {
    return of(path.toString(), Safetensors.content(path));
  }

  /**
   * Reads the bytes of a file.
   *
   * @param name of the file, for messages
   * @throws IOException if they are truncated or damaged, no checkpoint, or one of another version
   */
  public static Checkpoint read(String name, MemorySegment file) throws IOException {
    return of(name, Safetensors.content(name, file));
  }

  private static Checkpoint of(String name, Safetensors.Content content) throws IOException {
    Map<String, String> texts = new LinkedHashMap<>(content.metadata());
    String version = texts.remove(VERSION_KEY);
    String checksum = texts.remove(CHECKSUM_KEY);
    if (version == null) {
      throw new IOException(name + ": this is no checkpoint; its metadata lack " + VERSION_KEY);
    }
    if (!version.equals(VERSION)) {
      throw new IOException(
          name
              + ": the checkpoint has version "
              + version
              + " of the format, this program reads "
              + VERSION
              + "; go on with the program that wrote it, or start anew");
    }
    if (!checksum(texts, content.tensors()).equals(checksum)) {
      throw new IOException(
          name + ": the checkpoint is damaged, its checksum does not fit; restore a copy of it");
    }
    return new Checkpoint(texts, content.tensors());
  }

  /** Over names, texts, types, shapes and elements. */
  private static String checksum(Map<String, String> texts, Map<String, Tensor> tensors)
      throws IOException {
    CRC32C crc = new CRC32C();
    try (OutputStream out = new CheckedOutputStream(OutputStream.nullOutputStream(), crc)) {
      for (Map.Entry<String, String> text : texts.entrySet()) {
        write(out, text.getKey());
        write(out, text.getValue());
      }
      // In an order of its own: the file has the widest elements first.
      for (String name : tensors.keySet().stream().sorted().toList()) {
        Tensor tensor = tensors.get(name);
        write(out, name);
        write(out, tensor.dtype() + " " + tensor.shape());
        tensor.encode(out);
      }
    }
    return Long.toHexString(crc.getValue());
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.write(0);
  }
}
