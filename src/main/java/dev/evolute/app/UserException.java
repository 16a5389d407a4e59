package dev.evolute.app;

/**
 * Something the user can put right: the message is one sentence that names the value, the place and
 * the way out, and is all that the user sees.
 */
public class UserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one sentence fit for a terminal
   */
  public UserException(String message) {
    super(message);
  }

  /**
   * @param message one sentence fit for a terminal
   * @param cause what was caught, shown only when debugging
   */
  public UserException(String message, Throwable cause) {
    super(message, cause);
  }
}
