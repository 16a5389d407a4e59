package dev.evolute.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code --help} and {@code --version}, everywhere. */
@Command(
    versionProvider = Main.Version.class,
    optionListHeading = "%nOptions:%n",
    parameterListHeading = "%nArguments:%n",
    commandListHeading = "%nCommands:%n",
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:done",
      "1:failed; one sentence on standard error says why",
      "2:wrongly called; one sentence says how",
      "130:ended by Ctrl-C, after what there was is written (143 by a kill)"
    })
final class StandardOptions {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "show the version")
  boolean version;
}
