package dev.evolute.app.cli;

import dev.evolute.app.UserException;
import dev.evolute.kernels.DeviceUnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever went wrong into one sentence. */
final class Errors {
  private static final String VECTOR_API = "jdk/incubator/vector";

  /** What picocli says of a number, in words of Java. */
  private static final Pattern TYPE =
      Pattern.compile(
          "Invalid value for option '(--?[\\w-]+).*': '(.*)' is not an? (int|long|double)");

  private Errors() {}

  /** The sentence for a wrong command line, with where to read more. */
  static String usage(ParameterException e) {
    CommandLine command = e.getCommandLine();
    String more = "'" + command.getCommandSpec().qualifiedName() + " --help' tells more";
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
      String first = unmatched.getUnmatched().get(0);
      if (unmatched.isUnknownOption()) {
        return "unknown option '%s'%s; %s"
            .formatted(
                first, near(first, command.getCommandSpec().optionsMap().keySet(), ""), more);
      }
      if (!command.getSubcommands().isEmpty()) {
        Set<String> commands = command.getSubcommands().keySet();
        String all = ", there is " + String.join(", ", commands);
        return "unknown command '%s'%s; %s".formatted(first, near(first, commands, all), more);
      }
      return "'%s' is one argument too many; %s".formatted(first, more);
    }
    Matcher type = TYPE.matcher(line(e.getMessage()));
    return type.matches()
        ? "%s: '%s' given, a %s is needed; %s"
            .formatted(
                type.group(1),
                type.group(2),
                type.group(3).equals("double") ? "number" : "whole number",
                more)
        : line(e.getMessage()) + "; " + more;
  }

  /** What was probably meant, or what else to say. */
  static String near(String wrong, Collection<String> names, String otherwise) {
    return Nearest.to(wrong, names).map(name -> ", did you mean " + name + "?").orElse(otherwise);
  }

  /** The sentence for a command that failed. */
  static String failure(Throwable e) {
    boolean meantForUsers =
        e instanceof UserException
            || e instanceof DeviceUnavailableException
            || e instanceof IllegalArgumentException
            || e instanceof IllegalStateException;
    if (meantForUsers && e.getMessage() != null) {
      return line(e.getMessage());
    }
    if (e instanceof UncheckedIOException && e.getCause() != null) {
      return failure(e.getCause());
    }
    if (e instanceof IOException) {
      return "a file could not be read or written: " + reason((IOException) e);
    }
    if (e instanceof OutOfMemoryError) {
      return "out of memory (%s); take a smaller problem, or give the Java heap more, for example"
              .formatted(line(String.valueOf(e.getMessage())))
          + " with EVOLUTE_JAVA_OPTS=-Xmx16g";
    }
    if (e instanceof NoClassDefFoundError && String.valueOf(e.getMessage()).contains(VECTOR_API)) {
      return "this Java was started without the Vector API; start it with --add-modules"
          + " jdk.incubator.vector, as the command evolute does";
    }
    return "internal error (%s), please report it; EVOLUTE_DEBUG=1 shows where"
        .formatted(line(e.toString()));
  }

  /** Why a file could not be used, in a few words. */
  static String reason(IOException e) {
    if (!(e instanceof FileSystemException)) {
      return line(e.getMessage() == null ? e.toString() : e.getMessage());
    }
    FileSystemException problem = (FileSystemException) e;
    String why;
    if (e instanceof AccessDeniedException) {
      why = "permission denied";
    } else if (e instanceof NoSuchFileException) {
      why = "no such file or folder";
    } else if (e instanceof FileAlreadyExistsException) {
      why = "a file of that name is in the way";
    } else if (e instanceof NotDirectoryException) {
      why = "not a folder";
    } else {
      why = problem.getReason() == null ? "unknown reason" : problem.getReason();
    }
    return problem.getFile() + ": " + why.toLowerCase(Locale.ROOT);
  }

  private static String line(String message) {
    return message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
