package dev.evolute.bench.duel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import jdk.incubator.vector.VectorShape;

/**
 * The JVM of one contender. It does one thing at a time, when a line on standard input says so, and
 * answers with one line; at the end of the input it ends.
 *
 * <pre>
 *                                    hello DESCRIPTION
 * vectors                            vectors BITS
 * case WARM_UP_NANOS CASE            ready WORK BYTES FINGERPRINT | none
 * slice NANOS PROCESSOR              slice SECONDS_PER_CALL BYTES_PER_CALL
 * solve GOAL                         solved SOLUTIONS
 *                                    failed MESSAGE, to any of them
 * </pre>
 */
public final class Worker {
  /** Starts each answer, since a native library may print to standard output too. */
  static final String MARK = "evolute> ";

  private final Contender contender;
  private final Stopwatch stopwatch = new Stopwatch();
  private boolean taken;
  private int threads;

  private Worker(Contender contender) {
    this.contender = contender;
  }

  /**
   * @param arguments the class of the contender
   */
  public static void main(String[] arguments) throws IOException {
    Locale.setDefault(Locale.ROOT);
    PrintStream answers = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    System.setOut(System.err);
    BufferedReader asked =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Worker worker = null;
    String question = "hello " + arguments[0];
    do {
      String answer;
      try {
        if (worker == null) {
          worker = new Worker(made(arguments[0]));
          answer = "hello " + worker.contender.describe();
        } else {
          answer = worker.answer(question);
        }
      } catch (Exception | LinkageError e) {
        e.printStackTrace();
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        answer = "failed " + message.strip().replaceAll("\\s*\\R\\s*", " ");
      }
      answers.print(MARK + answer + "\n");
      answers.flush();
      question = asked.readLine();
    } while (question != null);
    // A library's threads that are no daemons do not keep the process.
    Runtime.getRuntime().halt(0);
  }

  private static Contender made(String type) throws ReflectiveOperationException {
    return (Contender) Class.forName(type).getDeclaredConstructor().newInstance();
  }

  private String answer(String question) throws Exception {
    String[] words = question.split(" ", 3);
    switch (words[0]) {
      case "case":
        if (taken) {
          contender.release();
        }
        Case which = Case.parse(words[2]);
        threads = which.threads();
        taken = contender.take(which);
        if (!taken) {
          return "none";
        }
        stopwatch.warmUp(contender, Long.parseLong(words[1]));
        return new Readiness(contender.work(), contender.memory(), contender.fingerprint()).text();
      case "vectors":
        return "vectors " + VectorShape.preferredShape().vectorBitSize();
      case "slice":
        Stopwatch.Slice slice = slice(Long.parseLong(words[1]), Integer.parseInt(words[2]));
        return "slice " + slice.seconds() + " " + slice.bytes();
      case "solve":
        stopwatch.spread(contender);
        Goal goal = Goal.parse(question.substring(words[0].length() + 1));
        return "solved " + Solution.text(((Solver) contender).solve(goal));
      default:
        throw new IllegalArgumentException("'" + question + "' is no question");
    }
  }

  private Stopwatch.Slice slice(long nanos, int processor) {
    if (threads > 1) {
      return stopwatch.slice(contender, threads, nanos);
    }
    Processor.bind(processor);
    try {
      return stopwatch.slice(contender, threads, nanos);
    } finally {
      Processor.release();
    }
  }
}
