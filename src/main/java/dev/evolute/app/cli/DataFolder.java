package dev.evolute.app.cli;

import dev.evolute.app.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --data-dir}: where data sets are looked for. */
final class DataFolder {
  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "folder to look for data sets in first (else: EVOLUTE_DATA)")
  Path path;

  /** The folder, or null; says so at once where it is of no use. */
  Path readable() {
    if (path != null) {
      try (var entries = Files.newDirectoryStream(path)) {
        entries.iterator().hasNext();
      } catch (IOException e) {
        throw new UserException(
            "--data-dir: %s cannot be read (%s); name a readable folder or leave it out"
                .formatted(path, Errors.reason(e)),
            e);
      }
    }
    return path;
  }
}
