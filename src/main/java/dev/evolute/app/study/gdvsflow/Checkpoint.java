package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.UserException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The state of unfinished runs, one file a run in a folder beside the results, so that a run that
 * was interrupted goes on where it stopped and ends with the same numbers to the bit. Files are
 * replaced whole. A file of other settings is passed over.
 */
final class Checkpoint {
  private final Path folder;
  private final String settings;

  /**
   * Checkpoints in a folder.
   *
   * @param settings everything that the numbers depend on, as text
   */
  Checkpoint(Path folder, String settings) {
    this.folder = folder;
    this.settings = settings;
  }

  private Path file(Trajectory run) {
    return folder.resolve(run.label() + ".checkpoint");
  }

  /** Saves a run: what it recorded and its present theta. */
  void save(Trajectory run, double[] theta) {
    Path part = folder.resolve(run.label() + ".part");
    try {
      Files.createDirectories(folder);
      try (DataOutputStream out =
          new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(part), 1 << 16))) {
        out.writeUTF(settings);
        out.writeLong(run.done);
        write(out, theta);
        write(out, run.loss);
        write(out, run.distance);
        write(out, run.drift);
        int kept = run.thetas.length == 0 ? 0 : run.recorded();
        out.writeInt(kept);
        for (int i = 0; i < kept; i++) {
          write(out, run.thetas[i]);
        }
      }
      Files.move(part, file(run), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw cannotSave(e);
    }
  }

  /**
   * Restores a run if a usable file is there.
   *
   * @param run receives what was recorded
   * @return the theta to go on from, or null if there is nothing to go on from
   */
  double[] restore(Trajectory run) {
    if (!Files.isRegularFile(file(run))) {
      return null;
    }
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file(run)), 1 << 16))) {
      if (!in.readUTF().equals(settings)) {
        return null;
      }
      long done = in.readLong();
      double[] theta = read(in);
      double[] loss = read(in);
      double[] distance = read(in);
      double[] drift = read(in);
      double[][] thetas = new double[in.readInt()][];
      for (int i = 0; i < thetas.length; i++) {
        thetas[i] = read(in);
      }
      run.done = done;
      System.arraycopy(loss, 0, run.loss, 0, run.loss.length);
      System.arraycopy(distance, 0, run.distance, 0, run.distance.length);
      System.arraycopy(drift, 0, run.drift, 0, run.drift.length);
      System.arraycopy(thetas, 0, run.thetas, 0, thetas.length);
      return theta;
    } catch (IOException | IndexOutOfBoundsException damaged) {
      // A file that cannot be read to its end is worth no more than none: the run starts over.
      return null;
    }
  }

  /** Seconds that earlier, interrupted runs of these settings took. */
  double seconds() {
    try {
      List<String> lines = Files.readAllLines(folder.resolve("seconds"));
      return lines.size() == 2 && lines.get(0).equals(settings)
          ? Double.parseDouble(lines.get(1))
          : 0;
    } catch (IOException | NumberFormatException none) {
      return 0;
    }
  }

  /** Notes the seconds spent so far, for the run that goes on. */
  void saveSeconds(double seconds) {
    try {
      Files.createDirectories(folder);
      Files.write(folder.resolve("seconds"), List.of(settings, Double.toString(seconds)));
    } catch (IOException e) {
      throw cannotSave(e);
    }
  }

  private UserException cannotSave(IOException e) {
    return new UserException(
        "cannot save the state of the run in "
            + folder
            + " ("
            + e.getMessage()
            + "); free some space or choose another folder with --out");
  }

  private static void write(DataOutputStream out, double[] values) throws IOException {
    out.writeInt(values.length);
    for (double value : values) {
      out.writeDouble(value);
    }
  }

  private static double[] read(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > 1 << 28) {
      throw new IOException("length " + length);
    }
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = in.readDouble();
    }
    return values;
  }

  /** Removes the folder with everything in it. */
  void delete() {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      List<Path> deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UserException(
          "cannot remove the old state in "
              + folder
              + " ("
              + e.getMessage()
              + "); remove it by hand");
    }
  }
}
