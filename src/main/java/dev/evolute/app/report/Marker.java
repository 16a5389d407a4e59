package dev.evolute.app.report;

import java.util.List;

/**
 * The shape that tells one series from another where colour does not: one for each colour of the
 * palette, drawn at points and at a few places along a line.
 */
enum Marker {
  CIRCLE,
  SQUARE(-0.9, -0.9, 0.9, -0.9, 0.9, 0.9, -0.9, 0.9),
  UP(0, -1.2, 1.1, 0.8, -1.1, 0.8),
  DIAMOND(0, -1.3, 1.1, 0, 0, 1.3, -1.1, 0),
  DOWN(0, 1.2, 1.1, -0.8, -1.1, -0.8),
  PLUS(
      -0.4, -1.2, 0.4, -1.2, 0.4, -0.4, 1.2, -0.4, 1.2, 0.4, 0.4, 0.4, 0.4, 1.2, -0.4, 1.2, -0.4,
      0.4, -1.2, 0.4, -1.2, -0.4, -0.4, -0.4),
  STAR(
      0, -1.3, 0.35, -0.4, 1.3, -0.4, 0.55, 0.2, 0.85, 1.1, 0, 0.55, -0.85, 1.1, -0.55, 0.2, -1.3,
      -0.4, -0.35, -0.4);

  /** Corners as x, y, x, y, ..., for a radius of 1; none for the circle. */
  private final double[] corners;

  Marker(double... corners) {
    this.corners = corners;
  }

  /** The marker of a colour of the palette. */
  static Marker of(int colour) {
    return values()[Math.floorMod(colour, values().length)];
  }

  /** Appends the outline round a centre to the data of a path. */
  void append(StringBuilder path, double x, double y, double radius) {
    if (corners.length == 0) {
      String r = Xml.number(radius);
      String across = Xml.number(2 * radius);
      path.append('M').append(Xml.number(x - radius)).append(' ').append(Xml.number(y));
      path.append('a').append(r).append(' ').append(r).append(" 0 1 0 ").append(across);
      path.append(" 0a").append(r).append(' ').append(r).append(" 0 1 0 -").append(across);
      path.append(" 0Z");
      return;
    }
    for (int i = 0; i < corners.length; i += 2) {
      path.append(i == 0 ? 'M' : 'L').append(Xml.number(x + radius * corners[i]));
      path.append(' ').append(Xml.number(y + radius * corners[i + 1]));
    }
    path.append('Z');
  }

  /** The corners as pairs, as the script of a report takes them. */
  List<double[]> pairs() {
    return java.util.stream.IntStream.range(0, corners.length / 2)
        .mapToObj(i -> new double[] {corners[2 * i], corners[2 * i + 1]})
        .toList();
  }
}
