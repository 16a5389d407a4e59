package dev.evolute.app.study.gdvsflow;

import java.util.LinkedHashMap;
import java.util.Map;

/** A row of a table in the summary. */
final class Row {
  private Row() {}

  /** Names and values in turn; a number that is not finite becomes null, as JSON has none. */
  static Map<String, Object> of(Object... namesAndValues) {
    Map<String, Object> row = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      Object value = namesAndValues[i + 1];
      boolean missing = value instanceof Double d && !Double.isFinite(d);
      row.put((String) namesAndValues[i], missing ? null : value);
    }
    return row;
  }
}
