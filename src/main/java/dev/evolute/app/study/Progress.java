package dev.evolute.app.study;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Tells the user how far a study is, and the study whether the user wants it to end.
 *
 * <p>On a terminal one line is redrawn at most ten times a second; elsewhere a plain line appears
 * every 10 percent, and in between every 5 seconds at most. Any number of threads may report work.
 */
public class Progress implements AutoCloseable {
  private static final long REDRAW_NANOS = 100_000_000L;
  private static final long PLAIN_NANOS = 5_000_000_000L;

  /** Lines of short runs need not follow each other faster than one can read them. */
  private static final long PLAIN_STEP_NANOS = 500_000_000L;

  /** The rate is that of about the last ten seconds, */
  private static final double RATE_SECONDS = 10;

  /** and of a fifth of a long phase, whose pieces take long and unlike times. */
  private static final double RATE_SHARE = 0.2;

  private final PrintStream out;
  private final boolean live;
  private final boolean color;
  private final boolean unicode;
  private final IntSupplier columns;
  private final LongSupplier clock;

  private final LongAdder done = new LongAdder();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean interrupted;
  private volatile long nextLook;

  private String what = "";
  private String note = "";
  private String unit = "";
  private long total;
  private boolean running;
  private boolean lineOpen;
  private long startNanos;
  private long lastNanos;
  private long lastDone;
  private long lastPlainNanos;
  private long lastPlainDone;
  private int lastPlainTenth;
  private double rate;

  /** Seconds after which the phase ends at the latest, infinity for none, and when they began. */
  private double allowed;

  private long begun;

  /**
   * Progress on a stream.
   *
   * @param live whether the stream is a terminal on which one line can be redrawn
   * @param color whether that terminal is to show colours
   * @param columns width of the terminal in characters
   */
  public Progress(PrintStream out, boolean live, boolean color, IntSupplier columns) {
    this(out, live, color, columns, System::nanoTime);
  }

  Progress(
      PrintStream out, boolean live, boolean color, IntSupplier columns, LongSupplier nanoClock) {
    this.out = out;
    this.live = live;
    this.color = color;
    this.columns = columns;
    this.clock = nanoClock;
    unicode = out.charset().newEncoder().canEncode('━');
  }

  /** Progress that nobody sees, for tests and embedding. */
  public static Progress silent() {
    return new Progress(
        new PrintStream(PrintStream.nullOutputStream()), true, false, () -> 0, () -> 0L);
  }

  /** Starts counting work from nothing; see {@link #start(String, String, long, long)}. */
  public void start(String what, String unit, long total) {
    start(what, unit, total, 0);
  }

  /**
   * Starts counting work; a phase that was under way ends.
   *
   * @param what a word or two on what is being done
   * @param unit what is counted, in the plural: {@code steps}; empty where that means nothing to
   *     the user, and no speed is shown
   * @param total how many of them there are
   * @param already how many an earlier, resumed run has done; they do not count towards the rate
   */
  public synchronized void start(String what, String unit, long total, long already) {
    finish();
    this.what = what;
    note = "";
    this.unit = unit;
    this.total = Math.max(1, total);
    done.reset();
    done.add(already);
    long now = clock.getAsLong();
    startNanos = now;
    lastNanos = now;
    lastPlainNanos = now;
    lastDone = already;
    lastPlainDone = -1;
    lastPlainTenth = (int) (10 * already / this.total);
    rate = 0;
    allowed = Double.POSITIVE_INFINITY;
    running = true;
    nextLook = now + REDRAW_NANOS;
  }

  /** Shows a few words behind the phase's name from now on, such as the present loss. */
  public synchronized void note(String words) {
    note = words;
  }

  /** The phase under way ends after so many seconds, whatever is done by then. */
  public synchronized void endsIn(double seconds) {
    allowed = seconds;
    begun = clock.getAsLong();
  }

  /** Reports finished work. */
  public void add(long units) {
    done.add(units);
    long now = clock.getAsLong();
    if (now - nextLook >= 0) {
      look(now);
    }
  }

  /** Counts work that an earlier run has done; it does not count towards the rate. */
  public synchronized void skip(long units) {
    done.add(units);
    lastDone += units;
  }

  /** Ends the phase under way; without one nothing happens. */
  public synchronized void finish() {
    if (running) {
      draw(clock.getAsLong(), true);
      running = false;
    }
    endLine();
  }

  /** Prints a line of its own, above the progress line where there is one. */
  public synchronized void say(String line) {
    if (lineOpen) {
      out.print("\r\033[K");
      lineOpen = false;
    }
    out.println(line);
    out.flush();
    if (running && live) {
      draw(clock.getAsLong(), false);
    }
  }

  /** Whether the user asked the study to end; true from then on. */
  public boolean interrupted() {
    return interrupted;
  }

  /** The user asked for an end, in the middle of what has no other way to stop. */
  public static final class Ended extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Goes on, or not.
   *
   * @throws Ended where the user asked the study to end
   */
  public void requireGoingOn() {
    if (interrupted()) {
      throw new Ended();
    }
  }

  /** Asks the study to end. */
  public void interrupt() {
    interrupted = true;
  }

  /**
   * A shutdown hook for SIGINT and SIGTERM: asks the study to end, and holds the process until
   * {@link #close()} or until the time is up.
   *
   * @param patienceSeconds how long to wait for the study
   */
  public Thread shutdownHook(long patienceSeconds) {
    return Thread.ofPlatform()
        .name("evolute-interrupt")
        .unstarted(
            () -> {
              interrupt();
              say("evolute: interrupted, writing what was computed so far");
              try {
                if (!closed.await(patienceSeconds, TimeUnit.SECONDS)) {
                  say(
                      "evolute: the study did not stop within "
                          + patienceSeconds
                          + " s and was ended; its files may be incomplete");
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  /** Ends the progress line and lets a waiting shutdown go on: call it after the last output. */
  @Override
  public void close() {
    finish();
    closed.countDown();
  }

  private synchronized void look(long now) {
    // Another thread may have looked while this one waited for the lock.
    if (running && now - nextLook >= 0) {
      nextLook = now + REDRAW_NANOS;
      draw(now, false);
    }
  }

  private void draw(long now, boolean last) {
    long count = done.sum();
    double seconds = (now - lastNanos) * 1e-9;
    if (seconds > 0) {
      double recent = (count - lastDone) / seconds;
      double window = Math.max(RATE_SECONDS, RATE_SHARE * (now - startNanos) * 1e-9);
      // The first look has no past to smooth with.
      rate = rate == 0 ? recent : rate + (recent - rate) * -Math.expm1(-seconds / window);
      lastNanos = now;
      lastDone = count;
    }
    if (live) {
      drawLine(count);
      return;
    }
    int tenth = (int) Math.min(10, 10 * count / total);
    long sincePlain = now - lastPlainNanos;
    boolean step = tenth > lastPlainTenth && sincePlain >= PLAIN_STEP_NANOS;
    if (step || (last && count != lastPlainDone) || sincePlain >= PLAIN_NANOS) {
      out.println(phase() + ": " + String.join(", ", state(count)).strip());
      out.flush();
      lastPlainNanos = now;
      lastPlainDone = count;
      lastPlainTenth = tenth;
    }
  }

  private void drawLine(long count) {
    String tail = "  " + String.join("  ", state(count));
    // One column stays free: many terminals wrap when the last one is written.
    int room = columns.getAsInt() - 1;
    int bar = Math.min(40, room - phase().length() - 2 - tail.length());
    StringBuilder line = new StringBuilder(phase());
    if (bar >= 5) {
      int full = (int) Math.min(bar, bar * count / total);
      line.append("  ");
      if (color) {
        line.append("\033[36m");
      }
      line.append((unicode ? "━" : "#").repeat(full));
      if (color) {
        line.append("\033[2m");
      }
      line.append((unicode ? color ? "━" : "╌" : ".").repeat(bar - full));
      if (color) {
        line.append("\033[0m");
      }
    }
    line.append(tail);
    if (bar < 5) {
      line.setLength(Math.max(0, Math.min(line.length(), room)));
    }
    out.print("\r" + line + "\033[K");
    out.flush();
    lineOpen = true;
  }

  private String phase() {
    return note.isEmpty() ? what : what + ", " + note;
  }

  private void endLine() {
    if (lineOpen) {
      out.println();
      out.flush();
      lineOpen = false;
    }
  }

  private String percent(long count) {
    long byTime = (long) (100 * spent() / allowed);
    return String.format(
        Locale.ROOT, "%3d %%", Math.min(100, Math.max(byTime, 100 * count / total)));
  }

  /** Seconds since those allowed began, at the last look. */
  private double spent() {
    return (lastNanos - begun) * 1e-9;
  }

  private List<String> state(long count) {
    return unit.isEmpty()
        ? List.of(percent(count), left(count))
        : List.of(percent(count), speed(), left(count));
  }

  private String speed() {
    String number =
        rate < 10
            ? String.format(Locale.ROOT, "%.2f", rate)
            : String.format(Locale.ROOT, "%,.0f", rate);
    return number + " " + unit + "/s";
  }

  private String left(long count) {
    if (count >= total) {
      return "done";
    }
    if (rate <= 0) {
      return "time left unknown";
    }
    double left = Math.min((total - count) / rate, Math.max(0, allowed - spent()));
    long seconds = Math.round(Math.min(left, 359_999));
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d:%02d left", seconds / 60, seconds % 60)
        : String.format(
            Locale.ROOT, "%d:%02d:%02d left", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
