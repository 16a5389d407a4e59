package dev.evolute.bench.duel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The process of one {@link Entrant}, which answers one question at a time. */
final class Opponent implements AutoCloseable {
  /** The longest call known takes seconds; a case is a few of them. */
  static final Duration PATIENCE = Duration.ofSeconds(120);

  private static final String NOTICE = "WARNING: Using incubator modules";
  private static final int KEPT_LINES = 40;
  private static final String END = "";

  /** A signal to the group of processes reaches the others first now and then. */
  private static final long SIGNAL_MILLIS = 200;

  /** Processes to end with this one. */
  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  private static volatile boolean ending;

  private final String name;
  private final String wayOut;
  private final Process process;
  private final Writer questions;
  private final Duration patience;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final Deque<String> complaints = new ArrayDeque<>();
  private final Thread listener;
  private String doing = "starting";
  private String description;
  private boolean stopped;

  /**
   * Starts the process; {@link #greet} waits for it.
   *
   * @param command the program that speaks as {@link Worker} does
   * @param wayOut what the user can do without it, or nothing
   */
  Opponent(Entrant entrant, List<String> command, Duration patience, String wayOut) {
    this.name = entrant.name();
    this.wayOut = wayOut;
    this.patience = patience;
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(entrant.environment());
    // A processor type or a cache size that somebody forced on OpenBLAS keeps it from its best.
    builder.environment().keySet().removeAll(List.of("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"));
    try {
      process = builder.start();
      RUNNING.add(process);
    } catch (IOException e) {
      throw new BenchException(name + " could not be started: " + e.getMessage(), e);
    }
    questions = process.outputWriter();
    daemon("answers", () -> listen(process.inputReader()));
    listener = daemon("complaints", () -> collect(process.errorReader()));
  }

  private Thread daemon(String what, Runnable task) {
    return Thread.ofPlatform().daemon().name(name + "-" + what).start(task);
  }

  private void listen(BufferedReader reader) {
    try (reader) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.startsWith(Worker.MARK)) {
          answers.add(line.substring(Worker.MARK.length()));
        }
      }
    } catch (IOException e) {
      complain(e.toString());
    } finally {
      answers.add(END);
    }
  }

  private void collect(BufferedReader reader) {
    try (reader) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.isBlank() && !line.equals("#") && !line.startsWith(NOTICE)) {
          complain(line.strip());
        }
      }
    } catch (IOException e) {
      complain(e.toString());
    }
  }

  private synchronized void complain(String line) {
    complaints.add(line);
    if (complaints.size() > KEPT_LINES) {
      complaints.remove();
    }
  }

  /** Waits until it has started; returns its description. */
  String greet() {
    if (description == null) {
      description = answer("hello");
    }
    return description;
  }

  /** Hands it a case, after which others may be asked too. */
  void offer(Case which, long warmUpNanos) {
    doing = "preparing " + which;
    ask("case " + warmUpNanos + " " + which);
  }

  /** Waits until it has prepared the case; returns nothing where it has no such function. */
  Optional<Readiness> taken(Case which) {
    String ready = answer("ready");
    stop();
    doing = "measuring " + which;
    return ready.isEmpty() ? Optional.empty() : Optional.of(Readiness.parse(ready));
  }

  /** Bits of a vector in its JVM. */
  int vectorBits() {
    ask("vectors");
    return Integer.parseInt(answer("vectors"));
  }

  /**
   * Lets it run for so long.
   *
   * @param processor on which it runs where it has one thread, from 0
   */
  Stopwatch.Slice slice(long nanos, int processor) {
    ask("slice " + nanos + " " + processor);
    String[] numbers = answer("slice").split(" ");
    stop();
    return new Stopwatch.Slice(Double.parseDouble(numbers[0]), Double.parseDouble(numbers[1]));
  }

  /** Lets it solve its problem. */
  List<Solution> solve(Goal goal) {
    ask("solve " + goal.text());
    List<Solution> solutions = Solution.parse(answer("solved"));
    stop();
    return solutions;
  }

  /**
   * Between its turns it is stopped, so that no thread of it takes a processor from another's turn:
   * those of a BLAS look for its next call for up to 200 ms.
   */
  private void stop() {
    stopped = signal("STOP");
  }

  private void go() {
    if (stopped) {
      stopped = !signal("CONT");
    }
  }

  /** Where there is no such thing, nobody is stopped. */
  private boolean signal(String which) {
    try {
      String command = "kill -" + which + " " + process.pid();
      Process kill =
          new ProcessBuilder("sh", "-c", command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return kill.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted while " + name + " was " + doing, e);
    }
  }

  private void ask(String line) {
    go();
    // What it complained of before has done no harm.
    synchronized (this) {
      complaints.clear();
    }
    try {
      questions.write(line + "\n");
      questions.flush();
    } catch (IOException e) {
      throw ended();
    }
  }

  /** What follows the expected word, or nothing after {@code none}. */
  private String answer(String expected) {
    String line;
    try {
      line = answers.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted while " + name + " was " + doing, e);
    }
    if (line == null) {
      throw new BenchException(
          "%s gave no answer for %d s while %s%s"
              .formatted(name, patience.toSeconds(), doing, wayOut));
    }
    if (line.equals(END)) {
      throw ended();
    }
    String[] words = line.split(" ", 2);
    String rest = words.length < 2 ? "" : words[1];
    if (words[0].equals("failed")) {
      throw new BenchException("%s failed while %s: %s%s".formatted(name, doing, rest, wayOut));
    }
    if (words[0].equals("none")) {
      return "";
    }
    if (!words[0].equals(expected)) {
      throw new BenchException(
          "%s answered '%s' while %s, which is not understood".formatted(name, line, doing));
    }
    return rest;
  }

  private BenchException ended() {
    try {
      Thread.sleep(SIGNAL_MILLIS);
      while (ending) {
        // This process ends, with the signal's status; that the others ended is no news.
        Thread.sleep(SIGNAL_MILLIS);
      }
      process.waitFor(5, TimeUnit.SECONDS);
      listener.join(1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String why;
    synchronized (this) {
      why = complaints.isEmpty() ? "it said nothing" : complaints.peekFirst();
    }
    String status = process.isAlive() ? "closed its output" : "ended (" + process.exitValue() + ")";
    return new BenchException("%s %s while %s: %s%s".formatted(name, status, doing, why, wayOut));
  }

  /** A shutdown hook that ends all processes; without it they would end with their input. */
  static Thread shutdownHook() {
    return Thread.ofPlatform()
        .unstarted(
            () -> {
              ending = true;
              RUNNING.forEach(Process::destroyForcibly);
            });
  }

  @Override
  public void close() {
    go();
    try (questions) {
      process.getOutputStream().close();
    } catch (IOException alreadyGone) {
      // Which is what is wanted.
    }
    try {
      if (!process.waitFor(2, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    RUNNING.remove(process);
  }

  /** The JVM of a contender, like this one, with the options users give Evolute's. */
  static List<String> command(Entrant entrant) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-modules",
            "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC"));
    String options = System.getenv().getOrDefault("EVOLUTE_JAVA_OPTS", "").strip();
    if (!options.isEmpty()) {
      command.addAll(List.of(options.split("\\s+")));
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Worker.class.getName()));
    command.add(entrant.type());
    return command;
  }
}
