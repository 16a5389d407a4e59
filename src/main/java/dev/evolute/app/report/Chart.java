package dev.evolute.app.report;

import java.util.ArrayList;
import java.util.List;

/**
 * One panel of a {@link Figure}: lines over two axes.
 *
 * @param title heading of the panel; may be empty
 * @param xLabel what the x axis shows, with its unit
 * @param yLabel what the y axis shows, with its unit
 * @param xLog whether the x axis is logarithmic
 * @param yLog whether the y axis is logarithmic
 * @param nested whether earlier lines are drawn thicker, so that each stays visible where they
 *     coincide
 * @param lines the series, drawn in this order
 * @param references straight lines at a fixed value
 * @param bands shaded areas, drawn below the lines
 * @param places names of x = 0, 1, ... where x is no number but one of several things; else empty
 */
public record Chart(
    String title,
    String xLabel,
    String yLabel,
    boolean xLog,
    boolean yLog,
    boolean nested,
    List<Line> lines,
    List<Reference> references,
    List<Band> bands,
    List<String> places) {

  /**
   * The area between two curves, such as a mean plus and minus a deviation.
   *
   * @param x abscissae {@code [n]}
   * @param low lower ordinates {@code [n]}; where either cannot be drawn the band has a gap
   * @param high upper ordinates {@code [n]}
   * @param colour index into the palette, taken modulo its size
   */
  public record Band(double[] x, double[] low, double[] high, int colour) {
    public Band {
      if (x.length != low.length || x.length != high.length) {
        throw new IllegalArgumentException(
            "band: x, low and high have "
                + List.of(x.length, low.length, high.length)
                + " points; give as many of each");
      }
    }
  }

  /**
   * A straight line across the panel.
   *
   * @param vertical at x = {@code value} if true, at y = {@code value} if false
   * @param value where it stands
   * @param label text beside it
   * @param stretch whether the axis reaches out to show it; otherwise a value out of range is named
   *     at the edge
   */
  public record Reference(boolean vertical, double value, String label, boolean stretch) {
    public Reference {
      label = Numbers.written(label);
    }
  }

  public Chart {
    title = Numbers.written(title);
    xLabel = Numbers.written(xLabel);
    yLabel = Numbers.written(yLabel);
    lines = List.copyOf(lines);
    references = List.copyOf(references);
    bands = List.copyOf(bands);
    places = List.copyOf(places);
  }

  /** Starts a panel with that heading. */
  public static Builder titled(String title) {
    return new Builder(title);
  }

  /** Collects a {@link Chart}. */
  public static final class Builder {
    private final String title;
    private String xLabel = "";
    private String yLabel = "";
    private boolean xLog;
    private boolean yLog;
    private boolean nested;
    private final List<Line> lines = new ArrayList<>();
    private final List<Reference> references = new ArrayList<>();
    private final List<Band> bands = new ArrayList<>();
    private List<String> places = List.of();

    private Builder(String title) {
      this.title = title;
    }

    public Builder x(String label) {
      xLabel = label;
      return this;
    }

    public Builder y(String label) {
      yLabel = label;
      return this;
    }

    public Builder logX() {
      xLog = true;
      return this;
    }

    public Builder logY() {
      yLog = true;
      return this;
    }

    /** Draws earlier lines thicker, for lines that are expected to coincide. */
    public Builder nested() {
      nested = true;
      return this;
    }

    /** Names x = 0, 1, ...; the axis has room for half a place at both ends. */
    public Builder places(List<String> names) {
      places = names;
      return this;
    }

    public Builder line(Line line) {
      lines.add(line);
      return this;
    }

    /** The area between two curves, below all lines. */
    public Builder band(double[] x, double[] low, double[] high, int colour) {
      bands.add(new Band(x, low, high, colour));
      return this;
    }

    /** A horizontal line at {@code y}; the axis reaches out to show it. */
    public Builder horizontal(double y, String label) {
      references.add(new Reference(false, y, label, true));
      return this;
    }

    /** A horizontal line at {@code y}, named at the edge where it is out of range. */
    public Builder horizontalIfInRange(double y, String label) {
      references.add(new Reference(false, y, label, false));
      return this;
    }

    /** A vertical line at {@code x}; the axis reaches out to show it. */
    public Builder vertical(double x, String label) {
      references.add(new Reference(true, x, label, true));
      return this;
    }

    public Chart build() {
      return new Chart(title, xLabel, yLabel, xLog, yLog, nested, lines, references, bands, places);
    }
  }
}
