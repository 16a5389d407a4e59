package dev.evolute.app.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class NumbersTest {
  @Test
  void fourDigitsAreShown() {
    assertEquals("0.01235", Numbers.text(0.0123456));
    assertEquals("12.5", Numbers.text(12.5));
    assertEquals("−1.3×10⁻⁷", Numbers.text(-1.3e-7));
    assertEquals("10⁶", Numbers.text(999_999.9));
    assertEquals("380,000", Numbers.text(380_000L));
    assertEquals("−1,234", Numbers.text(-1234.4));
    assertEquals("0", Numbers.text(-0.0));
    assertEquals("none", Numbers.text(Double.NaN));
    assertEquals("1.798×10³⁰⁸", Numbers.text(Double.MAX_VALUE));
  }

  @Test
  void significantDigitsKeepTheirZeros() {
    assertEquals("−1.210", Numbers.significant(-1.21, 4));
    assertEquals("5×10⁻²⁴", Numbers.significant(5.3e-24, 1));
    assertEquals("0.001", Numbers.significant(1e-3, 1));
    assertEquals("16,000", Numbers.significant(15_849, 2));
    assertEquals("none", Numbers.significant(Double.NaN, 2));
    assertEquals("0", Numbers.significant(0, 2));
    assertEquals("10⁻¹²", Numbers.power(-12));
  }

  @Test
  void whatFormatsLeaveInATextIsWrittenAsPeopleDo() {
    assertEquals(
        "it is 5.3×10⁻²⁴ with 1.9×10²⁶ iterations",
        Numbers.written("it is 5.3e-24 with 1.9e+26 iterations"));
    assertEquals("f ≤ 10⁻⁴, 0.0084 and 3,610", Numbers.written("f ≤ 1E-4, 8.4e-03 and 3.61e+03"));
    assertEquals("above 10⁻⁴ of it; −1.21 (−3)", Numbers.written("above 10^-4 of it; -1.21 (-3)"));
    for (String name :
        List.of(
            "784-50-50-10", "e^-x", "sha256 a1e5b9e12", "m^-0.5", "mnist-1k", "10^4.2", "x-1")) {
      assertEquals(name, Numbers.written(name));
    }
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

  @Test
  void bytesAreSaidInTheUnitThatFits() {
    assertEquals("0 kB", Numbers.bytes(0));
    assertEquals("1 kB", Numbers.bytes(1));
    assertEquals("338 kB", Numbers.bytes(337_600));
    assertEquals("1.0 MB", Numbers.bytes(1_012_800));
    assertEquals("47 MB", Numbers.bytes(47_040_000));
    assertEquals("2.5 GB", Numbers.bytes(2_500_000_000L));
  }
}
