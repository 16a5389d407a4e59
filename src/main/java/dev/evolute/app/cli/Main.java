package dev.evolute.app.cli;

import dev.evolute.app.Evolute;
import dev.evolute.app.UsageException;
import dev.evolute.app.study.Machine;
import dev.evolute.kernels.DeviceUnavailableException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command {@code evolute}. */
@Command(
    name = "evolute",
    description = "Makes the curvature of a neural network cheap to look at.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      StudyCommand.class,
      ProbeCommand.class,
      ProfileCommand.class,
      TrainCommand.class,
      CompareCommand.class,
      BenchCommand.class,
      DataCommand.class,
      DoctorCommand.class,
      CompletionCommand.class
    },
    footer = {
      "",
      "Examples:",
      "  evolute study gd-vs-flow --quick --out out",
      "  evolute probe --model mnist-mlp --data mnist-1k --out out",
      "  evolute train --model mnist-mlp --data mnist-1k --quick",
      "  evolute compare out/first out/second",
      "  evolute doctor",
      "  evolute data get mnist",
      "  evolute bench gemm --quick",
      "",
      "EVOLUTE_JAVA_OPTS adds options for the Java machine, EVOLUTE_DATA names a data folder,",
      "EVOLUTE_DEBUG=1 shows where an error comes from, NO_COLOR=1 leaves colours out."
    })
public final class Main implements Runnable {
  /** Exit status of a command that was interrupted by the user. */
  static final int INTERRUPTED = 130;

  private static final int WIDEST_HELP = 96;

  /** The parser has no less. */
  private static final int NARROWEST_HELP = 55;

  @Spec CommandSpec spec;
  @Mixin StandardOptions help;

  private Main() {}

  /**
   * Runs one command and ends the process: 0 done, 1 failed, 2 wrongly called, 130 interrupted.
   *
   * @param arguments the command line
   */
  public static void main(String[] arguments) {
    StandardError.restore();
    Locale.setDefault(Locale.ROOT);
    CommandLine line = commandLine(command -> null);
    if (StandardError.isTerminal()) {
      int columns = Math.min(StandardError.columns(), WIDEST_HELP);
      line.setUsageHelpWidth(Math.max(columns, NARROWEST_HELP));
    }
    System.exit(line.execute(arguments));
  }

  /**
   * The parser with all its commands.
   *
   * @param commands makes a command of the given class, or returns null to have the usual one
   */
  static CommandLine commandLine(Function<Class<?>, Object> commands) {
    CommandLine.IFactory usual = CommandLine.defaultFactory();
    CommandLine.IFactory factory =
        new CommandLine.IFactory() {
          @Override
          public <K> K create(Class<K> type) throws Exception {
            Object command = commands.apply(type);
            return command == null ? usual.create(type) : type.cast(command);
          }
        };
    CommandLine line = new CommandLine(new Main(), factory);
    line.setUsageHelpWidth(WIDEST_HELP);
    line.setExpandAtFiles(false);
    line.setParameterExceptionHandler(
        (e, arguments) ->
            report(e.getCommandLine(), Errors.usage(e), e, CommandLine.ExitCode.USAGE));
    // The parser hands exceptions to the handler below, but not errors such as a full heap.
    line.setExecutionStrategy(
        parsed -> {
          try {
            return new CommandLine.RunLast().execute(parsed);
          } catch (Error e) {
            throw new ExecutionException(parsed.commandSpec().commandLine(), e.toString(), e);
          }
        });
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
          int status =
              cause instanceof UsageException || cause instanceof DeviceUnavailableException
                  ? CommandLine.ExitCode.USAGE
                  : CommandLine.ExitCode.SOFTWARE;
          return report(command, Errors.failure(cause), cause, status);
        });
    return line;
  }

  /** Without a command the help says what could be done. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  static boolean debug() {
    return "1".equals(System.getenv("EVOLUTE_DEBUG"));
  }

  private static int report(CommandLine command, String sentence, Throwable cause, int status) {
    PrintWriter err = command.getErr();
    err.println("evolute: " + sentence);
    if (debug()) {
      cause.printStackTrace(err);
    }
    err.flush();
    return status;
  }

  /** What {@code --version} prints. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      Machine machine = Machine.here();
      return new String[] {
        "evolute " + Evolute.version(),
        "JDK %s (%s), %s"
            .formatted(machine.jdk(), System.getProperty("java.vm.name"), machine.os()),
        machine.vectorBits() == 0
            ? "no vectors: started without --add-modules jdk.incubator.vector"
            : "vectors of %d bits, %s".formatted(machine.vectorBits(), machine.cpu())
      };
    }
  }
}
