package dev.evolute.app.cli;

import dev.evolute.app.UsageException;
import dev.evolute.app.UserException;
import dev.evolute.app.data.Images;
import dev.evolute.app.data.Text;
import dev.evolute.app.engine.Request;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.probe.Part;
import dev.evolute.app.probe.ProbeSettings;
import dev.evolute.app.study.Progress;
import dev.evolute.kernels.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which network is looked at, and on which samples. */
final class NetworkOptions {
  @Spec(Spec.Target.MIXEE)
  CommandSpec command;

  @Option(names = "--model", required = true, paramLabel = "NAME", description = NamedModel.HELP)
  String model;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "NAME",
      description =
          "which data: ${COMPLETION-CANDIDATES}, "
              + Images.FOLDERS
              + "; for decoders "
              + Text.NAMES,
      completionCandidates = DataNames.class)
  String data;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "how many of its first samples (default: all images, or 8 sequences of a text)")
  Integer samples;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description = "parameters in safetensors (default: at random, from the seed)")
  Path weights;

  /** What {@code --data} takes. */
  static final class DataNames extends Names {
    DataNames() {
      super(Images.NAMES);
    }
  }

  /**
   * Looks at the network, and prints or hands over what was found.
   *
   * @param engine where samples and products are instead, null for this process
   * @param parts what a probe looks at
   * @param fresh whether it starts over where it could go on
   * @return the exit status
   */
  int run(
      CommonOptions common,
      Request engine,
      JsonOption json,
      Set<Part> parts,
      boolean fresh,
      BiFunction<ProbeSettings, Progress, String> look) {
    ProbeSettings settings = settings(common, engine, json, parts, fresh);
    return Foreground.run(
        settings.out(),
        progress -> {
          String found = look.apply(settings, progress);
          if (json.onStandardOutput()) {
            json.copy(settings.json());
            return;
          }
          command.commandLine().getOut().print(found);
          command.commandLine().getOut().flush();
        });
  }

  private ProbeSettings settings(
      CommonOptions common, Request engine, JsonOption json, Set<Part> parts, boolean fresh) {
    if (samples != null && samples < 1) {
      throw new UsageException("--samples: %d given, at least 1 is needed".formatted(samples));
    }
    if (weights != null && Files.isDirectory(weights)) {
      throw new UserException(
          "--weights: %s is a folder; name a file, such as %s"
              .formatted(weights, weights.resolve("model.safetensors")));
    }
    if (weights != null && !Files.isReadable(weights)) {
      throw new UserException("--weights: there is no file %s that can be read".formatted(weights));
    }
    json.check();
    String precision = common.precision();
    return new ProbeSettings(
        model,
        data,
        samples == null ? 0 : samples,
        parts,
        weights,
        precision == null ? null : DType.valueOf(precision.toUpperCase(Locale.ROOT)),
        common.device(),
        common.threads(),
        engine,
        common.seed,
        common.readableDataDir(),
        common.hasOut() ? common.writableOut(command.name(), engine) : null,
        fresh,
        json.path(),
        "./evolute %s %s"
            .formatted(
                command.name(),
                String.join(" ", command.commandLine().getParseResult().originalArgs())));
  }
}
