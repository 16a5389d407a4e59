package dev.evolute.autodiff.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Files that are there whole or not at all. */
final class WholeFile {
  private static final int BUFFER = 1 << 16;
  private static final String END = ".tmp";

  private WholeFile() {}

  /** What writes a file's bytes. */
  interface Writer {
    void write(OutputStream out) throws IOException;
  }

  /** What reads a file's bytes. */
  interface Reader<T> {
    T read(MemorySegment file) throws IOException;
  }

  /**
   * Writes beside the file, under another name, and moves the result to its place: a reader, or a
   * crash, sees the old file or the new one.
   */
  static void write(Path path, Writer writer) throws IOException {
    Path name = path.getFileName();
    Path parent = path.toAbsolutePath().getParent();
    if (!Files.isDirectory(parent)) {
      throw new IOException(path + ": the folder " + parent + " does not exist; create it first");
    }
    String hidden = "." + name + ".";
    String mine = ProcessHandle.current().pid() + "-" + Thread.currentThread().threadId();
    Path beside = parent.resolve(hidden + mine + END);
    sweep(parent, hidden);
    try {
      try (FileChannel channel =
          FileChannel.open(
              beside,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
        writer.write(out);
        out.flush();
        channel.force(true);
      }
      try {
        Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(beside, path, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  /** Removes what processes that were killed while they wrote have left. */
  private static void sweep(Path folder, String hidden) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (name.startsWith(hidden) && name.endsWith(END)) {
          String writer = name.substring(hidden.length(), name.length() - END.length());
          if (writer.matches("\\d{1,18}-\\d+") && !isAlive(writer)) {
            Files.deleteIfExists(file);
          }
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static boolean isAlive(String writer) {
    long pid = Long.parseLong(writer.substring(0, writer.indexOf('-')));
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  /** Maps a file for as long as it is read. */
  static <T> T read(Path path, Reader<T> reader) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new IOException(path + ": there is no such file");
    }
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return reader.read(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
    }
  }
}
