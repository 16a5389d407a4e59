package dev.evolute.app.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JdkTextTest {
  @TempDir Path folder;

  @Test
  void sourcesComeInTheOrderOfTheirNamesUntilThereIsEnough() throws Exception {
    Path archive = folder.resolve("src.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
      for (String name :
          List.of(
              "a.desktop/A.java", "java.base/java/b/B.java", "java.base/java/a/A.java", "x.md")) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(("text of " + name).getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    JdkText two = JdkText.of(archive, 40);
    assertEquals(
        List.of("text of java.base/java/a/A.java", "text of java.base/java/b/B.java"), two.texts());
    assertEquals(62, two.characters());
    assertEquals("jdk-src.zip", two.name());
    assertEquals(3, JdkText.of(archive, 1_000).texts().size());
    Tokens tokens = Tokens.ofTexts(two.texts(), Encoding.BYTES);
    assertEquals(62 + 1, tokens.count());
    assertEquals('t', tokens.at(0));
    assertEquals(0, tokens.at(31));
    assertEquals('t', tokens.at(32));
  }

  @Test
  void withoutSourcesThereAreTheNamesOfCharacters() {
    Path missing = folder.resolve("src.zip");
    JdkText names = JdkText.of(missing, 5_000);
    assertEquals("unicode-names", names.name());
    assertTrue(names.origin().contains(missing + " is missing"), names.origin());
    assertTrue(names.texts().getFirst().contains("\nLATIN SMALL LETTER A\n"));
    assertTrue(names.characters() >= 5_000 && names.characters() < 5_100);
  }
}
