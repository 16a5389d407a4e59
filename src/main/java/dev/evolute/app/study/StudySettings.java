package dev.evolute.app.study;

import java.nio.file.Path;

/**
 * What the user asked of a study.
 *
 * @param quick whether the smaller run is wanted
 * @param device device name, {@code cpu} or {@code cuda:N}
 * @param threads host threads to use, at least 1
 * @param seed seed of every random stream
 * @param precision {@code f32} or {@code f64}, or null for the study's own choice
 * @param out folder for the result files; exists and can be written
 * @param dataDir folder to look for data sets in first, or null
 * @param fresh whether to start over even where an interrupted run could be resumed
 */
public record StudySettings(
    boolean quick,
    String device,
    int threads,
    long seed,
    String precision,
    Path out,
    Path dataDir,
    boolean fresh) {

  /** The command line that makes these results again. */
  public String command(Study study) {
    StringBuilder command = new StringBuilder("./evolute study ").append(study.name());
    if (quick) {
      command.append(" --quick");
    }
    command.append(" --seed ").append(seed);
    if (precision != null) {
      command.append(" --precision ").append(precision);
    }
    return command.append(" --out ").append(out).toString();
  }
}
