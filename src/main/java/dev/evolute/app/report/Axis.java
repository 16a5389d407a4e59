package dev.evolute.app.report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * One axis of a panel: the range it shows, where a value lies in it, and its ticks.
 *
 * <p>Works in the coordinate u = v, or u = log10 v on a log axis.
 */
final class Axis {
  /** Beyond this a value counts as diverged and is left out, so that no range overflows. */
  private static final double LARGEST = 1e150;

  /**
   * A tick.
   *
   * @param value where it stands
   * @param text its label, null for a tick without one
   * @param exponent superscript after the label, null for none
   */
  record Tick(double value, String text, String exponent) {
    /** Width of the label in units of the font size. */
    double width() {
      double exponentWidth = exponent == null ? 0 : TextWidth.of(exponent) * Svg.SUPERSCRIPT;
      return (text == null ? 0 : TextWidth.of(text)) + exponentWidth;
    }
  }

  private final boolean log;
  private final double low;
  private final double high;
  private List<Tick> ticks = List.of();
  private int power;

  /**
   * An axis that shows all values that it can show.
   *
   * @param padding fraction of the range added at both ends
   */
  Axis(boolean log, DoubleStream values, double padding) {
    this.log = log;
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (double v : values.filter(v -> shows(log, v)).toArray()) {
      double u = log ? Math.log10(v) : v;
      min = Math.min(min, u);
      max = Math.max(max, u);
    }
    if (min > max) {
      min = 0;
      max = 1;
    }
    double range = max - min;
    // Below this the ticks could not be told apart in double precision.
    boolean flat = range <= 1e-11 * Math.max(Math.abs(min), Math.abs(max));
    double room = flat ? flatRoom(log, min) : padding * range;
    boolean startsAtZero = !log && min >= 0 && min - room < 0;
    low = startsAtZero ? 0 : min - room;
    high = max + room;
  }

  private static double flatRoom(boolean log, double value) {
    if (log) {
      return 0.5;
    }
    return Math.abs(value) < 1e-290 ? 1 : 0.1 * Math.abs(value);
  }

  /** Whether a value has a place on such an axis. */
  static boolean shows(boolean log, double value) {
    return Math.abs(value) < LARGEST && (!log || value > 0);
  }

  boolean shows(double value) {
    return shows(log, value);
  }

  /** Whether the value lies inside the range. */
  boolean contains(double value) {
    double at = shows(value) ? at(value) : Double.NaN;
    return at >= 0 && at <= 1;
  }

  /** Position of a value, 0 at the low end and 1 at the high end. */
  double at(double value) {
    return ((log ? Math.log10(value) : value) - low) / (high - low);
  }

  List<Tick> ticks() {
    return ticks;
  }

  /** The power of ten that multiplies the labels; 0 for none. */
  int power() {
    return power;
  }

  /** Chooses the ticks, with at most about {@code most} labels. */
  Axis withTicks(int most) {
    power = 0;
    if (!log) {
      ticks = linearTicks(low, high, most);
    } else if (high - low >= 2) {
      ticks = decadeTicks(most);
    } else {
      ticks = withinDecadeTicks();
      if (ticks.size() < 3) {
        ticks = linearTicks(Math.pow(10, low), Math.pow(10, high), most);
      }
    }
    return this;
  }

  /** Ticks at 0, 1, ... with these labels. */
  Axis withNames(List<String> names) {
    power = 0;
    ticks = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      ticks.add(new Tick(i, names.get(i), null));
    }
    return this;
  }

  private List<Tick> linearTicks(double from, double to, int most) {
    double raw = (to - from) / Math.max(1, most);
    int decade = (int) Math.floor(Math.log10(raw));
    double lead = raw / Math.pow(10, decade);
    int step = lead <= 1 ? 1 : lead <= 2 ? 2 : 5;
    if (lead > 5) {
      step = 1;
      decade++;
    }
    double unit = Math.pow(10, decade);
    double largest = Math.max(Math.abs(from), Math.abs(to));
    if (largest >= 1e6 || largest < 1e-3) {
      power = 3 * Math.floorDiv((int) Math.floor(Math.log10(largest)), 3);
    }
    long first = (long) Math.ceil(from / unit / step - 1e-6);
    long last = (long) Math.floor(to / unit / step + 1e-6);
    List<Tick> result = new ArrayList<>();
    for (long k = first; k <= last; k++) {
      BigDecimal exact = BigDecimal.valueOf(k * step).scaleByPowerOfTen(decade);
      result.add(
          new Tick(exact.doubleValue(), Numbers.plain(exact.scaleByPowerOfTen(-power)), null));
    }
    return result;
  }

  private List<Tick> decadeTicks(int most) {
    int first = (int) Math.ceil(low - 1e-9);
    int last = (int) Math.floor(high + 1e-9);
    int stride = 1 + (last - first) / Math.max(1, most);
    boolean small = first >= -2 && last <= 4;
    List<Tick> result = new ArrayList<>();
    for (int e = first; e <= last; e++) {
      if (Math.floorMod(e, stride) != 0) {
        continue;
      }
      result.add(
          small
              ? new Tick(Math.pow(10, e), Numbers.plain(BigDecimal.ONE.scaleByPowerOfTen(e)), null)
              : new Tick(Math.pow(10, e), "10", signed(e)));
    }
    return result;
  }

  private List<Tick> withinDecadeTicks() {
    List<Tick> result = new ArrayList<>();
    boolean small = low >= -3 && high <= 5;
    for (int e = (int) Math.floor(low); e <= Math.floor(high); e++) {
      for (int lead : new int[] {1, 2, 5}) {
        BigDecimal exact = BigDecimal.valueOf(lead).scaleByPowerOfTen(e);
        if (!contains(exact.doubleValue())) {
          continue;
        }
        String scientific = lead == 1 ? "10" : lead + "×10";
        result.add(
            small
                ? new Tick(exact.doubleValue(), Numbers.plain(exact), null)
                : new Tick(exact.doubleValue(), scientific, signed(e)));
      }
    }
    return result;
  }

  /** Whether lines at 2, 3, ... 9 times a power of ten help to read the axis. */
  boolean hasMinorGrid() {
    return log && high - low >= 2 && high - low <= 5;
  }

  /** The values 2, 3, ... 9 times a power of ten in range. */
  List<Double> minorGrid() {
    List<Double> result = new ArrayList<>();
    for (int e = (int) Math.floor(low); e <= Math.floor(high); e++) {
      for (int lead = 2; lead <= 9; lead++) {
        double value = lead * Math.pow(10, e);
        if (contains(value)) {
          result.add(value);
        }
      }
    }
    return result;
  }

  static String signed(int value) {
    return value < 0 ? "−" + -value : Integer.toString(value);
  }
}
