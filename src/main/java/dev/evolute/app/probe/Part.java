package dev.evolute.app.probe;

import dev.evolute.app.UsageException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What a probe looks at, in this order. */
public enum Part {
  /** Both ends of the spectrum. Always there: the others are drawn and stopped by them. */
  ENDS,

  /** The spectral density. */
  DENSITY,

  /** Trace and Frobenius norm. */
  TRACE,

  /** Both ends of each layer's block, and the norms of all blocks. */
  LAYERS;

  /** Every name there is. */
  public static final String NAMES =
      Arrays.stream(values()).map(Part::text).collect(Collectors.joining(", "));

  private String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Parts by their names.
   *
   * @param names with commas between them, or null for all
   * @throws UsageException where there is none of a name
   */
  public static Set<Part> of(String names) {
    if (names == null) {
      return EnumSet.allOf(Part.class);
    }
    Set<Part> parts = EnumSet.of(ENDS);
    for (String name : names.split(",", -1)) {
      parts.add(
          Arrays.stream(values())
              .filter(part -> part.text().equals(name.strip()))
              .findFirst()
              .orElseThrow(
                  () ->
                      new UsageException(
                          "--parts: there is no '%s'; give some of %s, with commas between them"
                              .formatted(name, NAMES))));
    }
    return parts;
  }
}
