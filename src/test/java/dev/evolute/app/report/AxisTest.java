package dev.evolute.app.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class AxisTest {
  @Test
  void linearTicksAreRoundNumbers() {
    assertEquals(List.of("0", "0.2", "0.4", "0.6"), labels(axis(false, 0, 0.69), 4));
    assertEquals(List.of("0", "100,000", "200,000", "300,000"), labels(axis(false, 0, 380_000), 4));
    assertEquals(List.of("2.7", "2.8", "2.9", "3.0"), labels(axis(false, 2.7, 3.01), 5));
    assertEquals(List.of("−2", "0", "2"), labels(axis(false, -3, 3), 3));
  }

  @Test
  void largeValuesShareAPowerOfTen() {
    Axis axis = axis(false, 0, 3e7);
    assertEquals(List.of("0", "10", "20", "30"), labels(axis, 4));
    assertEquals(6, axis.power());
    axis = axis(false, 0, 3e-5);
    assertEquals(List.of("0", "10", "20", "30"), labels(axis, 4));
    assertEquals(-6, axis.power());
  }

  @Test
  void closeValuesAreToldApart() {
    assertEquals(
        List.of("1.00000010", "1.00000015", "1.00000020"),
        labels(axis(false, 1.0000001, 1.0000002), 3));
  }

  @Test
  void decadesAreWrittenAsPowers() {
    Axis axis = axis(true, 1e-8, 1).withTicks(5);
    assertEquals(
        List.of("10^−8", "10^−6", "10^−4", "10^−2", "10^0"),
        axis.ticks().stream().map(t -> t.text() + "^" + t.exponent()).toList());
    assertEquals(0.5, axis.at(1e-4), 1e-12);
  }

  @Test
  void fewDecadesAreWrittenAsNumbers() {
    assertEquals(List.of("0.1", "1", "10", "100"), labels(axis(true, 0.1, 100), 5));
    assertEquals(List.of("2", "5", "10", "20"), labels(axis(true, 1.5, 30), 5));
  }

  @Test
  void aLogAxisDropsWhatItCannotShow() {
    Axis axis = axis(true, 0, -5, 1, 100);
    assertEquals(0, axis.at(1), 1e-12);
    assertEquals(1, axis.at(100), 1e-12);
    assertTrue(!axis.contains(0) && !axis.contains(Double.NaN) && axis.contains(10));
  }

  @Test
  void anAxisNeverPadsBelowZeroWhatIsNot() {
    Axis axis = new Axis(false, DoubleStream.of(0.01, 10), 0.05);
    assertEquals(0, axis.at(0), 1e-12);
  }

  private static Axis axis(boolean log, double... values) {
    return new Axis(log, DoubleStream.of(values), 0);
  }

  private static List<String> labels(Axis axis, int most) {
    return axis.withTicks(most).ticks().stream().map(Axis.Tick::text).toList();
  }
}
