package dev.evolute.bench.duel;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code evolute bench}. */
@Command(
    name = "evolute bench",
    description = {
      "Measures Evolute beside its peers, in turns of a few milliseconds each.",
      "Prints the table; --json and --report leave files."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:done",
      "1:failed; one sentence on standard error says why",
      "2:wrongly called; one sentence says how",
      "130:ended by Ctrl-C"
    },
    footer = {
      "",
      "Examples:",
      "  evolute bench gemm --quick --json out/gemm.json",
      "  evolute bench gemm --only 'f32 1024' --threads 1 --peers onemkl",
      "  evolute bench elementwise --report"
    })
public final class BenchCommand implements Callable<Integer> {
  private static final int MAX_THREADS = 4096;
  private static final String ALL = "all";
  private static final String NONE = "none";

  @Spec CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "which benchmark")
  private String name;

  @Option(names = "--quick", description = "a smaller grid, done within 50 s")
  private boolean quick;

  @Option(names = "--json", paramLabel = "FILE", description = "writes the benchmark file")
  private Path json;

  @Option(
      names = "--report",
      description = "writes a table in Markdown with a chart to the folder --out")
  private boolean report;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "folder of the report (default: out/bench-NAME)")
  private Path out;

  @Option(
      names = "--threads",
      paramLabel = "N",
      split = ",",
      description = "thread counts to measure (default: 1 and, with two cores, 2)")
  private List<Integer> threads;

  @Option(
      names = "--peers",
      paramLabel = "NAME",
      split = ",",
      description = "whom to measure beside; also all or none (default: all, fast ones if quick)")
  private List<String> peers;

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      description = "only cases in which this is found, from the full grid")
  private String only;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "shows this help and ends")
  private boolean help;

  /**
   * Runs one benchmark and ends the process: 0 done, 1 failed, 2 wrongly called.
   *
   * @param arguments the command line after {@code evolute bench}
   */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    Runtime.getRuntime().addShutdownHook(Opponent.shutdownHook());
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new BenchCommand());
    line.setUsageHelpWidth(96);
    line.setExpandAtFiles(false);
    line.setParameterExceptionHandler(
        (e, arguments) ->
            report(
                line,
                e.getMessage() + "; 'evolute bench --help' tells more",
                e,
                CommandLine.ExitCode.USAGE));
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          String sentence =
              e instanceof BenchException
                  ? e.getMessage()
                  : e instanceof IOException
                      ? "a file could not be written: " + e.getMessage()
                      : "internal error (" + e + "), please report it; EVOLUTE_DEBUG=1 shows where";
          return report(line, sentence, e, CommandLine.ExitCode.SOFTWARE);
        });
    return line;
  }

  private static int report(CommandLine line, String sentence, Exception cause, int status) {
    PrintWriter err = line.getErr();
    err.println("evolute: " + sentence.strip().replaceAll("\\s*\\R\\s*", " "));
    if (cause != null && "1".equals(System.getenv("EVOLUTE_DEBUG"))) {
      cause.printStackTrace(err);
    }
    err.flush();
    return status;
  }

  @Override
  public Integer call() throws IOException {
    Bench bench = bench();
    Optional<String> trouble = bench.trouble();
    if (trouble.isPresent()) {
      return report(spec.commandLine(), trouble.get(), null, CommandLine.ExitCode.USAGE);
    }
    List<Integer> counts = counts();
    List<Entrant> entrants = entrants(bench);
    List<Case> cases = cases(bench, counts);
    Path folder = report ? made(out == null ? Path.of("out", "bench-" + name) : out) : null;
    if (json != null && json.toAbsolutePath().getParent() != null) {
      made(json.toAbsolutePath().getParent());
    }
    Outcome outcome = run(bench, entrants, cases, counts);
    if (json != null) {
      Files.writeString(json, BenchFile.text(outcome));
    }
    if (folder != null) {
      String chart = "bench-" + name + ".svg";
      Files.writeString(folder.resolve(chart), RatioChart.svg(outcome));
      Files.writeString(folder.resolve("bench-" + name + ".md"), BenchTable.report(outcome, chart));
    }
    PrintWriter stdout = spec.commandLine().getOut();
    stdout.print(BenchTable.rows(outcome, outcome.rows()));
    stdout.println();
    stdout.print(BenchTable.summary(outcome));
    stdout.print(BenchTable.attempts(outcome));
    stdout.flush();
    if (!outcome.note().isEmpty()) {
      System.err.println("evolute: " + outcome.note());
    }
    if (folder != null) {
      System.err.println("evolute: the report is in " + folder);
    }
    return 0;
  }

  private Outcome run(Bench bench, List<Entrant> entrants, List<Case> cases, List<Integer> counts) {
    long start = System.nanoTime();
    BenchProgress progress = new BenchProgress(System.err, live(), bench.name());
    Bench.Findings found = bench.measure(cases, entrants, quick ? Pace.QUICK : Pace.FULL, progress);
    if (found.rows().isEmpty()) {
      throw new BenchException("evolute has none of the functions asked for");
    }
    return new Outcome(
        bench,
        quick,
        machine(found.vectorBits(), counts),
        found.contenders(),
        found.rows(),
        1e-9 * (System.nanoTime() - start));
  }

  private static boolean live() {
    return !System.getenv().getOrDefault("TERM", "dumb").equals("dumb")
        && System.console() != null
        && System.console().isTerminal();
  }

  private Bench bench() {
    String names = Bench.ALL.stream().map(Bench::name).collect(Collectors.joining(", "));
    if (name == null) {
      throw usage("the name of a benchmark is missing: " + names);
    }
    return Bench.ALL.stream()
        .filter(bench -> bench.name().equals(name))
        .findFirst()
        .orElseThrow(() -> usage("unknown benchmark '%s', there is %s".formatted(name, names)));
  }

  private List<Integer> counts() {
    if (threads == null) {
      return Runtime.getRuntime().availableProcessors() < 2 ? List.of(1) : List.of(1, 2);
    }
    for (int count : threads) {
      if (count < 1 || count > MAX_THREADS) {
        throw usage("--threads: %d given, 1 to %d are possible".formatted(count, MAX_THREADS));
      }
    }
    return threads.stream().distinct().toList();
  }

  private List<Entrant> entrants(Bench bench) {
    List<String> names = bench.peers().stream().map(Entrant::name).toList();
    if (peers == null) {
      List<Entrant> wanted = bench.peers().stream().filter(peer -> peer.quick() || !quick).toList();
      List<Entrant> there = wanted.stream().filter(Entrant::present).toList();
      if (there.size() < wanted.size()) {
        String missing =
            wanted.stream()
                .filter(peer -> !there.contains(peer))
                .map(Entrant::name)
                .collect(Collectors.joining(", "));
        System.err.println("evolute: measuring without " + missing + ", which are not here");
      }
      return there;
    }
    List<Entrant> chosen = new ArrayList<>();
    for (String peer : peers) {
      if (peer.equals(NONE) && peers.size() == 1) {
        return List.of();
      }
      if (!peer.equals(ALL) && !names.contains(peer)) {
        throw usage(
            "--peers: '%s' given, there is %s, all and none"
                .formatted(peer, String.join(", ", names)));
      }
      for (Entrant entrant : bench.peers()) {
        if (peer.equals(ALL) || entrant.name().equals(peer)) {
          if (!entrant.present()) {
            throw new BenchException(
                "--peers: %s is not here, and is fetched on Linux on x86-64 only"
                    .formatted(entrant.name()));
          }
          if (!chosen.contains(entrant)) {
            chosen.add(entrant);
          }
        }
      }
    }
    return chosen;
  }

  private List<Case> cases(Bench bench, List<Integer> counts) {
    List<Case> cases = bench.cases(quick && only == null, counts);
    if (only != null) {
      try {
        Pattern pattern = Pattern.compile(only);
        cases = cases.stream().filter(c -> pattern.matcher(c.toString()).find()).toList();
      } catch (PatternSyntaxException e) {
        throw usage(
            "--only: '%s' is no regular expression (%s)".formatted(only, e.getDescription()));
      }
      if (cases.isEmpty()) {
        throw usage("--only: '%s' is found in none of the cases of %s".formatted(only, name));
      }
    }
    return cases;
  }

  private static Path made(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new BenchException(
          "the folder %s cannot be made (%s); name another".formatted(folder, e.getMessage()), e);
    }
  }

  private static Map<String, Object> machine(int vectorBits, List<Integer> counts) {
    Map<String, Object> machine = new LinkedHashMap<>();
    machine.put("cpu", cpu());
    machine.put("vectorBits", vectorBits);
    machine.put("threads", counts.stream().mapToInt(Integer::intValue).max().orElse(1));
    machine.put("device", "cpu");
    machine.put("jdk", System.getProperty("java.version"));
    return machine;
  }

  private static String cpu() {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException elsewhereThanLinux) {
      return System.getProperty("os.arch");
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
