package dev.evolute.app.report;

import java.util.List;
import java.util.Objects;

/**
 * One or more panels shown together, written as one SVG file.
 *
 * @param name stem of the file name: letters, digits and hyphens
 * @param title what it shows, in a few words
 * @param caption how to read it, in plain text
 * @param reproduces the figure of the paper it reproduces, such as {@code Figure 1, left pair};
 *     empty where the paper has none
 * @param panels the panels, left to right
 * @param matrix what is shown instead of panels, or null
 */
public record Figure(
    String name,
    String title,
    String caption,
    String reproduces,
    List<Chart> panels,
    HeatMap matrix) {

  /** A figure of panels. */
  public Figure(String name, String title, String caption, String reproduces, List<Chart> panels) {
    this(name, title, caption, reproduces, panels, null);
  }

  public Figure {
    Objects.requireNonNull(title, "title");
    if (!name.matches("[A-Za-z][A-Za-z0-9-]*")) {
      throw new IllegalArgumentException(
          "figure name \"" + name + "\": use letters, digits and hyphens, a letter first");
    }
    caption = caption == null ? "" : Numbers.written(caption);
    reproduces = reproduces == null ? "" : reproduces;
    panels = List.copyOf(panels);
  }

  /** The file it is written to. */
  public String file() {
    return name + ".svg";
  }
}
