package dev.evolute.app.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class SeriesTableTest {
  @Test
  void cellsAreQuotedOnlyWhereNeededAndMissingOnesAreEmpty() {
    SeriesTable table = new SeriesTable("step", "a,b", "say \"hi\"");
    table
        .row(1, 0.1, "x")
        .row(2L, Double.NaN, "line\nbreak")
        .row(3, null, Double.POSITIVE_INFINITY);
    assertEquals(
        "step,\"a,b\",\"say \"\"hi\"\"\"\n1,0.1,x\n2,,\"line\nbreak\"\n3,,Infinity\n",
        table.toCsv());
  }

  @Test
  void everyDoubleReadsBackTheSameInEveryLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      double[] values = {1.0 / 3, Double.MIN_VALUE, -0.0, 1e300, 123456789.125};
      SeriesTable table = new SeriesTable("v");
      for (double v : values) {
        table.row(v);
      }
      String[] lines = table.toCsv().split("\n");
      for (int i = 0; i < values.length; i++) {
        assertEquals(values[i], Double.parseDouble(lines[i + 1]));
      }
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void equalNumbersMakeEqualBytes() {
    assertEquals(SampleReport.series().toCsv(), SampleReport.series().toCsv());
  }

  @Test
  void aColumnReadsBackWithGaps() {
    SeriesTable table = new SeriesTable("a", "b").row(1, 2.5).row(2, null);
    assertArrayEquals(new double[] {2.5, Double.NaN}, table.column("b"));
    assertThrows(IllegalArgumentException.class, () -> table.column("c"));
  }

  @Test
  void aRowOfTheWrongLengthIsRefusedWithBothLengths() {
    SeriesTable table = new SeriesTable("a", "b");
    String message = assertThrows(IllegalArgumentException.class, () -> table.row(1)).getMessage();
    assertTrue(message.contains("1 cells") && message.contains("2 columns"), message);
    assertThrows(IllegalArgumentException.class, () -> new SeriesTable("a", "a"));
  }
}
