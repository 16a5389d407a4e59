package dev.evolute.spark;

import dev.evolute.app.UserException;
import dev.evolute.app.engine.Store;
import dev.evolute.autodiff.io.Checkpoint;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.UnsupportedFileSystemException;

/**
 * Checkpoints in a folder of any file system of Hadoop's.
 *
 * <p>A checkpoint is written beside the one that is there and then renamed over it, which HDFS and
 * local file systems do at once. Object stores delete the old one and copy the new one: whoever
 * dies in between leaves the new one under its first name, and that is what is read then.
 */
final class HadoopStore implements Store {
  private static final String BESIDE = ".new";
  private static final int CHUNK = 1 << 16;

  private final FileContext files;
  private final Path folder;

  private HadoopStore(FileContext files, Path folder) {
    this.files = files;
    this.folder = folder;
  }

  /**
   * A folder, made where it is missing.
   *
   * @param folder its URI
   * @throws UserException where it cannot be written to
   */
  static HadoopStore open(String folder, Configuration configuration) {
    try {
      Path path = new Path(folder);
      FileContext files = FileContext.getFileContext(path.toUri(), configuration);
      Path whole = files.makeQualified(path);
      Path trial = new Path(whole, ".evolute");
      create(files, trial).close();
      files.delete(trial, false);
      return new HadoopStore(files, whole);
    } catch (IOException | RuntimeException e) {
      throw refused(folder, e);
    }
  }

  private static UserException refused(String folder, Exception e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String reason = Failures.first(String.valueOf(cause.getMessage()));
    boolean unknown =
        cause instanceof UnsupportedFileSystemException || cause instanceof ClassNotFoundException;
    return new UserException(
        unknown
            ? "--checkpoints: no file system here is that of %s (%s); put its jars on Spark's class path, or name a folder of another"
                .formatted(folder, reason)
            : "--checkpoints: files cannot be written to %s (%s); name another folder"
                .formatted(folder, reason),
        e);
  }

  private static FSDataOutputStream create(FileContext files, Path file) throws IOException {
    return files.create(
        file,
        EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE),
        Options.CreateOpts.createParent());
  }

  @Override
  public String place() {
    return folder.toString();
  }

  @Override
  public String place(String name) {
    return file(name).toString();
  }

  @Override
  public String option() {
    return "--checkpoints";
  }

  private Path file(String name) {
    return new Path(folder, name);
  }

  private Path beside(String name) {
    return new Path(folder, name + BESIDE);
  }

  @Override
  public void save(String name, Checkpoint checkpoint) throws IOException {
    try {
      try (FSDataOutputStream out = create(files, beside(name))) {
        checkpoint.write(out);
        if (out.hasCapability(StreamCapabilities.HSYNC)) {
          out.hsync();
        }
      }
      files.rename(beside(name), file(name), Options.Rename.OVERWRITE);
    } catch (IOException e) {
      throw told(e);
    }
  }

  @Override
  public boolean has(String name) throws IOException {
    try {
      return files.util().exists(file(name)) || isWhole(beside(name));
    } catch (IOException e) {
      throw new IOException(place(name) + ": " + Failures.first(String.valueOf(e.getMessage())), e);
    }
  }

  /**
   * Whoever dies while a first checkpoint is written leaves a part of it, which counts for none.
   */
  private boolean isWhole(Path file) throws IOException {
    if (!files.util().exists(file)) {
      return false;
    }
    try {
      load(file);
      return true;
    } catch (IOException damaged) {
      return false;
    }
  }

  @Override
  public Checkpoint load(String name) throws IOException {
    Path file = file(name);
    try {
      return load(files.util().exists(file) ? file : beside(name));
    } catch (IOException e) {
      throw told(e);
    }
  }

  private Checkpoint load(Path file) throws IOException {
    long length = files.getFileStatus(file).getLen();
    try (Arena arena = Arena.ofConfined();
        FSDataInputStream in = files.open(file)) {
      MemorySegment all = arena.allocate(Math.max(1, length));
      byte[] chunk = new byte[CHUNK];
      for (long at = 0; at < length; ) {
        int read = in.read(chunk);
        if (read < 0) {
          throw new EOFException(file + ": the file ends early; it is truncated");
        }
        MemorySegment.copy(
            chunk, 0, all, ValueLayout.JAVA_BYTE, at, (int) Math.min(read, length - at));
        at += read;
      }
      return Checkpoint.read(file.toString(), all.asSlice(0, length));
    }
  }

  @Override
  public void delete(String name) throws IOException {
    try {
      for (Path file : new Path[] {file(name), beside(name)}) {
        if (files.util().exists(file)) {
          files.delete(file, false);
        }
      }
    } catch (IOException e) {
      throw told(e);
    }
  }

  /** Reasons of remote servers have their stack traces with them. */
  private static IOException told(IOException e) {
    return new IOException(Failures.first(String.valueOf(e.getMessage())), e);
  }
}
