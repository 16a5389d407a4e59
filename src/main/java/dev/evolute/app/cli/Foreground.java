package dev.evolute.app.cli;

import dev.evolute.app.study.Progress;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Long work that shows its progress and that the user can end, keeping what there is. */
final class Foreground {
  /** Long enough to write every file, short enough to be waited for. */
  private static final long SECONDS_TO_FINISH = 20;

  private Foreground() {}

  /**
   * Runs work that watches {@link Progress#interrupted}.
   *
   * @param out where its results are, null where the command has said it
   * @return the exit status
   */
  static int run(Path out, Consumer<Progress> work) {
    boolean live = StandardError.isTerminal();
    boolean color = live && System.getenv().getOrDefault("NO_COLOR", "").isEmpty();
    Progress progress = new Progress(System.err, live, color, StandardError::columns);
    Thread hook = progress.shutdownHook(SECONDS_TO_FINISH);
    Runtime.getRuntime().addShutdownHook(hook);
    try (progress) {
      work.accept(progress);
      progress.finish();
      boolean partial = progress.interrupted();
      if (out != null) {
        progress.say("evolute: %sresults are in %s".formatted(partial ? "partial " : "", out));
      }
      return partial ? Main.INTERRUPTED : 0;
    } finally {
      remove(hook);
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      // The hook is running, and ends the process with the signal's status.
      return;
    }
  }
}
