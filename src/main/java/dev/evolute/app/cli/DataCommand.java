package dev.evolute.app.cli;

import dev.evolute.app.data.DataFetch;
import dev.evolute.app.data.DataSets;
import dev.evolute.app.data.Encoding;
import dev.evolute.app.data.Tokens;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code evolute data}: which data sets there are, and how to have more. */
@Command(
    name = "data",
    description = "Lists and fetches data sets, and makes tokens of text.",
    footer = {
      "",
      "Examples:",
      "  evolute data list",
      "  evolute data get mnist",
      "  evolute data tokens src source.tokens"
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {DataCommand.Get.class, DataCommand.Listed.class, DataCommand.Tokenize.class})
final class DataCommand implements Runnable {
  @Spec CommandSpec spec;
  @Mixin StandardOptions help;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
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
    @Mixin DataFolder data;

    @Parameters(
        paramLabel = "NAME",
        description = "${COMPLETION-CANDIDATES}",
        completionCandidates = Fetched.class)
    String name;

    /** What can be fetched. */
    static final class Fetched extends Names {
      Fetched() {
        super(DataFetch.names());
      }
    }

    @Override
    public void run() {
      PrintWriter err = spec.commandLine().getErr();
      Path folder =
          DataFetch.get(
              name,
              data.path,
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
  @Command(
      name = "list",
      description = "Lists the data sets and where they were found.",
      footer = {"", "Examples:", "  evolute data list", "  evolute data list --json -"})
  static final class Listed implements Runnable {
    @Spec CommandSpec spec;
    @Mixin StandardOptions help;
    @Mixin DataFolder data;
    @Mixin JsonOption json;

    @Override
    public void run() {
      List<DataSets.Listing> sets = DataSets.list(data.readable());
      json.check();
      Map<String, Object> object = new LinkedHashMap<>();
      sets.forEach(set -> object.put(set.name(), set.where()));
      json.write(object);
      if (json.onStandardOutput()) {
        return;
      }
      PrintWriter out = spec.commandLine().getOut();
      sets.forEach(set -> out.printf("%-18s%s%n", set.name(), set.where()));
      out.flush();
    }
  }

  /** {@code evolute data tokens}. */
  @Command(
      name = "tokens",
      description = "Makes a token file of UTF-8 text, to be trained on as tokens:FILE.",
      footer = {"", "Examples:", "  evolute data tokens src source.tokens --encoding gpt2"})
  static final class Tokenize implements Runnable {
    @Spec CommandSpec spec;
    @Mixin StandardOptions help;

    @Parameters(
        index = "0",
        paramLabel = "PATH",
        description = "a file, or a folder: all UTF-8 files in it and below")
    Path text;

    @Parameters(index = "1", paramLabel = "FILE", description = "the token file to write")
    Path file;

    @Option(
        names = "--encoding",
        paramLabel = "NAME",
        defaultValue = "bytes",
        description = "bytes or gpt2, its byte-pair encoding (default: ${DEFAULT-VALUE})")
    String encoding;

    @Override
    public void run() {
      Encoding how =
          Arrays.stream(Encoding.values())
              .filter(known -> known.toString().equals(encoding))
              .findFirst()
              .orElseThrow(
                  () ->
                      new ParameterException(
                          spec.commandLine(),
                          "--encoding: '%s' given, bytes and gpt2 are possible"
                              .formatted(encoding)));
      Tokens tokens = Tokens.ofText(text, how);
      tokens.save(file);
      PrintWriter out = spec.commandLine().getOut();
      out.printf("%s: %,d tokens of %,d%n", file, tokens.count(), tokens.vocabulary());
      out.flush();
    }
  }
}
