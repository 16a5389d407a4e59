package dev.evolute.app.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evolute.app.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A result that was written before, read back.
 *
 * @param path as the user named it
 * @param summary the object of {@code summary.json}
 * @param figures its pictures with their numbers; none where there is only a summary
 */
record SavedResult(Path path, JsonNode summary, List<Figure> figures) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern DATA =
      Pattern.compile(
          "<script type=\"application/json\" (id=\"summary\"|data-figure)>(.*?)</script>",
          Pattern.DOTALL);

  /**
   * Reads a result.
   *
   * @param path a folder of results, its {@code report.html}, or a summary alone
   * @throws UserException if there is none
   */
  static SavedResult read(Path path) {
    Path file = path;
    if (Files.isDirectory(path)) {
      Path report = path.resolve("report.html");
      file = Files.exists(report) ? report : path.resolve("summary.json");
    }
    if (!Files.isReadable(file)) {
      throw new UserException(
          "compare: %s has no result that can be read; name a folder with report.html or"
                  .formatted(path)
              + " summary.json, or one of these files");
    }
    try {
      String text = Files.readString(file);
      return file.toString().endsWith(".html") ? report(path, file, text) : summary(path, text);
    } catch (JsonProcessingException e) {
      throw new UserException(
          "compare: %s is no result of this program (%s)".formatted(file, e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new UserException("compare: %s cannot be read (%s)".formatted(file, e), e);
    }
  }

  private static SavedResult report(Path path, Path file, String text) throws IOException {
    JsonNode summary = null;
    java.util.ArrayList<Figure> figures = new java.util.ArrayList<>();
    for (Matcher found = DATA.matcher(text); found.find(); ) {
      JsonNode node = JSON.readTree(found.group(2));
      if (found.group(1).startsWith("id")) {
        summary = node;
      } else {
        figures.add(FigureData.read(node));
      }
    }
    if (summary == null) {
      throw new UserException(
          "compare: %s holds no numbers; make it again with this version".formatted(file));
    }
    return new SavedResult(path, summary, List.copyOf(figures));
  }

  private static SavedResult summary(Path path, String text) throws JsonProcessingException {
    JsonNode summary = JSON.readTree(text);
    if (!summary.hasNonNull("study") || !summary.hasNonNull("metrics")) {
      throw new UserException(
          "compare: %s is no summary of a study, a probe or a training".formatted(path));
    }
    return new SavedResult(path, summary, List.of());
  }

  /** A line that says what it is. */
  String title() {
    return summary.get("study").asText()
        + " on "
        + summary.path("data").path("name").asText()
        + (summary.path("quick").asBoolean() ? ", quick" : "")
        + (summary.path("partial").asBoolean() ? ", partial" : "");
  }
}
