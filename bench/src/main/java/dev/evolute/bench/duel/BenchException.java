package dev.evolute.bench.duel;

/** A benchmark that cannot go on: the message is one sentence and all that the user sees. */
final class BenchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BenchException(String message) {
    super(message);
  }

  BenchException(String message, Throwable cause) {
    super(message, cause);
  }
}
