package dev.evolute.app.cli;

import dev.evolute.app.UserException;
import dev.evolute.app.report.ReportWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code --json FILE}: the result for programs, in a file or on standard output. */
final class JsonOption {
  private static final String STANDARD_OUTPUT = "-";

  @Spec(Spec.Target.MIXEE)
  CommandSpec command;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "file for the result as JSON; - is standard output")
  String file;

  /** Whether the result goes to standard output, which then has nothing else. */
  boolean onStandardOutput() {
    return STANDARD_OUTPUT.equals(file);
  }

  /** Says so before the work if the file cannot be written. */
  void check() {
    if (file != null && !onStandardOutput()) {
      if (Files.isDirectory(Path.of(file))) {
        throw new UserException(
            "--json: %s is a folder; name a file, or - for standard output"
                .formatted(file.isEmpty() ? "." : file));
      }
      CommonOptions.writable("--json", Path.of(file).toAbsolutePath().getParent());
    }
  }

  /** Where a result that is written as a file goes first; null where none is wanted. */
  Path path() {
    if (!onStandardOutput()) {
      return file == null ? null : Path.of(file);
    }
    try {
      Path between = Files.createTempFile("evolute", ".json");
      between.toFile().deleteOnExit();
      return between;
    } catch (IOException e) {
      throw new UserException(
          "--json: no temporary file can be made (%s); name a file".formatted(Errors.reason(e)), e);
    }
  }

  /** Hands over an object of maps, lists, numbers and texts, where it is wanted. */
  void write(Map<String, ?> object) {
    if (onStandardOutput()) {
      print(ReportWriter.json(object));
    } else if (file != null) {
      ReportWriter.writeJson(Path.of(file), object);
    }
  }

  /** Hands over a file that is there, where it is wanted. */
  void copy(Path from) {
    try {
      if (onStandardOutput()) {
        print(Files.readString(from));
      } else if (file != null) {
        Files.copy(from, Path.of(file), StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UserException(
          "--json: %s cannot be written (%s); name another file".formatted(file, Errors.reason(e)),
          e);
    }
  }

  private void print(String text) {
    command.commandLine().getOut().print(text);
    command.commandLine().getOut().flush();
  }
}
