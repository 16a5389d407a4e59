package dev.evolute.app.report;

import java.util.ArrayList;
import java.util.List;

/**
 * How wide a text is, without asking for a font: the widest of the usual sans-serif faces, so that
 * what fits here fits with whichever font the reader has. In units of the font size.
 */
final class TextWidth {
  private TextWidth() {}

  static double of(String text) {
    return text.codePoints().mapToDouble(TextWidth::of).sum();
  }

  private static double of(int c) {
    if (c >= 0x2E80) {
      return 1;
    }
    if ("ijl.,:;'|!()[]{}ftr ".indexOf(c) >= 0) {
      return 0.37;
    }
    if ("mwMWQO@%—±×−+=<>".indexOf(c) >= 0) {
      return 0.88;
    }
    return Character.isUpperCase(c) ? 0.69 : 0.6;
  }

  /** Splits a text at spaces into lines no wider than {@code width}, a lone long word apart. */
  static List<String> wrap(String text, double width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.strip().split("\\s+")) {
      if (line.length() > 0 && of(line + " " + word) > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() > 0 ? " " : "").append(word);
    }
    if (line.length() > 0) {
      lines.add(line.toString());
    }
    return lines;
  }
}
