package dev.evolute.app;

/**
 * An argument names something there is not, or asks for what cannot be: the command was wrongly
 * called, and ends with the status that says so.
 */
public final class UsageException extends UserException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one sentence fit for a terminal, with what there is
   */
  public UsageException(String message) {
    super(message);
  }
}
