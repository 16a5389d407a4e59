package dev.evolute.app.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Pattern;

/** Numbers as people read them, in no locale. */
public final class Numbers {
  /** As in {@code 5.3e-24}, {@code 1.0E-4}, {@code 10^-4} or {@code -1.21}, standing alone. */
  private static final Pattern WRITTEN =
      Pattern.compile(
          "(?<![\\w.^])([-−]?)(?:10\\^([-−]?\\d+)(?![\\d.])"
              + "|(\\d+(?:\\.\\d+)?)[eE]([-+]?\\d{1,3})(?!\\w)|(?=\\d))");

  private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  private Numbers() {}

  /** With that many decimals and a real minus sign, but none before a zero; "none" for NaN. */
  public static String fixed(double value, int decimals) {
    return Double.isFinite(value)
        ? plain(BigDecimal.valueOf(value).setScale(decimals, RoundingMode.HALF_EVEN))
        : text(value);
  }

  /**
   * Four significant digits, for example {@code 12.35}, {@code 380,000} or {@code 1.234×10⁻⁵};
   * "none" for NaN.
   */
  public static String text(Number number) {
    if (number instanceof Long || number instanceof Integer) {
      return plain(BigDecimal.valueOf(number.longValue()));
    }
    double value = number.doubleValue();
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? "none" : value > 0 ? "infinite" : "−infinite";
    }
    if (value == 0) {
      return "0";
    }
    return digits(BigDecimal.valueOf(value).round(new MathContext(4)).stripTrailingZeros());
  }

  /**
   * With that many significant digits, those that end it in zeros too, where {@link #text} has 4.
   */
  public static String significant(double value, int digits) {
    return Double.isFinite(value) && value != 0
        ? digits(new BigDecimal(value).round(new MathContext(digits)))
        : text(value);
  }

  /** Those it has, with a power of ten where it is small or large. */
  private static String digits(BigDecimal value) {
    double size = Math.abs(value.doubleValue());
    int exponent = value.precision() - value.scale() - 1;
    if (value.signum() == 0 || (size >= 1e-3 && size < 1e6)) {
      return plain(value);
    }
    String factor = plain(value.movePointLeft(exponent));
    return (factor.equals("1") ? "" : factor.equals("−1") ? "−" : factor + "×") + power(exponent);
  }

  /** Ten to a power: {@code 10⁻⁵}. */
  public static String power(long exponent) {
    StringBuilder text = new StringBuilder(exponent < 0 ? "10⁻" : "10");
    Long.toString(Math.abs(exponent))
        .chars()
        .forEach(c -> text.append(SUPERSCRIPTS.charAt(c - '0')));
    return text.toString();
  }

  /**
   * A text whose numbers are written for programs, as formats leave them: {@code 5.3e-24} becomes
   * {@code 5.3×10⁻²⁴}, {@code 10^-4} is {@code 10⁻⁴}, and a minus is one.
   */
  public static String written(String text) {
    return WRITTEN
        .matcher(text)
        .replaceAll(
            found -> {
              String minus = found.group(1).isEmpty() ? "" : "−";
              if (found.group(2) != null) {
                return minus + power(Long.parseLong(found.group(2).replace('−', '-')));
              }
              return found.group(3) == null
                  ? minus
                  : minus + digits(new BigDecimal(found.group(3) + "e" + found.group(4)));
            });
  }

  /** A number of bytes as people say it: kB, MB from 1 on, and GB; none is said to be nothing. */
  public static String bytes(long bytes) {
    double mega = bytes / 1e6;
    if (mega < 1) {
      return String.format(Locale.ROOT, "%.0f kB", Math.ceil(bytes / 1e3));
    }
    if (mega < 1000) {
      return String.format(Locale.ROOT, mega < 10 ? "%.1f MB" : "%.0f MB", mega);
    }
    return String.format(Locale.ROOT, "%.1f GB", mega / 1000);
  }

  /** All digits, with a comma every three and a real minus sign. */
  static String plain(BigDecimal value) {
    String digits = value.signum() == 0 ? "0" : value.abs().toPlainString();
    int point = digits.indexOf('.');
    StringBuilder grouped = new StringBuilder(digits);
    for (int i = (point < 0 ? digits.length() : point) - 3; i > 0; i -= 3) {
      grouped.insert(i, ',');
    }
    return value.signum() < 0 ? "−" + grouped : grouped.toString();
  }
}
