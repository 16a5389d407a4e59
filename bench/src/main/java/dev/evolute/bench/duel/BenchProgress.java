package dev.evolute.bench.duel;

import java.io.PrintStream;
import java.util.Locale;

/**
 * Tells how far a benchmark is: on a terminal one line that is redrawn, elsewhere a line every five
 * seconds at most.
 */
final class BenchProgress {
  /** Says nothing. */
  static final BenchProgress SILENT =
      new BenchProgress(new PrintStream(PrintStream.nullOutputStream()), false, "");

  private static final long PLAIN_NANOS = 5_000_000_000L;

  private final PrintStream out;
  private final boolean live;
  private final String bench;
  private final long start = System.nanoTime();
  private long last = start;

  BenchProgress(PrintStream out, boolean live, String bench) {
    this.out = out;
    this.live = live;
    this.bench = bench;
  }

  /** Before case {@code index} of {@code count}. */
  void at(int index, int count, String which) {
    long now = System.nanoTime();
    if (!live && index > 0 && now - last < PLAIN_NANOS) {
      return;
    }
    last = now;
    String left = "";
    if (index > 0) {
      long seconds = Math.round(1e-9 * (now - start) / index * (count - index));
      left = String.format(Locale.ROOT, ", %d:%02d left", seconds / 60, seconds % 60);
    }
    String line =
        String.format(Locale.ROOT, "%s: %d of %d%s  %s", bench, index + 1, count, left, which);
    if (live) {
      out.print("\r" + line + "\033[K");
    } else {
      out.println(line);
    }
    out.flush();
  }

  void done() {
    if (live) {
      out.print("\r\033[K");
      out.flush();
    }
  }
}
