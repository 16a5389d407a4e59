package dev.evolute.app.study;

/** One reproduction of a paper, run by name. */
public interface Study {
  /** What a user types: lower case, words joined by hyphens. */
  String name();

  /** One line for a list of studies. */
  String title();

  /** The paper, as one cites it. */
  String paper();

  /**
   * Runs the study and writes its result files into {@link StudySettings#out()}. When {@link
   * Progress#interrupted()} turns true it stops soon, writes what it has, marked as partial, and
   * returns.
   *
   * @throws dev.evolute.app.UserException where the user can put something right
   */
  void run(StudySettings settings, Progress progress);
}
