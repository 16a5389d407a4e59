package dev.evolute.app.study;

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
public final class Checkpoint {
  private final Path folder;
  private final String settings;

  /**
   * Checkpoints in a folder.
   *
   * @param settings everything that the numbers depend on, as text
   */
  public Checkpoint(Path folder, String settings) {
    this.folder = folder;
    this.settings = settings;
  }

  private Path file(String label) {
    return folder.resolve(label + ".checkpoint");
  }

  /**
   * Saves the state of a run.
   *
   * @param label the run's name: letters, digits and hyphens
   * @param state all there is to go on from
   */
  public void save(String label, double[]... state) {
    Path part = folder.resolve(label + ".part");
    try {
      Files.createDirectories(folder);
      try (DataOutputStream out =
          new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(part), 1 << 16))) {
        out.writeUTF(settings);
        out.writeInt(state.length);
        for (double[] values : state) {
          write(out, values);
        }
      }
      Files.move(part, file(label), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw cannotSave(e);
    }
  }

  /** What was last saved of a run, or null if there is nothing to go on from. */
  public double[][] restore(String label) {
    if (!Files.isRegularFile(file(label))) {
      return null;
    }
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file(label)), 1 << 16))) {
      if (!in.readUTF().equals(settings)) {
        return null;
      }
      int count = in.readInt();
      if (count < 1 || count > 1 << 20) {
        throw new IOException("count " + count);
      }
      double[][] state = new double[count][];
      for (int i = 0; i < count; i++) {
        state[i] = read(in);
      }
      return state;
    } catch (IOException damaged) {
      // A file that cannot be read to its end is worth no more than none: the run starts over.
      return null;
    }
  }

  /** Seconds that earlier, interrupted runs of these settings took. */
  public double seconds() {
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
  public void saveSeconds(double seconds) {
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
  public void delete() {
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
