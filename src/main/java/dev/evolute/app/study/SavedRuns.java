package dev.evolute.app.study;

import dev.evolute.app.Evolute;
import dev.evolute.app.UserException;
import dev.evolute.autodiff.io.Checkpoint;
import dev.evolute.autodiff.io.Tensor;
import dev.evolute.kernels.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The state of the unfinished runs of a study, or of the stages of a probe, a {@link Checkpoint}
 * each in a folder beside the results, so that what was interrupted goes on where it stopped and
 * ends with the same numbers to the bit. A file of other settings, or a damaged one, is passed over
 * with a line that says so.
 */
public final class SavedRuns {
  /** Nanoseconds after which a run under way is saved again. */
  public static final long EVERY_NANOS = 60_000_000_000L;

  private static final String FOLDER = "checkpoint";
  private static final String SECONDS = "seconds";
  private static final String SETTINGS = "settings";
  private static final String VALUES = "values";

  private final Path folder;
  private final String settings;
  private final Consumer<String> say;
  private final AtomicBoolean toldOfOthers = new AtomicBoolean();
  private final double secondsBefore;

  /**
   * Takes up what an interrupted command has left in its folder of results.
   *
   * @param out that folder
   * @param key everything that the numbers depend on besides the version of the program, as text
   * @param fresh whether what is there is to be removed instead
   * @param say shows the user a line
   */
  public SavedRuns(Path out, String key, boolean fresh, Consumer<String> say) {
    this.folder = out.resolve(FOLDER);
    this.settings = Evolute.version() + " " + key;
    this.say = say;
    if (fresh) {
      delete();
    }
    double[][] before = restore(SECONDS);
    secondsBefore = before == null ? 0 : before[0][0];
  }

  /** Where they are; it is there once something has been saved. */
  public Path folder() {
    return folder;
  }

  /** Everything that the numbers depend on. */
  public String settings() {
    return settings;
  }

  /** Tells the user that something is there to go on from. */
  public void sayGoingOn() {
    say.accept("going on from the state in " + folder + " (--fresh starts over)");
  }

  /** Seconds that earlier, interrupted runs of the command took. */
  public double secondsBefore() {
    return secondsBefore;
  }

  /**
   * Ends the command, once its results are written: what was saved stays if it was interrupted, and
   * goes if not.
   *
   * @param seconds all its runs took
   */
  public void end(boolean interrupted, double seconds) {
    if (interrupted) {
      save(SECONDS, new double[] {seconds});
    } else {
      delete();
    }
  }

  private Path file(String label) {
    return folder.resolve(label + ".safetensors");
  }

  /**
   * Saves the state of a run; the file is replaced whole.
   *
   * @param label the run's name: letters, digits and hyphens
   * @param state all there is to go on from
   */
  public void save(String label, double[]... state) {
    // Each as it stands: the state of a large network is a gigabyte, and there is not room for two.
    Map<String, Tensor> tensors = new HashMap<>();
    for (int i = 0; i < state.length; i++) {
      tensors.put(VALUES + i, Tensor.of(DType.F64, state[i], state[i].length));
    }
    try {
      Files.createDirectories(folder);
      new Checkpoint(Map.of(SETTINGS, settings), tensors).save(file(label));
    } catch (IOException e) {
      throw new UserException(
          "cannot save the state of the run in "
              + folder
              + " ("
              + e.getMessage()
              + "); free some space or choose another folder with --out",
          e);
    }
  }

  /** What was last saved of a run, or null if there is nothing to go on from. */
  public double[][] restore(String label) {
    if (!Files.exists(file(label))) {
      return null;
    }
    Checkpoint saved;
    try {
      saved = Checkpoint.load(file(label));
    } catch (IOException e) {
      say.accept("evolute: cannot go on from " + e.getMessage() + "; this run starts over");
      return null;
    }
    if (!settings.equals(saved.texts().get(SETTINGS))) {
      if (!toldOfOthers.getAndSet(true)) {
        say.accept(
            "evolute: the state in "
                + folder
                + " is of other settings; this run starts over and removes it in the end");
      }
      return null;
    }
    double[][] state = new double[saved.tensors().size()][];
    for (int i = 0; i < state.length; i++) {
      Tensor values = saved.tensors().get(VALUES + i);
      if (values == null) {
        say.accept("evolute: %s holds no state of a run; it starts over".formatted(file(label)));
        return null;
      }
      state[i] = values.values();
    }
    return state;
  }

  /** Removes the folder with everything in it. */
  private void delete() {
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
              + "); remove it by hand",
          e);
    }
  }
}
