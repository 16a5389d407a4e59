package dev.evolute.app.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.SourceTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages lead where they say: files, headings, pictures, tests. */
class DocumentationTest {
  private static final Path ROOT = SourceTree.root();
  private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```");
  private static final Pattern LINK = Pattern.compile("!?\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
  private static final Pattern TEST = Pattern.compile("\\b[A-Z][A-Za-z0-9]*(?:Test|Facts)\\b");
  private static final int MOST_PICTURE_BYTES = 150_000;

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    for (String folder : List.of("", ".github", "kernels-gpu", "bench")) {
      try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
        files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
      }
    }
    try (Stream<Path> files = Files.walk(ROOT.resolve("src/docs"))) {
      files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
    }
    return pages;
  }

  private static String text(Path page) throws IOException {
    return FENCED.matcher(Files.readString(page)).replaceAll("");
  }

  /** What GitHub makes of a heading: lower case, no punctuation, a dash for a space. */
  private static Set<String> anchors(Path page) throws IOException {
    Set<String> anchors = new HashSet<>();
    for (MatchResult heading : HEADING.matcher(text(page)).results().toList()) {
      String words = heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "");
      anchors.add(words.strip().replace(' ', '-'));
    }
    return anchors;
  }

  @Test
  void everyLinkLeadsToAFileAndAHeading() throws IOException {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path page : pages()) {
      for (MatchResult link : LINK.matcher(text(page)).results().toList()) {
        String target = link.group(1);
        if (target.matches("[a-z]+:.*")) {
          continue;
        }
        links++;
        String[] parts = target.split("#", 2);
        Path file =
            parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).toAbsolutePath().normalize();
        if (!file.startsWith(ROOT) || !Files.exists(file)) {
          broken.add(ROOT.relativize(page) + " leads to " + target + ", which is not there");
        } else if (parts.length == 2 && !anchors(file).contains(parts[1])) {
          broken.add(ROOT.relativize(page) + " leads to " + target + ", which has no such heading");
        }
      }
    }
    assertEquals(List.of(), broken);
    assertTrue(links > 40, links + " links found");
  }

  @Test
  void everyTestThatIsNamedIsThere() throws IOException {
    Set<String> sources = new HashSet<>();
    try (Stream<Path> files = Files.walk(ROOT)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".java"))
          .forEach(name -> sources.add(name.substring(0, name.length() - ".java".length())));
    }
    List<String> missing = new ArrayList<>();
    for (Path page : pages()) {
      for (MatchResult test : TEST.matcher(Files.readString(page)).results().toList()) {
        if (!sources.contains(test.group())) {
          missing.add(ROOT.relativize(page) + " names " + test.group());
        }
      }
    }
    assertEquals(List.of(), missing);
  }

  @Test
  void everyPictureIsUsedAndSmall() throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path page : pages()) {
      all.append(Files.readString(page));
    }
    try (Stream<Path> files = Files.walk(ROOT.resolve("src/docs"))) {
      for (Path picture : files.filter(file -> file.toString().endsWith(".svg")).toList()) {
        assertTrue(all.indexOf(picture.getFileName().toString()) >= 0, picture + " is not used");
        assertTrue(Files.size(picture) <= MOST_PICTURE_BYTES, picture + " is too large");
      }
    }
  }

  @Test
  void everyStudyHasItsPage() {
    for (String study : List.of("gd-vs-flow", "rsc", "two-layer", "warmup")) {
      assertTrue(Files.exists(ROOT.resolve("src/docs/studies/" + study + ".md")), study);
    }
    assertEquals(4, dev.evolute.app.study.Studies.all().size(), "a new study wants a page");
  }
}
