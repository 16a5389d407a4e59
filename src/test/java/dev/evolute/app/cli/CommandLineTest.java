package dev.evolute.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evolute.app.UserException;
import dev.evolute.app.study.Study;
import dev.evolute.app.study.StudySettings;
import dev.evolute.kernels.DeviceUnavailableException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Every error is one sentence and an exit status, and options arrive where they belong. */
class CommandLineTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Consumer<StudySettings> work = settings -> {};
  private StudySettings received;

  private int run(String... arguments) {
    Study probe =
        new FakeStudy(
            "probe",
            (settings, progress) -> {
              received = settings;
              work.accept(settings);
            });
    CommandLine line =
        Main.commandLine(
            type -> type == StudyCommand.class ? new StudyCommand(List.of(probe)) : null);
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return line.execute(arguments);
  }

  private void fails(int status, String sentence, String... arguments) {
    assertEquals(status, run(arguments), err::toString);
    assertEquals("evolute: " + sentence + System.lineSeparator(), err.toString());
    assertEquals("", out.toString());
  }

  private int study(String... more) {
    String[] all = new String[more.length + 4];
    System.arraycopy(new String[] {"study", "probe", "--out", folder.toString()}, 0, all, 0, 4);
    System.arraycopy(more, 0, all, 4, more.length);
    return run(all);
  }

  @Test
  void optionsHaveTheirDefaults() {
    assertEquals(0, study());
    assertEquals(
        new StudySettings(
            false, "cpu", Runtime.getRuntime().availableProcessors(), 1, null, folder, null, false),
        received);
  }

  @Test
  void oneSizeAtMostReachesTheStudy() {
    assertEquals(0, study("--laptop"));
    assertEquals(StudySettings.Size.LAPTOP, received.size());
    assertEquals(0, study("--paper"));
    assertEquals(StudySettings.Size.PAPER, received.size());
    assertEquals(2, study("--quick", "--paper"));
  }

  @Test
  void anAbsentDeviceLeavesNoFolderBehind() {
    Path out = folder.resolve("absent");
    assertEquals(2, run("study", "probe", "--device", "cuda:99", "--out", out.toString()));
    assertNull(received);
    assertFalse(Files.exists(out));
  }

  /** The device of executors is none of this machine's business; that there are none, is. */
  @Test
  void anAbsentEngineIsToldBeforeTheDevice() {
    Path out = folder.resolve("absent");
    for (String command : new String[] {"probe", "train"}) {
      String[] words = {
        command, "--model", "mnist-mlp", "--data", "mnist-1k", "--engine", "local[2]"
      };
      List<String> line = new ArrayList<>(List.of(words));
      line.addAll(List.of("--device", "cuda:99", "--out", out.toString()));
      assertEquals(2, run(line.toArray(String[]::new)));
      assertTrue(err.toString().contains("this installation has no engine"), err::toString);
      err.getBuffer().setLength(0);
      assertFalse(Files.exists(out));
    }
  }

  @Test
  void optionsReachTheStudy() {
    Path out = folder.resolve("a/b");
    assertEquals(
        0,
        run(
            "study",
            "probe",
            "--quick",
            "--fresh",
            "--device",
            "cuda:software",
            "--threads=3",
            "--seed",
            "-7",
            "--precision",
            "f64",
            "--out",
            out.toString(),
            "--data-dir",
            folder.toString()));
    assertEquals(
        new StudySettings(true, "cuda:software", 3, -7, "f64", out, folder, true), received);
    assertTrue(Files.isDirectory(out));
  }

  @Test
  void unknownOptionIsNamed() {
    fails(
        2,
        "unknown option '--thread', did you mean --threads?;"
            + " 'evolute study --help' tells more",
        "study",
        "probe",
        "--thread",
        "2");
  }

  @Test
  void unknownCommandIsNamed() {
    fails(
        2,
        "unknown command 'frobnicate', there is study, probe, profile, train, compare, bench, data,"
            + " doctor, completion; 'evolute --help' tells more",
        "frobnicate");
  }

  @Test
  void aSecondStudyIsOneArgumentTooMany() {
    fails(
        2,
        "'two' is one argument too many; 'evolute study --help' tells more",
        "study",
        "probe",
        "two");
  }

  @Test
  void anOptionLikeNoOtherGetsNoSuggestion() {
    fails(2, "unknown option '--zzz'; 'evolute doctor --help' tells more", "doctor", "--zzz");
  }

  @Test
  void unknownStudyListsThoseThereAre() {
    fails(
        2,
        "unknown study 'gd-vs-flaw', there is probe; 'evolute study --help' tells more",
        "study",
        "gd-vs-flaw");
  }

  @Test
  void studyWithoutNameListsThoseThereAre() {
    assertEquals(0, run("study"));
    assertEquals("probe           a fake" + System.lineSeparator(), out.toString());
  }

  @Test
  void misspeltNamesAreGuessed() {
    String[][] slips = {
      {"stduy", "unknown command 'stduy', did you mean study?; 'evolute --help' tells more"},
      {"prob", "unknown command 'prob', did you mean probe?; 'evolute --help' tells more"},
      {"comp", "unknown command 'comp', did you mean compare?; 'evolute --help' tells more"},
    };
    for (String[] slip : slips) {
      err.getBuffer().setLength(0);
      fails(2, slip[1], slip[0]);
    }
    err.getBuffer().setLength(0);
    fails(
        2,
        "unknown study 'probr', did you mean probe?; 'evolute study --help' tells more",
        "study",
        "probr");
    err.getBuffer().setLength(0);
    fails(
        2,
        "unknown option '--thraeds', did you mean --threads?; 'evolute study --help' tells more",
        "study",
        "--thraeds",
        "2");
  }

  @Test
  void slipsAreCounted() {
    assertEquals(0, Nearest.slips("", ""));
    assertEquals(5, Nearest.slips("", "probe"));
    assertEquals(1, Nearest.slips("stduy", "study"));
    assertEquals(1, Nearest.slips("trian", "train"));
    assertEquals(2, Nearest.slips("dactar", "doctor"));
    assertEquals(3, Nearest.slips("kitten", "sitting"));
    assertTrue(Nearest.to("x", List.of("study", "probe")).isEmpty());
  }

  @Test
  void withoutACommandThereIsHelp() {
    assertEquals(0, run());
    assertTrue(out.toString().startsWith("Usage: evolute"), out::toString);
    for (String command :
        List.of("study", "probe", "train", "compare", "bench", "data", "doctor", "completion")) {
      assertTrue(out.toString().contains("\n  " + command + " "), command);
    }
    // Of each command the list shows the first line of its description.
    assertTrue(out.toString().contains("\n  doctor      Tells"), out::toString);
    assertTrue(
        out.toString()
            .lines()
            .filter(l -> l.matches("  [a-z]+  +\\S.*"))
            .allMatch(l -> l.endsWith(".")),
        out::toString);
    out.getBuffer().setLength(0);
    assertEquals(0, run("data"));
    assertTrue(out.toString().startsWith("Usage: evolute data"), out::toString);
    assertEquals("", err.toString());
  }

  @Test
  void zeroThreadsAreRefused() {
    fails(
        2,
        "--threads: 0 given, 1 to 4096 are possible; 'evolute study --help' tells more",
        "study",
        "probe",
        "--threads",
        "0");
  }

  @Test
  void threadsThatAreNoNumberAreRefused() {
    assertEquals(2, run("study", "probe", "--threads", "many"));
    assertEquals(1, err.toString().lines().count());
    assertTrue(err.toString().startsWith("evolute: ") && err.toString().contains("'many'"));
  }

  @Test
  void unknownPrecisionIsRefused() {
    fails(
        2,
        "--precision: 'f16' given, f32 and f64 are possible; 'evolute study --help' tells more",
        "study",
        "probe",
        "--precision",
        "f16");
  }

  @Test
  void outBelowAFileIsRefusedBeforeTheStudyRuns() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Path out = file.resolve("below");
    assertEquals(1, run("study", "probe", "--out", out.toString()));
    assertEquals(1, err.toString().lines().count());
    assertTrue(
        err.toString().startsWith("evolute: --out: files cannot be written to " + out + " ("),
        err::toString);
    assertNull(received);
  }

  @Test
  void outLeavesNothingBehindByItself() throws IOException {
    assertEquals(0, study());
    try (var files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void missingDataFolderIsRefusedBeforeTheStudyRuns() {
    Path missing = folder.resolve("missing");
    assertEquals(1, study("--data-dir", missing.toString()));
    assertEquals(
        "evolute: --data-dir: %s cannot be read (%s: no such file or folder); name a readable folder"
                .formatted(missing, missing)
            + " or leave it out"
            + System.lineSeparator(),
        err.toString());
    assertNull(received);
  }

  @Test
  void sentencesMeantForUsersAreShownAsTheyAre() {
    for (RuntimeException e :
        List.of(
            new UserException("no luck"),
            new IllegalArgumentException("no luck"),
            new IllegalStateException("no\n   luck"))) {
      err.getBuffer().setLength(0);
      work =
          settings -> {
            throw e;
          };
      assertEquals(1, study());
      assertEquals("evolute: no luck" + System.lineSeparator(), err.toString());
    }
  }

  @Test
  void aDeviceThatIsNotThereIsAWrongArgument() {
    work =
        settings -> {
          throw new DeviceUnavailableException("no luck");
        };
    assertEquals(2, study());
    assertEquals("evolute: no luck" + System.lineSeparator(), err.toString());
  }

  @Test
  void fileErrorsNameTheFile() {
    work =
        settings -> {
          throw new UncheckedIOException(new NoSuchFileException("x/y"));
        };
    assertEquals(1, study());
    assertEquals(
        "evolute: a file could not be read or written: x/y: no such file or folder"
            + System.lineSeparator(),
        err.toString());
  }

  @Test
  void anythingElseIsAnInternalErrorWithoutAStackTrace() {
    work =
        settings -> {
          throw new ArrayIndexOutOfBoundsException("Index 3");
        };
    assertEquals(1, study());
    assertEquals(
        "evolute: internal error (java.lang.ArrayIndexOutOfBoundsException: Index 3), please report"
            + " it; EVOLUTE_DEBUG=1 shows where"
            + System.lineSeparator(),
        err.toString());
  }

  @Test
  void outOfMemorySaysWhatToDo() {
    work =
        settings -> {
          throw new OutOfMemoryError("Java heap space");
        };
    assertEquals(1, study());
    assertTrue(
        err.toString().startsWith("evolute: out of memory (Java heap space); "), err::toString);
    assertEquals(1, err.toString().lines().count());
  }

  @Test
  void versionTellsJavaSystemAndVectors() {
    assertEquals(0, run("--version"));
    List<String> lines = out.toString().lines().toList();
    assertTrue(lines.get(0).matches("evolute \\S+"), out::toString);
    assertTrue(lines.get(1).startsWith("JDK " + System.getProperty("java.version")), lines.get(1));
    assertTrue(lines.get(1).contains(System.getProperty("os.name")), lines.get(1));
    assertTrue(lines.get(2).matches("vectors of (64|128|256|512) bits, .+"), lines.get(2));
    assertEquals(3, lines.size());
  }

  @Test
  void helpHasExamplesAndExitStatusEverywhere() {
    for (List<String> command : everyCommand()) {
      out.getBuffer().setLength(0);
      String[] arguments = Arrays.copyOf(command.toArray(String[]::new), command.size() + 1);
      arguments[command.size()] = "--help";
      assertEquals(0, run(arguments));
      assertTrue(out.toString().contains("Examples:"), out::toString);
      assertTrue(out.toString().contains("Exit status:"), out::toString);
      assertTrue(out.toString().contains("  130   ended by Ctrl-C"), out::toString);
      assertFalse(out.toString().contains("\033["), "colours where there is no terminal");
    }
  }

  /** Every command, by what is typed after {@code evolute}. */
  static List<List<String>> everyCommand() {
    List<List<String>> all = new ArrayList<>();
    collect(Main.commandLine(type -> null), List.of(), all);
    return all;
  }

  private static void collect(CommandLine line, List<String> typed, List<List<String>> all) {
    all.add(typed);
    line.getSubcommands()
        .forEach(
            (name, below) -> {
              List<String> longer = new ArrayList<>(typed);
              longer.add(name);
              collect(below, longer, all);
            });
  }

  @Test
  void theCompletionScriptKnowsCommandsOptionsAndNames() {
    assertEquals(0, run("completion", "bash"));
    String script = out.toString();
    for (String word :
        List.of("--model", "gd-vs-flow", "fashion-mnist", "cuda:software", "elementwise", "zsh")) {
      assertTrue(script.contains(word), word);
    }
    out.getBuffer().setLength(0);
    fails(2, "completion: 'fish' given, there is bash and zsh", "completion", "fish");
  }

  @Test
  void benchSaysWhereItIs() {
    assertEquals(1, run("bench", "gemm", "--quick"));
    assertTrue(err.toString().startsWith("evolute: bench measures beside"), err::toString);
    assertEquals(1, err.toString().lines().count());
  }

  @Test
  void doctorTellsAboutEveryDeviceFamilyAndDataSet() {
    assertEquals(0, run("doctor"));
    String text = out.toString();
    for (String start :
        List.of(
            "evolute ",
            "jdk ",
            "system ",
            "cpu ",
            "cores  ",
            "vectors ",
            "fma ",
            "amx ",
            "memory ",
            "device cpu ",
            "device cuda ",
            "data mnist-1k ",
            "data fashion-mnist ")) {
      assertTrue(
          text.lines().anyMatch(line -> line.startsWith(start)), start + " is missing:\n" + text);
    }
    assertEquals("", err.toString());
  }

  @Test
  void machinesReadTheSame() throws IOException {
    assertEquals(0, run("doctor", "--json", "-"));
    JsonNode doctor = new ObjectMapper().readTree(out.toString());
    assertEquals(Runtime.getRuntime().availableProcessors(), doctor.get("cores").asInt());
    assertTrue(doctor.get("devices").has("cpu") && doctor.get("data").has("mnist-1k"));
    Path file = folder.resolve("below/list.json");
    assertEquals(0, run("data", "list", "--json", file.toString()));
    assertTrue(new ObjectMapper().readTree(Files.readString(file)).has("cifar-10"));
    out.getBuffer().setLength(0);
    work = settings -> write(settings.out().resolve("summary.json"), "{}");
    assertEquals(0, study("--json", "-"));
    assertEquals("{}", out.toString());
    Path copy = folder.resolve("copy.json");
    assertEquals(0, study("--json", copy.toString()));
    assertEquals("{}", Files.readString(copy));
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void dataListNamesEverySet() {
    assertEquals(0, run("data", "list"));
    List<String> names = out.toString().lines().map(line -> line.split(" ")[0]).toList();
    assertEquals(
        List.of("mnist-1k", "fashion-mnist-1k", "mnist", "fashion-mnist", "cifar-10", "imagenet32"),
        names);
  }

  @Test
  void dataGetOfAnUnknownSetIsOneSentence() {
    assertEquals(2, run("data", "get", "imagenet"));
    assertEquals(1, err.toString().lines().count());
    assertTrue(err.toString().startsWith("evolute: ") && err.toString().contains("imagenet"));
    assertFalse(err.toString().contains("internal error"));
  }

  @Test
  void namesThereAreNotListThoseThereAre() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "to be or not to be");
    String[][] wrong = {
      {"probe", "--model", "resnet", "--data", "mnist-1k"},
      {"train", "--model", "resnet", "--data", "mnist-1k"},
      {"train", "--model", "resnet", "--data", "text:" + text},
      {"probe", "--model", "decoder:1-1-4-8", "--data", "mnist-1k"},
      {"probe", "--model", "mnist-mlp", "--data", "cifar"},
      {"train", "--model", "mnist-mlp", "--data", "cifar"},
      {"train", "--model", "mnist-mlp", "--data", "mnist-1k", "--optimizer", "lion"},
      {"train", "--model", "mnist-mlp", "--data", "mnist-1k", "--schedule", "step"},
    };
    String[] listed = {
      "mlp:", "mlp:", "decoder:", "text:PATH", "mnist-1k", "cifar-10", "adamw", "wsd"
    };
    for (int i = 0; i < wrong.length; i++) {
      err.getBuffer().setLength(0);
      String[] arguments = Arrays.copyOf(wrong[i], wrong[i].length + 2);
      arguments[wrong[i].length] = "--out";
      arguments[wrong[i].length + 1] = folder.resolve("out").toString();
      assertEquals(2, run(arguments), err::toString);
      assertEquals(1, err.toString().lines().count(), err::toString);
      assertTrue(err.toString().contains(listed[i]), err::toString);
    }
  }

  @Test
  void probeAndTrainOfferDecodersAndText() {
    assertEquals(0, run("probe", "--help"));
    assertTrue(out.toString().contains("decoder:"), out::toString);
    assertTrue(out.toString().contains("jdk-src"), out::toString);
    out.getBuffer().setLength(0);
    assertEquals(0, run("train", "--help"));
    assertTrue(out.toString().contains("decoder:"), out::toString);
    assertTrue(out.toString().contains("--warmup 5%" + System.lineSeparator()), out::toString);
  }

  @Test
  void whatAProbeLacksIsNamed() throws IOException {
    String[][] wrong = {
      {"there is no model 'resnet'; ", "--model", "resnet", "--data", "mnist-1k"},
      {"there is no data set 'cifar'; ", "--model", "mnist-mlp", "--data", "cifar"},
      {"model mlp:9-3:tanh takes 9 inputs", "--model", "mlp:9-3:tanh", "--data", "mnist-1k"},
      {"--samples: 0 given", "--model", "mnist-mlp", "--data", "mnist-1k", "--samples", "0"},
      {
        "--samples: 1001 given, mnist-1k has 1 to 1000",
        "--model",
        "mnist-mlp",
        "--data",
        "mnist-1k",
        "--samples",
        "1001"
      },
      {
        "--weights: there is no file nowhere.safetensors",
        "--model",
        "mnist-mlp",
        "--data",
        "mnist-1k",
        "--weights",
        "nowhere.safetensors"
      },
      {
        "--weights: the file cannot be read (",
        "--model",
        "mnist-mlp",
        "--data",
        "mnist-1k",
        "--weights",
        Files.writeString(folder.resolve("text.safetensors"), "text").toString()
      },
      {
        "--device: 'tpu' is unknown, there is cpu and cuda",
        "--model",
        "mnist-mlp",
        "--data",
        "mnist-1k",
        "--device",
        "tpu"
      },
      {
        "--json: files cannot be written to ",
        "--model",
        "mnist-mlp",
        "--data",
        "mnist-1k",
        "--json",
        folder.resolve("text.safetensors/below.json").toString()
      }
    };
    for (String[] line : wrong) {
      err.getBuffer().setLength(0);
      String[] arguments = line.clone();
      arguments[0] = "probe";
      boolean wronglyCalled = !line[0].matches("--weights.*|--json.*");
      assertEquals(wronglyCalled ? 2 : 1, run(arguments), line[0]);
      assertEquals(1, err.toString().lines().count(), err::toString);
      assertTrue(err.toString().startsWith("evolute: " + line[0]), err::toString);
      assertEquals("", out.toString());
    }
    err.getBuffer().setLength(0);
    assertEquals(2, run("probe", "--model", "mnist-mlp"));
    assertTrue(err.toString().contains("--data"), err::toString);
  }
}
