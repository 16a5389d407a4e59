package dev.evolute.app.cli;

import dev.evolute.app.UsageException;
import dev.evolute.app.report.Comparison;
import dev.evolute.app.report.ReportWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code evolute compare A B ...}: lays results side by side. */
@Command(
    name = "compare",
    description = {
      "Lays results side by side.",
      "Shows what of their settings, numbers and claims differs, and their pictures over each other.",
      "Writes compare.html and compare.json."
    },
    footer = {
      "",
      "Examples:",
      "  evolute compare out/first out/second",
      "  evolute compare out/a/report.html out/b/report.html out/c/report.html --out out/three"
    })
final class CompareCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin StandardOptions help;
  @Mixin JsonOption json;

  @Parameters(
      arity = "0..*",
      paramLabel = "RESULT",
      description =
          "folders that a study, a probe or a training wrote, their report.html, or a summary of"
              + " --json")
  List<Path> results;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "out/compare",
      description = "folder for the result files (default: ${DEFAULT-VALUE})")
  Path out;

  @Override
  public Integer call() {
    if (results == null || results.size() < 2) {
      throw new UsageException("compare needs two results or more; name their folders");
    }
    if (results.size() > Comparison.MOST) {
      throw new UsageException(
          "compare: %d results given, 2 to %d are possible"
              .formatted(results.size(), Comparison.MOST));
    }
    Comparison comparison = Comparison.of(results);
    json.check();
    CommonOptions.writable("--out", out);
    String command =
        "./evolute compare " + String.join(" ", spec.commandLine().getParseResult().originalArgs());
    ReportWriter.write(out, comparison, command);
    json.write(comparison.json());
    if (!json.onStandardOutput()) {
      spec.commandLine().getOut().print(comparison.text());
      spec.commandLine().getOut().flush();
    }
    spec.commandLine().getErr().println("evolute: the page is " + out.resolve("compare.html"));
    spec.commandLine().getErr().flush();
    return 0;
  }
}
