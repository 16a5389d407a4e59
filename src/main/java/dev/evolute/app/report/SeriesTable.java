package dev.evolute.app.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;

/**
 * The numbers behind the figures: named columns, one row a recorded step, written as {@code
 * series.csv}.
 *
 * <p>The text follows RFC 4180 with {@code \n} line ends, depends on no locale and prints each
 * double with the fewest digits that read back as the same double, so equal numbers make equal
 * bytes. A missing value ({@code null} or NaN) is an empty cell.
 */
public final class SeriesTable {
  private final List<String> columns;
  private final List<Object[]> rows = new ArrayList<>();

  public SeriesTable(String... columns) {
    this(Arrays.asList(columns));
  }

  public SeriesTable(List<String> columns) {
    this.columns = List.copyOf(columns);
    if (this.columns.isEmpty() || new HashSet<>(columns).size() < columns.size()) {
      throw new IllegalArgumentException(
          "series: columns are " + columns + "; give at least one and no name twice");
    }
  }

  /** Appends a row: a {@link Number}, a text or null for each column. */
  public SeriesTable row(Object... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          "series: the row has "
              + cells.length
              + " cells, the table has "
              + columns.size()
              + " columns; they must agree");
    }
    rows.add(cells.clone());
    return this;
  }

  public List<String> columns() {
    return columns;
  }

  public int rows() {
    return rows.size();
  }

  /** The numbers of one column, NaN where a cell is missing or a text. */
  public double[] column(String name) {
    int index = columns.indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException("series: no column " + name + " among " + columns);
    }
    return rows.stream()
        .mapToDouble(row -> row[index] instanceof Number n ? n.doubleValue() : Double.NaN)
        .toArray();
  }

  /** The whole table as text, the header line first. */
  public String toCsv() {
    StringBuilder csv = new StringBuilder();
    appendLine(csv, columns.toArray());
    for (Object[] row : rows) {
      appendLine(csv, row);
    }
    return csv.toString();
  }

  private static void appendLine(StringBuilder csv, Object[] cells) {
    for (int i = 0; i < cells.length; i++) {
      if (i > 0) {
        csv.append(',');
      }
      csv.append(quoted(text(cells[i])));
    }
    csv.append('\n');
  }

  private static String text(Object cell) {
    if (cell == null
        || (cell instanceof Double d && d.isNaN())
        || (cell instanceof Float f && f.isNaN())) {
      return "";
    }
    return cell.toString();
  }

  private static String quoted(String text) {
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
