package dev.evolute.app.report;

import java.util.Objects;

/**
 * One series of a {@link Chart}.
 *
 * @param name its name in the legend
 * @param x abscissae {@code [n]}
 * @param y ordinates {@code [n]}; a point that is not finite, or not positive on a log axis, is a
 *     gap
 * @param style how it is drawn
 * @param colour index into the palette, taken modulo its size
 */
public record Line(String name, double[] x, double[] y, Style style, int colour) {

  /** How a line is drawn. */
  public enum Style {
    SOLID,
    DASHED,
    DOTTED,
    POINTS
  }

  public Line {
    name = Numbers.written(name);
    Objects.requireNonNull(style, "style");
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "line " + name + ": x has " + x.length + " points, y has " + y.length + "; give as many");
    }
  }

  public static Line solid(String name, double[] x, double[] y, int colour) {
    return new Line(name, x, y, Style.SOLID, colour);
  }

  public static Line dashed(String name, double[] x, double[] y, int colour) {
    return new Line(name, x, y, Style.DASHED, colour);
  }

  public static Line points(String name, double[] x, double[] y, int colour) {
    return new Line(name, x, y, Style.POINTS, colour);
  }
}
