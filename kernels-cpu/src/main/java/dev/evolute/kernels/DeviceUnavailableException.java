package dev.evolute.kernels;

/** A device that was asked for cannot be used; the message is one sentence fit for a user. */
public final class DeviceUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DeviceUnavailableException(String message) {
    super(message);
  }
}
