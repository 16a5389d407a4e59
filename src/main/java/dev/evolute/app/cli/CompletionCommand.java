package dev.evolute.app.cli;

import dev.evolute.app.UsageException;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code evolute completion SHELL}. */
@Command(
    name = "completion",
    description = "Prints a script that completes commands, options and names in a shell.",
    footer = {
      "",
      "Read it once in a shell, or from its start-up file.",
      "",
      "Examples:",
      "  source <(./evolute completion bash)",
      "  ./evolute completion zsh > ~/.evolute-completion"
    })
final class CompletionCommand implements Runnable {
  private static final List<String> SHELLS = List.of("bash", "zsh");

  @Spec CommandSpec spec;
  @Mixin StandardOptions help;

  @Parameters(
      paramLabel = "SHELL",
      description = "${COMPLETION-CANDIDATES}",
      completionCandidates = Shells.class)
  String shell;

  /** The shells there are. */
  static final class Shells extends Names {
    Shells() {
      super(SHELLS);
    }
  }

  @Override
  public void run() {
    if (!SHELLS.contains(shell)) {
      throw new UsageException("completion: '%s' given, there is bash and zsh".formatted(shell));
    }
    // One script for both: it brings zsh's emulation of bash's completion with it.
    spec.commandLine().getOut().print(AutoComplete.bash("evolute", spec.root().commandLine()));
    spec.commandLine().getOut().flush();
  }
}
