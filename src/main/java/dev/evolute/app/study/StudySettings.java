package dev.evolute.app.study;

import java.nio.file.Path;
import java.util.Locale;

/**
 * What the user asked of a study.
 *
 * @param size how large a run is wanted
 * @param device device name, {@code cpu} or {@code cuda:N}
 * @param threads host threads to use, at least 1
 * @param seed seed of every random stream
 * @param precision {@code f32} or {@code f64}, or null for the study's own choice
 * @param out folder for the result files; exists and can be written
 * @param dataDir folder to look for data sets in first, or null
 * @param fresh whether to start over even where an interrupted run could be resumed
 */
public record StudySettings(
    Size size,
    String device,
    int threads,
    long seed,
    String precision,
    Path out,
    Path dataDir,
    boolean fresh) {
  /** How large a run is; a study that has no size of its own for the paper takes the middle one. */
  public enum Size {
    /** A minute or so. */
    QUICK,
    /** What a laptop does in minutes or hours: the paper's own size where that is possible. */
    LAPTOP,
    /** The paper's own size where a laptop cannot do it. */
    PAPER
  }

  /** Quick, or of the middle size. */
  public StudySettings(
      boolean quick,
      String device,
      int threads,
      long seed,
      String precision,
      Path out,
      Path dataDir,
      boolean fresh) {
    this(quick ? Size.QUICK : Size.LAPTOP, device, threads, seed, precision, out, dataDir, fresh);
  }

  /** Whether the smallest run is wanted. */
  public boolean quick() {
    return size == Size.QUICK;
  }

  /** The command line that makes these results again. */
  public String command(Study study) {
    StringBuilder command = new StringBuilder("./evolute study ").append(study.name());
    if (size != Size.LAPTOP) {
      command.append(" --").append(size.name().toLowerCase(Locale.ROOT));
    }
    command.append(" --seed ").append(seed);
    if (!device.equals("cpu")) {
      command.append(" --device ").append(device);
    }
    if (precision != null) {
      command.append(" --precision ").append(precision);
    }
    return command.append(" --out ").append(out).toString();
  }
}
