package dev.evolute.kernels;

/** A device that was asked for cannot be used; the message is one sentence fit for a user. */
public final class DeviceUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** One sentence: which device, why not, and what to do instead. */
  public DeviceUnavailableException(String message) {
    super(message);
  }
}
