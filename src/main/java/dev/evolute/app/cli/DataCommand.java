package dev.evolute.app.cli;

import dev.evolute.app.data.DataFetch;
import dev.evolute.app.data.DataSets;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code evolute data}: which data sets there are, and how to have more. */
@Command(
    name = "data",
    description = "Lists and fetches data sets.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {DataCommand.Get.class, DataCommand.Listed.class})
final class DataCommand implements Runnable {
  @Spec CommandSpec spec;
  @Mixin StandardOptions help;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing: get or list");
  }

  /** {@code evolute data get NAME}. */
  @Command(
      name = "get",
      description =
          "Fetches a full data set with the package clients of this machine and checks it.",
      footer = {
        "",
        "Examples:",
        "  evolute data get mnist",
        "  evolute data get fashion-mnist --data-dir data"
      })
  static final class Get implements Runnable {
    @Spec CommandSpec spec;
    @Mixin StandardOptions help;
    @Mixin CommonOptions common;

    @Parameters(paramLabel = "NAME", description = "mnist or fashion-mnist")
    String name;

    @Override
    public void run() {
      PrintWriter err = spec.commandLine().getErr();
      Path folder =
          DataFetch.get(
              name,
              common.dataDir,
              line -> {
                err.println("evolute: " + line);
                err.flush();
              });
      PrintWriter out = spec.commandLine().getOut();
      out.println(folder);
      out.flush();
    }
  }

  /** {@code evolute data list}. */
  @Command(name = "list", description = "Lists the data sets and where they were found.")
  static final class Listed implements Runnable {
    @Spec CommandSpec spec;
    @Mixin StandardOptions help;
    @Mixin CommonOptions common;

    @Override
    public void run() {
      PrintWriter out = spec.commandLine().getOut();
      for (DataSets.Listing set : DataSets.list(common.readableDataDir())) {
        out.printf("%-18s%s%n", set.name(), set.where());
      }
      out.flush();
    }
  }
}
