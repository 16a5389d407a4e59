package dev.evolute.app.cli;

import dev.evolute.app.probe.Part;
import dev.evolute.app.probe.Probe;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code evolute probe}: looks at the Hessian of one network. */
@Command(
    name = "probe",
    description = {
      "Looks at the Hessian of a network's loss.",
      "Both ends of its spectrum with their intervals, density, trace, Frobenius norm, and the",
      "norms of its blocks, layer by layer."
    },
    footer = {
      "",
      "The result is printed; --json writes it to a file, --out a report with pictures to a"
          + " folder.",
      "Ctrl-C ends it with what there is; with --out the same command goes on from there, unless",
      "--fresh is given.",
      "",
      "Examples:",
      "  evolute probe --model mnist-mlp --data mnist-1k --json probe.json",
      "  evolute probe --model mlp:784-512-512-10:tanh --data fashion-mnist-1k --out out",
      "  evolute probe --model mnist-mlp --data mnist-1k --weights out/train/model.safetensors",
      "  evolute probe --model decoder:6-6-384-256 --data text:src --parts ends",
      "  evolute probe --model mnist-mlp --data mnist-1k --engine 'local-cluster[2]'"
    })
final class ProbeCommand implements Callable<Integer> {
  @Mixin StandardOptions help;
  @Mixin NetworkOptions network;
  @Mixin JsonOption json;

  @Option(
      names = "--parts",
      paramLabel = "NAMES",
      description =
          "what is looked at beside the ends of the spectrum: some of ends, density, trace, layers,"
              + " with commas between them (default: all)")
  String parts;

  @Option(names = "--fresh", description = "start over, even where --out has a probe to resume")
  boolean fresh;

  @Mixin EngineOptions engine;
  @Mixin CommonOptions common;

  @Override
  public Integer call() {
    return network.run(
        common, engine.request(common.device()), json, Part.of(parts), fresh, Probe::run);
  }
}
