package dev.evolute.app.cli;

import dev.evolute.app.UserException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Unmatched;

/**
 * {@code evolute bench}, so that it is listed and completed: the launcher starts the benchmarks,
 * which no module imports, by themselves.
 */
@Command(
    name = "bench",
    description = {
      "Times kernels, derivatives, solvers and training beside other libraries.",
      "It is built from the sources, with its peers: start it as ./evolute bench."
    },
    footer = {
      "",
      "Examples:",
      "  ./evolute bench gemm --quick --json out/gemm.json",
      "  ./evolute bench elementwise --report"
    })
final class BenchCommand implements Runnable {
  @Mixin StandardOptions help;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "which benchmark: ${COMPLETION-CANDIDATES}",
      completionCandidates = Benchmarks.class)
  String name;

  @Unmatched List<String> rest;

  /** As the benchmarks call themselves. */
  static final class Benchmarks extends Names {
    Benchmarks() {
      super(
          List.of(
              "gemm",
              "elementwise",
              "blas1",
              "gradient",
              "hvp",
              "gradient-blocks",
              "hvp-blocks",
              "spectral",
              "split",
              "hvp-split",
              "starts",
              "train"));
    }
  }

  @Override
  public void run() {
    throw new UserException(
        "bench measures beside libraries that are fetched when it is built; start it from the"
            + " sources, as ./evolute bench");
  }
}
