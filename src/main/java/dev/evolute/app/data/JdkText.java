package dev.evolute.app.data;

import dev.evolute.app.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Text that is there wherever Java is: the sources that a JDK carries in {@code lib/src.zip}, or,
 * where they are missing, the names of Unicode's characters, which are in every Java runtime.
 *
 * @param name {@code jdk-src.zip} or {@code unicode-names}
 * @param real whether it is the sources
 * @param origin one sentence on where it is from
 * @param texts the files, or the names as one text
 * @param characters of all texts
 */
public record JdkText(
    String name, boolean real, String origin, List<String> texts, long characters) {
  private static final String FIRST = "java.base/java/";

  /** A code point beyond which there are no more names of letters and signs. */
  private static final int LAST_POINT = 0x2fa1f;

  /**
   * The first files of the running JDK's {@code java.base}, in the order of their names, until
   * there are enough characters.
   *
   * @param most characters wanted, about
   */
  public static JdkText of(long most) {
    return of(Path.of(System.getProperty("java.home"), "lib", "src.zip"), most);
  }

  /** The same from a given archive. */
  static JdkText of(Path archive, long most) {
    if (!Files.isRegularFile(archive)) {
      return unicode(archive, most);
    }
    List<String> texts = new ArrayList<>();
    long characters = 0;
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      List<? extends ZipEntry> entries =
          zip.stream()
              .filter(entry -> entry.getName().endsWith(".java"))
              // java.base first, then all others.
              .sorted(
                  Comparator.comparing((ZipEntry entry) -> !entry.getName().startsWith(FIRST))
                      .thenComparing(ZipEntry::getName))
              .toList();
      for (ZipEntry entry : entries) {
        if (characters >= most) {
          break;
        }
        String text = new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
        texts.add(text);
        characters += text.length();
      }
    } catch (IOException e) {
      throw new UserException(
          "%s cannot be read (%s); repair the JDK or run with another one"
              .formatted(archive, e.getMessage()),
          e);
    }
    return new JdkText(
        "jdk-src.zip",
        true,
        "the first %,d source files of JDK %s's lib/src.zip, as bytes"
            .formatted(texts.size(), Runtime.version().toString()),
        List.copyOf(texts),
        characters);
  }

  private static JdkText unicode(Path archive, long most) {
    StringBuilder text = new StringBuilder();
    for (int point = 0; point <= LAST_POINT && text.length() < most; point++) {
      if (Character.isDefined(point)) {
        text.append(Character.getName(point)).append('\n');
      }
    }
    return new JdkText(
        "unicode-names",
        false,
        "the names of Unicode's characters, because %s is missing (a JDK's package of sources has it)"
            .formatted(archive),
        List.of(text.toString()),
        text.length());
  }
}
