package dev.evolute.app.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ChartSvgTest {
  private static final double NAN = Double.NaN;

  @Test
  void everySampleFigureIsWellFormedAndNamesEveryLine() throws Exception {
    for (Figure figure : SampleReport.figures()) {
      for (ChartSvg.Layout layout : ChartSvg.Layout.values()) {
        String text = visibleText(parse(ChartSvg.draw(figure, layout, "f")));
        for (Chart chart : figure.panels()) {
          for (Line line : chart.lines()) {
            assertTrue(text.contains(line.name()), line.name());
          }
          for (Chart.Reference reference : chart.references()) {
            assertTrue(text.contains(reference.label()), reference.label());
          }
          assertTrue(text.contains(chart.xLabel()) && text.contains(chart.yLabel()));
        }
      }
    }
  }

  /** As the kernels of a profile, whose names are long. */
  @Test
  void everyNameOfAPlaceIsThereAndNoneCoversAnother() throws Exception {
    List<String> names =
        List.of(
            "gemm",
            "activation",
            "gemmPair",
            "softmaxCrossEntropy",
            "softmaxCrossEntropyVjp",
            "mul",
            "axpby",
            "softmaxCrossEntropyVjpTangent");
    double[] x = {0, 1, 2, 3, 4, 5, 6, 7};
    Chart chart =
        Chart.titled("").places(names).x("kernel").line(Line.points("l", x, x, 0)).build();
    Figure figure = new Figure("kernels", "kernels", "", "", List.of(chart));
    for (ChartSvg.Layout layout : ChartSvg.Layout.values()) {
      Document drawing = parse(ChartSvg.draw(figure, layout, "f"));
      double width = Double.parseDouble(drawing.getDocumentElement().getAttribute("width"));
      NodeList texts = drawing.getElementsByTagName("text");
      List<Element> found = new ArrayList<>();
      for (int i = 0; i < texts.getLength(); i++) {
        Element text = (Element) texts.item(i);
        if (names.contains(text.getTextContent())) {
          found.add(text);
        }
      }
      assertEquals(names, found.stream().map(Element::getTextContent).toList());
      for (Element one : found) {
        assertTrue(from(one) >= -16 && to(one) <= width - 16, one.getTextContent());
        for (Element other : found) {
          boolean apart = to(one) < from(other) || to(other) < from(one);
          boolean sameRow = one.getAttribute("y").equals(other.getAttribute("y"));
          assertTrue(one == other || apart || !sameRow, one.getTextContent());
        }
      }
    }
  }

  private static double from(Element text) {
    double middle = Double.parseDouble(text.getAttribute("x"));
    return middle - TextWidth.of(text.getTextContent()) * Svg.FONT / 2;
  }

  private static double to(Element text) {
    return 2 * Double.parseDouble(text.getAttribute("x")) - from(text);
  }

  @Test
  void equalFiguresMakeEqualBytesInEveryLocale() {
    Figure figure = SampleReport.figures().get(0);
    String first = ChartSvg.file(figure);
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertEquals(first, ChartSvg.file(SampleReport.figures().get(0)));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void idsAndStyleRulesCarryThePrefix() throws Exception {
    String svg = ChartSvg.draw(SampleReport.figures().get(0), ChartSvg.Layout.WIDE, "one");
    NodeList all = parse(svg).getElementsByTagName("*");
    for (int i = 0; i < all.getLength(); i++) {
      String id = ((Element) all.item(i)).getAttribute("id");
      assertTrue(id.isEmpty() || id.startsWith("one"), id);
    }
    String style = parse(svg).getElementsByTagName("style").item(0).getTextContent();
    for (String rule : style.strip().split("\n")) {
      assertTrue(rule.startsWith("#one") || rule.startsWith("@media") || rule.equals("}"), rule);
    }
    assertTrue(style.contains("prefers-color-scheme:dark"));
  }

  @Test
  void namesAreEscapedAndIllegalCharactersReplaced() throws Exception {
    String name = "<script>alert('x')</script> & \u0000\u001b[1m\ud800";
    Line line = Line.solid(name, new double[] {0, 1}, new double[] {0, 1}, 0);
    String svg = draw(Chart.titled("a < b").line(line));
    assertFalse(svg.contains("<script"));
    assertTrue(visibleText(parse(svg)).contains("<script>alert('x')</script> &"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void awkwardSeriesAreDrawnWithoutError(boolean log) throws Exception {
    double[][] series = {
      {},
      {1},
      {NAN},
      {3, 3, 3},
      {0, 0},
      {0, -1, 5},
      {-2, -1},
      {NAN, 1, NAN, 2, NAN},
      {1, Double.POSITIVE_INFINITY, 1e300, 2},
      {1, 1 + 1e-15},
      {Double.MIN_VALUE, 1e-300},
      {1e149, -1e149},
      {1e-30, 1e30},
      {1.5e6, 2.5e6},
      {1.0000001, 1.0000002},
      {0.0021, 0.0034}
    };
    for (double[] y : series) {
      for (Line.Style style : Line.Style.values()) {
        for (boolean swapped : new boolean[] {false, true}) {
          double[] n = new double[y.length];
          Arrays.setAll(n, i -> i);
          Line line = new Line("awkward", swapped ? y : n, swapped ? n : y, style, -1);
          Chart.Builder chart = Chart.titled("").line(line).horizontal(NAN, "h").vertical(0, "v");
          chart.horizontalIfInRange(-7, "below");
          if (log) {
            chart.logX().logY();
          }
          String svg = draw(chart);
          String where = Arrays.toString(y) + " " + style;
          Document document = parse(svg);
          assertTrue(visibleText(document).contains("awkward"), where);
          for (String attribute : List.of("x", "y", "cx", "cy", "d", "height", "transform")) {
            for (String value : attributes(document, attribute)) {
              assertFalse(value.matches(".*(NaN|Infinity|\\d{7}).*"), where + " " + value);
            }
          }
        }
      }
    }
  }

  @Test
  void anEmptyChartSaysSo() throws Exception {
    assertTrue(visibleText(parse(draw(Chart.titled("t")))).contains("no data"));
    parse(ChartSvg.file(new Figure("none", "none", "", "", List.of())));
  }

  @Test
  void aGapSplitsTheLineAndALonePointIsADot() throws Exception {
    double[] x = {0, 1, 2, 3, 4, 5, 6};
    double[] y = {0, 1, NAN, 5, NAN, 2, 3};
    Document document = parse(draw(Chart.titled("t").line(Line.solid("l", x, y, 2))));
    String path = attributes(document, "d").stream().filter(d -> d.contains("L")).findFirst().get();
    assertEquals(2, path.chars().filter(c -> c == 'M').count(), path);
    List<String> dots =
        attributes(document, "d").stream().filter(d -> d.contains("a2.6 2.6")).toList();
    assertEquals(1, dots.size());
    assertEquals(1, dots.get(0).chars().filter(c -> c == 'M').count());
  }

  @Test
  void aMillionStepsMakeASmallFileThatKeepsTheSpike() throws Exception {
    double[] x = new double[1_000_000];
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = i;
      y[i] = Math.sin(i * 1e-5) + 0.2 * Math.sin(i * 0.7);
    }
    y[654_321] = 50;
    String svg = draw(Chart.titled("t").line(Line.solid("l", x, y, 0)));
    assertTrue(svg.length() < 150_000, "length " + svg.length());
    String path =
        attributes(parse(svg), "d").stream().filter(d -> d.contains("L")).findFirst().get();
    double top =
        Arrays.stream(path.split("[ML]"))
            .filter(p -> !p.isEmpty())
            .mapToDouble(p -> Double.parseDouble(p.split(" ")[1]))
            .min()
            .getAsDouble();
    // 5 % of the range is left free above the highest point.
    assertEquals(360 * 0.05 / 1.1, top, 1);
  }

  @Test
  void aBandIsClosedLiesBelowTheLinesAndHasTheGapsOfBothEdges() throws Exception {
    double[] x = {0, 1, 2, 3, 4, 5};
    double[] low = {1, 1, NAN, 1, 1, 1};
    double[] high = {10, 20, 20, 20, NAN, 40};
    String svg = draw(Chart.titled("t").band(x, low, high, 2).line(Line.solid("l", x, high, 2)));
    List<String> closed =
        attributes(parse(svg), "d").stream()
            .filter(d -> d.contains("L") && d.endsWith("Z"))
            .toList();
    assertEquals(1, closed.size());
    assertEquals(3, closed.get(0).chars().filter(c -> c == 'Z').count(), closed.get(0));
    assertTrue(svg.indexOf("class=\"band f2\"") < svg.lastIndexOf("class=\"line s2\""));
    // The axis reaches out to show all of the band.
    double[] wide = {1, 1, 1, 1, 1, 1000};
    String stretched = draw(Chart.titled("t").band(x, low, wide, 0).line(Line.solid("l", x, x, 0)));
    assertTrue(visibleText(parse(stretched)).contains("1,000"));
  }

  /** Colour is not all that tells series apart: each has a shape, in the legend and along it. */
  @Test
  void severalLinesHaveAShapeEachAndASingleOneNone() throws Exception {
    double[] x = {0, 1, 2};
    Line first = Line.solid("a", x, new double[] {0, 1, 2}, 0);
    assertFalse(draw(Chart.titled("t").line(first)).contains("class=\"dot"));
    Line second = Line.solid("b", x, new double[] {2, 1, 0}, 1);
    Document document = parse(draw(Chart.titled("t").line(first).line(second)));
    NodeList paths = document.getElementsByTagName("path");
    List<String> squares = new ArrayList<>();
    for (int i = 0; i < paths.getLength(); i++) {
      Element path = (Element) paths.item(i);
      if (path.getAttribute("class").equals("dot f1")) {
        squares.add(path.getAttribute("d"));
      }
    }
    assertEquals(2, squares.size());
    // One in the legend, five along the line, each with four corners.
    assertEquals(5, squares.get(1).chars().filter(c -> c == 'Z').count());
    assertEquals(15, squares.get(1).chars().filter(c -> c == 'L').count());
    assertEquals(
        Marker.values().length,
        java.util.stream.IntStream.range(0, 7).mapToObj(Marker::of).distinct().count());
  }

  @Test
  void nineWidePanelsStandInThreeColumns() throws Exception {
    Chart panel =
        Chart.titled("t").line(Line.solid("l", new double[] {0}, new double[] {0}, 0)).build();
    Figure figure = new Figure("f", "figure", "", "", java.util.Collections.nCopies(9, panel));
    long columns =
        attributes(parse(ChartSvg.file(figure)), "transform").stream()
            .filter(t -> t.startsWith("translate(") && !t.startsWith("translate(0 "))
            .map(t -> t.split(" ")[0])
            .distinct()
            .count();
    assertEquals(3, columns);
  }

  @Test
  void aReferenceOutOfRangeIsNamedAtTheEdge() throws Exception {
    Line line = Line.solid("l", new double[] {0, 1}, new double[] {1, 2}, 0);
    Chart.Builder chart = Chart.titled("t").line(line).horizontalIfInRange(2000, "2/eta");
    assertTrue(visibleText(parse(draw(chart))).contains("↑ 2/eta"));
  }

  /** Near the left edge there is room on one side of a line only. */
  @Test
  void aLabelDoesNotLieAcrossItsOwnLine() throws Exception {
    Line line = Line.solid("l", new double[] {0, 100}, new double[] {1, 2}, 0);
    String label = "the smallest of them";
    Document document = parse(draw(Chart.titled("t").line(line).vertical(5, label)));
    NodeList texts = document.getElementsByTagName("text");
    double from = NAN;
    for (int i = 0; i < texts.getLength(); i++) {
      if (texts.item(i).getTextContent().equals(label)) {
        from = Double.parseDouble(((Element) texts.item(i)).getAttribute("x"));
      }
    }
    double at = NAN;
    NodeList paths = document.getElementsByTagName("path");
    for (int i = 0; i < paths.getLength(); i++) {
      Element path = (Element) paths.item(i);
      if (path.getAttribute("class").equals("ref")) {
        at = Double.parseDouble(path.getAttribute("d").substring(1).split(" ")[0]);
      }
    }
    assertTrue(from > at, from + " is right of " + at);
  }

  private static String draw(Chart.Builder chart) {
    return ChartSvg.file(new Figure("f", "figure", "caption", "", List.of(chart.build())));
  }

  static Document parse(String svg) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
    var builder = factory.newDocumentBuilder();
    builder.setErrorHandler(null);
    return builder.parse(new InputSource(new StringReader(svg)));
  }

  /** The text elements only, their wrapped lines joined by a space. */
  private static String visibleText(Document document) {
    NodeList texts = document.getElementsByTagName("text");
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < texts.getLength(); i++) {
      parts.add(texts.item(i).getTextContent());
    }
    return String.join(" ", parts);
  }

  private static List<String> attributes(Document document, String name) {
    NodeList all = document.getElementsByTagName("*");
    HashSet<String> values = new HashSet<>();
    for (int i = 0; i < all.getLength(); i++) {
      values.add(((Element) all.item(i)).getAttribute(name));
    }
    return List.copyOf(values);
  }
}
