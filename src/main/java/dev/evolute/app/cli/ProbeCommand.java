package dev.evolute.app.cli;

import dev.evolute.app.UsageException;
import dev.evolute.app.UserException;
import dev.evolute.app.data.Images;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.probe.Probe;
import dev.evolute.app.probe.ProbeSettings;
import dev.evolute.kernels.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
      "Ctrl-C ends it with what there is.",
      "",
      "Examples:",
      "  evolute probe --model mnist-mlp --data mnist-1k --json probe.json",
      "  evolute probe --model mlp:784-512-512-10:tanh --data fashion-mnist-1k --out out",
      "  evolute probe --model mnist-mlp --data mnist-1k --weights out/train/model.safetensors"
    })
final class ProbeCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin StandardOptions help;
  @Mixin CommonOptions common;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "NAME",
      description = "which network: " + NamedModel.OF_IMAGES)
  String model;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "NAME",
      description = "which data: ${COMPLETION-CANDIDATES}",
      completionCandidates = DataNames.class)
  String data;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "how many of its first samples (default: all)")
  Integer samples;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description = "parameters in safetensors (default: at random, from the seed)")
  Path weights;

  @Mixin JsonOption json;

  /** What {@code --data} takes. */
  static final class DataNames extends Names {
    DataNames() {
      super(Images.NAMES);
    }
  }

  @Override
  public Integer call() {
    if (samples != null && samples < 1) {
      throw new UsageException("--samples: %d given, at least 1 is needed".formatted(samples));
    }
    if (weights != null && !Files.isReadable(weights)) {
      throw new UserException("--weights: there is no file %s that can be read".formatted(weights));
    }
    json.check();
    String precision = common.precision();
    ProbeSettings settings =
        new ProbeSettings(
            model,
            data,
            samples == null ? 0 : samples,
            weights,
            precision == null ? null : DType.valueOf(precision.toUpperCase(Locale.ROOT)),
            common.device(),
            common.threads(),
            common.seed,
            common.readableDataDir(),
            common.hasOut() ? common.writableOut("probe") : null,
            json.path(),
            command());
    return Foreground.run(
        settings.out(),
        progress -> {
          String found = Probe.run(settings, progress);
          if (json.onStandardOutput()) {
            json.copy(settings.json());
            return;
          }
          spec.commandLine().getOut().print(found);
          spec.commandLine().getOut().flush();
        });
  }

  private String command() {
    return "./evolute probe "
        + String.join(" ", spec.commandLine().getParseResult().originalArgs());
  }
}
