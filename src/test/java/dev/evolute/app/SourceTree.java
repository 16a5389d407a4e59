package dev.evolute.app;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the sources are: tests run in a module's folder, or in the one of all modules. */
public final class SourceTree {
  private SourceTree() {}

  /** The folder with README.md and all modules. */
  public static Path root() {
    Path here = Path.of("").toAbsolutePath();
    return Files.exists(here.resolve("README.md")) ? here : here.getParent();
  }
}
