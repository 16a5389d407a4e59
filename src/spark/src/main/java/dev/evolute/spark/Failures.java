package dev.evolute.spark;

import dev.evolute.app.UserException;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What went wrong in a job, in one sentence. */
final class Failures {
  /** As Spark reports a task that failed too often: host, number of the executor, and why. */
  private static final Pattern TASK =
      Pattern.compile("Lost task [^(]*\\(TID \\d+\\) \\((\\S+) executor (\\S+)\\): ([^\\n]*)");

  private Failures() {}

  /** Runs a job. */
  static <T> T told(Callable<T> job) {
    try {
      return job.call();
    } catch (UserException | IllegalArgumentException | IllegalStateException e) {
      throw e;
    } catch (Exception e) {
      throw new UserException(sentence(e), e);
    }
  }

  private static String sentence(Throwable e) {
    String all = String.valueOf(e.getMessage());
    Matcher task = TASK.matcher(all);
    if (!task.find()) {
      return "Spark ended the work: " + first(all);
    }
    String where =
        task.group(2).equals("driver")
            ? "a task in this process"
            : "executor %s on %s".formatted(task.group(2), task.group(1));
    String why = task.group(3);
    if (why.contains("OutOfMemoryError")) {
      return where
          + " ran out of memory (%s); give executors more, or take more shards on more executors"
              .formatted(why.replaceFirst(".*OutOfMemoryError:?\\s*", ""));
    }
    if (why.startsWith("ExecutorLostFailure")) {
      return where
          + " was lost again and again (%s); its log in the worker's folder says why, most likely memory"
              .formatted(first(why.replaceFirst(".*Reason:\\s*", "")));
    }
    if (why.contains("UnsupportedClassVersionError")) {
      return where + " runs an older Java; start Spark's workers with JDK 25 or newer";
    }
    if (why.contains("InvalidClassException") || why.contains("ClassNotFoundException")) {
      return where
          + " has another version of Evolute than this driver (%s); remove Evolute from the workers' class path"
              .formatted(first(why));
    }
    // Our own exceptions say what to do by themselves.
    return where + " failed: " + why.replaceFirst("^[\\w.$]+(Exception|Error): ", "");
  }

  /** A reason that others gave, without their stack traces. */
  static String first(String text) {
    return text.strip().lines().findFirst().orElse("no reason was given");
  }
}
