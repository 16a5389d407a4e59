package dev.evolute.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.ReportWriter;
import dev.evolute.app.report.SeriesTable;
import dev.evolute.app.report.StudyResult;
import dev.evolute.app.study.Studies;
import dev.evolute.app.study.Study;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the help shows as examples runs, and what the documentation lists as errors comes about. */
class ExamplesTest {
  private static final Pattern COMMAND = Pattern.compile("(?:\\./)?evolute((?: [^)>]+)*)");

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void whatTheExamplesFindInTheirFolder() throws IOException {
    Files.createDirectories(folder.resolve("cifar"));
    Files.createDirectories(folder.resolve("src"));
    Files.writeString(folder.resolve("src/text"), "to be or not to be, ".repeat(200));
    Line line = Line.solid("l", new double[] {0, 1}, new double[] {0, 1}, 0);
    Figure figure = new Figure("f", "f", "", "", List.of(Chart.titled("t").line(line).build()));
    for (String name : List.of("first", "second", "a", "b", "c")) {
      StudyResult result =
          StudyResult.of("probe").data("d", true, 1, null).metric("m", name.length()).build();
      Path at = folder.resolve("out").resolve(name);
      ReportWriter.write(at, result, new SeriesTable("x"), List.of(figure));
    }
  }

  private int run(boolean real, List<String> arguments) {
    List<Study> studies =
        real
            ? Studies.all()
            : Studies.all().stream()
                .<Study>map(study -> new FakeStudy(study.name(), (settings, progress) -> {}))
                .toList();
    CommandLine line =
        Main.commandLine(type -> type == StudyCommand.class ? new StudyCommand(studies) : null);
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return line.execute(arguments.toArray(String[]::new));
  }

  /** The examples in the help of a command, each as what is typed after {@code evolute}. */
  private static List<List<String>> examples(List<String> command) {
    CommandLine line = Main.commandLine(type -> null);
    for (String name : command) {
      line = line.getSubcommands().get(name);
    }
    String footer = String.join("\n", line.getCommandSpec().usageMessage().footer());
    List<List<String>> all = new ArrayList<>();
    footer
        .substring(footer.indexOf("Examples:") + "Examples:".length())
        .lines()
        .takeWhile(example -> example.isBlank() || !example.startsWith("EVOLUTE"))
        .forEach(
            example -> {
              Matcher found = COMMAND.matcher(example);
              if (found.find()) {
                String typed = found.group(1).strip().replace("%%", "%");
                all.add(typed.isEmpty() ? List.of() : List.of(typed.split(" +")));
              }
            });
    return all;
  }

  /** The same, on small networks and in the test's folder. */
  private List<String> small(List<String> example) {
    List<String> typed = new ArrayList<>(example);
    for (int i = 0; i < typed.size(); i++) {
      String word = typed.get(i);
      String before = i == 0 ? "" : typed.get(i - 1);
      switch (before) {
        case "--out", "--json", "--data-dir", "--weights" ->
            typed.set(i, word.equals("-") ? word : folder.resolve(word).toString());
        case "--model" ->
            typed.set(
                i,
                word.replace("512", "8")
                    .replace("mnist-mlp", "mlp:784-4-10:relu")
                    .replaceFirst("decoder:.*", "decoder:1-2-8-16"));
        case "--data" ->
            typed.set(
                i,
                word.startsWith("text:")
                    ? "text:" + folder.resolve(word.substring("text:".length()))
                    : word.endsWith("-1k") ? word : word + "-1k");
        default -> {
          boolean path =
              typed.get(0).equals("compare") || typed.size() > 1 && typed.get(1).equals("tokens");
          if (path
              && i > 0
              && !word.startsWith("--")
              && !before.startsWith("--")
              && !word.equals("tokens")) {
            typed.set(i, folder.resolve(word).toString());
          }
        }
      }
    }
    switch (typed.get(0)) {
      case "probe", "profile" -> typed.addAll(List.of("--samples", "20", "--threads", "1"));
      case "train" ->
          typed.addAll(List.of("--steps", "2", "--probe-samples", "20", "--threads", "1"));
      default -> {}
    }
    if (!typed.contains("--out") && List.of("study", "train", "compare").contains(typed.get(0))) {
      typed.addAll(List.of("--out", folder.resolve("out").toString()));
    }
    return typed;
  }

  private static boolean isElsewhere(List<String> example) {
    // What is fetched, and what the launcher starts.
    return example.get(0).equals("bench")
        || example.contains("--engine")
        || (example.size() > 1 && example.get(0).equals("data") && example.get(1).equals("get"));
  }

  @Test
  void everyExampleOfTheHelpRuns() {
    assertEquals(
        0,
        run(
            false,
            small(
                List.of(
                    "train", "--model", "mnist-mlp", "--data", "mnist-1k", "--out", "out/train"))));
    int count = 0;
    for (List<String> command : CommandLineTest.everyCommand()) {
      List<List<String>> examples = examples(command);
      assertTrue(!examples.isEmpty(), command + " has no example");
      for (List<String> example : examples) {
        err.getBuffer().setLength(0);
        if (isElsewhere(example)) {
          Main.commandLine(type -> null).parseArgs(example.toArray(String[]::new));
        } else {
          assertEquals(0, run(false, small(example)), example + " " + err);
        }
        count++;
      }
    }
    assertTrue(count > 25, count + " examples");
  }

  /** The studies themselves, as small as they can be. */
  @Test
  @Tag("slow")
  void everyExampleOfAStudyRuns() {
    for (List<String> example : examples(List.of("study"))) {
      List<String> typed = small(example);
      if (!typed.contains("--quick")) {
        typed.add("--quick");
      }
      assertEquals(0, run(true, typed), typed + " " + err);
      assertTrue(Files.exists(folder.resolve("out/report.html")));
    }
  }

  /** The table of errors in src/docs/command-line.md. */
  @Test
  void everyErrorOfTheDocumentationComesAbout() throws IOException {
    Path here = Path.of("").toAbsolutePath();
    Path page = here.resolve("docs/command-line.md");
    page = Files.exists(page) ? page : here.resolve("src/docs/command-line.md");
    Path file = Files.writeString(folder.resolve("file"), "text");
    int count = 0;
    for (String row : Files.readAllLines(page)) {
      String[] cells = row.split(" \\| ");
      if (cells.length != 3 || !cells[0].startsWith("| `evolute ")) {
        continue;
      }
      err.getBuffer().setLength(0);
      out.getBuffer().setLength(0);
      String typed = cells[0].substring("| `evolute ".length(), cells[0].length() - 1);
      List<String> arguments = Arrays.stream(typed.split(" ")).map(word -> at(word, file)).toList();
      // A study is opened for real: what it refuses at once is among the errors.
      assertEquals(Integer.parseInt(cells[1]), run(true, arguments), typed + " " + err);
      String says = at(cells[2].substring(0, cells[2].lastIndexOf(" |")), file);
      assertTrue(err.toString().startsWith("evolute: " + says), typed + ": " + err);
      assertEquals(1, err.toString().lines().count(), err::toString);
      assertEquals("", out.toString());
      count++;
    }
    assertTrue(count > 20, count + " errors");
  }

  private String at(String text, Path file) {
    return text.replace("MISSING", folder.resolve("missing").toString())
        .replace("FILE", file.toString())
        .replace("OUT", folder.resolve("out").toString());
  }
}
