package dev.evolute.app.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Numbers as people read them, in no locale. */
public final class Numbers {
  private Numbers() {}

  /** With that many decimals and a real minus sign, but none before a zero; "none" for NaN. */
  public static String fixed(double value, int decimals) {
    return Double.isFinite(value)
        ? plain(BigDecimal.valueOf(value).setScale(decimals, RoundingMode.HALF_EVEN))
        : text(value);
  }

  /**
   * Four significant digits, for example {@code 12.35}, {@code 380,000} or {@code 1.234×10^-5};
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
    BigDecimal rounded = BigDecimal.valueOf(value).round(new MathContext(4)).stripTrailingZeros();
    double size = Math.abs(rounded.doubleValue());
    if (size >= 1e-3 && size < 1e6) {
      return plain(rounded);
    }
    int exponent = rounded.precision() - rounded.scale() - 1;
    return plain(rounded.movePointLeft(exponent)) + "×10^" + exponent;
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
