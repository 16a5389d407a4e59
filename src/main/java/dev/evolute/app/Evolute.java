package dev.evolute.app;

/** The application itself. */
public final class Evolute {
  private Evolute() {}

  /** The version in the jar's manifest, or {@code development} when run from class files. */
  public static String version() {
    String version = Evolute.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
