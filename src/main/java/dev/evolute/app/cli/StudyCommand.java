package dev.evolute.app.cli;

import dev.evolute.app.study.Studies;
import dev.evolute.app.study.Study;
import dev.evolute.app.study.StudySettings;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code evolute study NAME}: runs one study. */
@Command(
    name = "study",
    description = {
      "Reproduces a paper's figures and checks its claims.",
      "Writes summary.json, series.csv, pictures and report.html."
    },
    footer = {
      "",
      "An interrupted run is taken up again where it stopped, unless --fresh is given.",
      "Without a NAME the studies are listed.",
      "",
      "Examples:",
      "  evolute study gd-vs-flow --quick --out out",
      "  evolute study rsc --data-dir cifar --threads 2 --seed 7",
      "  evolute study two-layer --fresh",
      "  evolute study warmup --quick"
    })
final class StudyCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin StandardOptions help;
  @Mixin CommonOptions common;
  @Mixin JsonOption json;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "which study: ${COMPLETION-CANDIDATES}",
      completionCandidates = StudyNames.class)
  String name;

  /** The studies there are. */
  static final class StudyNames extends Names {
    StudyNames() {
      super(Studies.all().stream().map(Study::name).toList());
    }
  }

  @ArgGroup(exclusive = true)
  SizeOption size = new SizeOption();

  /** One of them, or none. */
  static final class SizeOption {
    @Option(names = "--quick", description = "a smaller run of a minute or less")
    boolean quick;

    @Option(names = "--laptop", description = "what a laptop can do; the same as no size")
    boolean laptop;

    @Option(
        names = "--paper",
        description = "the paper's size where a laptop cannot do it (gd-vs-flow, warmup)")
    boolean paper;

    StudySettings.Size wanted() {
      return quick
          ? StudySettings.Size.QUICK
          : paper ? StudySettings.Size.PAPER : StudySettings.Size.LAPTOP;
    }
  }

  @Option(names = "--fresh", description = "start over, even where a run could be resumed")
  boolean fresh;

  private final List<Study> studies;

  StudyCommand() {
    this(Studies.all());
  }

  StudyCommand(List<Study> studies) {
    this.studies = studies;
  }

  @Override
  public Integer call() {
    if (name == null) {
      studies.forEach(
          study -> spec.commandLine().getOut().printf("%-16s%s%n", study.name(), study.title()));
      spec.commandLine().getOut().flush();
      return 0;
    }
    Study study = find();
    Path dataDir = common.readableDataDir();
    json.check();
    Path out = common.writableOut(study.name(), null);
    StudySettings settings =
        new StudySettings(
            size.wanted(),
            common.device(),
            common.threads(),
            common.seed,
            common.precision(),
            out,
            dataDir,
            fresh);
    return Foreground.run(
        settings.out(),
        progress -> {
          study.run(settings, progress);
          json.copy(settings.out().resolve("summary.json"));
        });
  }

  private Study find() {
    return studies.stream()
        .filter(study -> study.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    "unknown study '%s'%s"
                        .formatted(
                            name,
                            Errors.near(
                                name,
                                studies.stream().map(Study::name).toList(),
                                ", there is " + names()))));
  }

  private String names() {
    return studies.isEmpty()
        ? "none yet"
        : studies.stream().map(Study::name).collect(Collectors.joining(", "));
  }
}
