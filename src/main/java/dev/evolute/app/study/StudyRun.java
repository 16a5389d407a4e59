package dev.evolute.app.study;

import dev.evolute.app.UserException;
import dev.evolute.app.report.Numbers;
import dev.evolute.app.report.ReportWriter;
import dev.evolute.app.report.StudyResult;
import dev.evolute.kernels.Device;
import java.util.function.Consumer;

/**
 * A study under way, from the runs that an interrupted one left behind to its files: what every
 * study does alike at its beginning and at its end.
 */
public final class StudyRun {
  private final Study study;
  private final StudySettings settings;
  private final Progress progress;
  private final SavedRuns saved;
  private final long start = System.nanoTime();

  /**
   * Takes up what there is, or with {@link StudySettings#fresh()} nothing.
   *
   * @param key everything that the numbers depend on besides the version of the program
   */
  public StudyRun(Study study, StudySettings settings, Progress progress, String key) {
    this.study = study;
    this.settings = settings;
    this.progress = progress;
    saved = new SavedRuns(settings.out(), key, settings.fresh(), progress::say);
  }

  /** Fails now rather than after the work if results cannot be written or there is no device. */
  public static void checkSettings(StudySettings settings) {
    Device.open(settings.device(), 1).close();
    ReportWriter.checkWritable(settings.out());
  }

  /** The states of the single runs. */
  public SavedRuns saved() {
    return saved;
  }

  /**
   * Starts counting work, and says so where some of it is done already.
   *
   * @see Progress#start(String, String, long, long)
   */
  public void start(String what, String unit, long total, long already) {
    if (already > 0) {
      saved.sayGoingOn();
    }
    progress.start(what, unit, total, already);
  }

  /** Says which run failed, and where, if its loss is no number any more. */
  public static void requireFinite(String label, double loss, long iteration, double eta) {
    if (!Double.isFinite(loss)) {
      throw new UserException(
          "the run "
              + label
              + " diverged: its loss is "
              + loss
              + " at iteration "
              + iteration
              + "; gradient descent needs a smaller step than "
              + eta);
    }
  }

  /**
   * Ends the study, whole or interrupted: its files are written, the states of its runs go or stay,
   * and the answer is shown.
   *
   * @param answer one sentence on what came out
   * @param write adds the study's own to a result that has all else, and writes the files
   */
  public void end(String answer, Consumer<StudyResult.Builder> write) {
    progress.finish();
    boolean partial = progress.interrupted();
    double seconds = saved.secondsBefore() + (System.nanoTime() - start) / 1e9;
    write.accept(
        StudyResult.of(study.name())
            .quick(settings.quick())
            .partial(partial)
            .seed(settings.seed())
            .machine(Machine.here().summary(settings.device(), settings.threads()))
            .seconds(seconds)
            .citation(study.paper())
            .answer(answer)
            .command(settings.command(study)));
    saved.end(partial, seconds);
    progress.say(Numbers.written(answer));
  }
}
