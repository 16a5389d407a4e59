package dev.evolute.app.report;

import java.io.StringWriter;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Writes XML elements in the order of the calls; closes and escapes by construction. Attributes
 * come as name, value, name, value; a number is written with at most two decimals.
 */
final class Xml {
  private final StringWriter text = new StringWriter();
  private final XMLStreamWriter out;

  Xml() {
    try {
      out = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
    } catch (XMLStreamException e) {
      throw new IllegalStateException("cannot write XML in memory: " + e.getMessage(), e);
    }
  }

  /** An element without content. */
  Xml empty(String name, Object... attributes) {
    return write(
        () -> {
          out.writeEmptyElement(name);
          writeAttributes(attributes);
        });
  }

  Xml open(String name, Object... attributes) {
    return write(
        () -> {
          out.writeStartElement(name);
          writeAttributes(attributes);
        });
  }

  Xml text(String characters) {
    return write(() -> out.writeCharacters(legal(characters)));
  }

  Xml close() {
    return write(out::writeEndElement);
  }

  /** A line break between elements, so that the file can be read and compared. */
  Xml line() {
    return write(() -> out.writeCharacters("\n"));
  }

  @Override
  public String toString() {
    write(out::flush);
    return text.toString();
  }

  private void writeAttributes(Object... attributes) throws XMLStreamException {
    for (int i = 0; i < attributes.length; i += 2) {
      Object value = attributes[i + 1];
      out.writeAttribute(
          attributes[i].toString(),
          value instanceof Number n ? number(n.doubleValue()) : legal(value.toString()));
    }
  }

  /** The shortest text of a coordinate rounded to two decimals, in no locale. */
  static String number(double value) {
    long hundredths = Math.round(value * 100);
    long whole = Math.abs(hundredths) / 100;
    long rest = Math.abs(hundredths) % 100;
    String sign = hundredths < 0 ? "-" : "";
    if (rest == 0) {
      return sign + whole;
    }
    return sign + whole + (rest % 10 == 0 ? "." + rest / 10 : (rest < 10 ? ".0" : ".") + rest);
  }

  /** Replaces what XML 1.0 cannot hold, such as control characters and lone surrogates. */
  static String legal(String text) {
    StringBuilder result = new StringBuilder(text.length());
    text.codePoints()
        .map(
            c -> {
              boolean control = c < 0x20 && c != '\n' && c != '\t' && c != '\r';
              boolean surrogate = c >= 0xD800 && c <= 0xDFFF;
              return control || surrogate || c == 0xFFFE || c == 0xFFFF ? 0xFFFD : c;
            })
        .forEach(result::appendCodePoint);
    return result.toString();
  }

  @FunctionalInterface
  private interface Step {
    void run() throws XMLStreamException;
  }

  private Xml write(Step step) {
    try {
      step.run();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("cannot write XML in memory: " + e.getMessage(), e);
    }
    return this;
  }
}
