package dev.evolute.app.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class NumbersTest {
  @Test
  void fourDigitsAreShown() {
    assertEquals("0.01235", Numbers.text(0.0123456));
    assertEquals("12.5", Numbers.text(12.5));
    assertEquals("−1.3×10^-7", Numbers.text(-1.3e-7));
    assertEquals("1×10^6", Numbers.text(999_999.9));
    assertEquals("380,000", Numbers.text(380_000L));
    assertEquals("−1,234", Numbers.text(-1234.4));
    assertEquals("0", Numbers.text(-0.0));
    assertEquals("none", Numbers.text(Double.NaN));
    assertEquals("1.798×10^308", Numbers.text(Double.MAX_VALUE));
  }

  @Test
  void decimalsHaveARealMinusButNoneBeforeAZero() {
    assertEquals("−0.479", Numbers.fixed(-0.4791, 3));
    assertEquals("12.0", Numbers.fixed(12, 1));
    assertEquals("0", Numbers.fixed(-0.04, 1));
    assertEquals("none", Numbers.fixed(Double.NaN, 1));
  }

  @Test
  void coordinatesHaveAtMostTwoDecimals() {
    assertEquals("1.5", Xml.number(1.5));
    assertEquals("-0.05", Xml.number(-0.049999));
    assertEquals("12", Xml.number(12.001));
    assertEquals("0", Xml.number(-0.001));
    assertEquals("3.07", Xml.number(3.07));
  }

  @Test
  void longTextIsWrappedAtSpaces() {
    assertEquals(List.of("one", "two"), TextWidth.wrap(" one  two ", 3));
    assertEquals(
        List.of("incomprehensibilities", "of"), TextWidth.wrap("incomprehensibilities of", 3));
    assertEquals(List.of(), TextWidth.wrap("", 3));
  }
}
