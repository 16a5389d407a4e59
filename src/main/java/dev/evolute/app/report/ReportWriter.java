package dev.evolute.app.report;

import dev.evolute.app.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes what a study leaves behind into its output folder. */
public final class ReportWriter {
  private ReportWriter() {}

  /**
   * Makes the folder where needed and tries to write in it; called before long work.
   *
   * @throws UserException if nothing can be written there
   */
  public static void checkWritable(Path outDir) {
    Path probe = outDir.resolve(".evolute-probe");
    try {
      Files.createDirectories(outDir);
      Files.write(probe, new byte[] {'\n'});
      Files.delete(probe);
    } catch (IOException e) {
      throw cannotWrite(outDir, e);
    }
  }

  /**
   * Writes {@code series.csv}, one SVG a figure, {@code report.html} and, last, {@code
   * summary.json}. Each file appears whole or not at all: it is written beside its place and then
   * moved there.
   *
   * @return the files, in the order written
   * @throws UserException if the folder cannot be made or written
   */
  public static List<Path> write(
      Path outDir, StudyResult result, SeriesTable series, List<Figure> figures) {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("series.csv", series.toCsv());
    for (Figure figure : figures) {
      if (files.put(figure.file(), ChartSvg.file(figure)) != null) {
        throw new IllegalArgumentException(
            "figure name " + figure.name() + " is given twice; each needs its own file");
      }
    }
    files.put("report.html", ReportHtml.text(result, figures));
    files.put("summary.json", SummaryJson.text(result, figures));

    return writeAll(outDir, files);
  }

  /**
   * Writes {@code compare.html} and {@code compare.json}.
   *
   * @param command that makes them again
   * @return the files, in the order written
   * @throws UserException if the folder cannot be made or written
   */
  public static List<Path> write(Path outDir, Comparison comparison, String command) {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("compare.html", ComparisonHtml.text(comparison, command));
    files.put("compare.json", SummaryJson.text(comparison.json()));
    return writeAll(outDir, files);
  }

  private static List<Path> writeAll(Path outDir, Map<String, String> files) {
    List<Path> written = new ArrayList<>();
    try {
      Files.createDirectories(outDir);
      for (Map.Entry<String, String> file : files.entrySet()) {
        written.add(writeWhole(outDir, file.getKey(), file.getValue()));
      }
    } catch (IOException e) {
      throw cannotWrite(outDir, e);
    }
    return List.copyOf(written);
  }

  /**
   * Writes a text beside a report, whole or not at all.
   *
   * @throws UserException if it cannot be written
   */
  public static void writeText(Path outDir, String name, String text) {
    try {
      Files.createDirectories(outDir);
      writeWhole(outDir, name, text);
    } catch (IOException e) {
      throw cannotWrite(outDir, e);
    }
  }

  /**
   * Writes the summary alone, whole or not at all.
   *
   * @throws UserException if it cannot be written
   */
  public static void writeSummary(Path file, StudyResult result, List<Figure> figures) {
    writeText(file, SummaryJson.text(result, figures));
  }

  /** An object of maps, lists, numbers and texts as JSON. */
  public static String json(Map<String, ?> object) {
    return SummaryJson.text(object);
  }

  /**
   * Writes such an object, whole or not at all.
   *
   * @throws UserException if it cannot be written
   */
  public static void writeJson(Path file, Map<String, ?> object) {
    writeText(file, json(object));
  }

  private static void writeText(Path file, String text) {
    Path folder = file.toAbsolutePath().getParent();
    try {
      Files.createDirectories(folder);
      writeWhole(folder, file.getFileName().toString(), text);
    } catch (IOException e) {
      throw new UserException(
          "cannot write %s (%s); name another file".formatted(file, reason(e)), e);
    }
  }

  private static Path writeWhole(Path outDir, String name, String content) throws IOException {
    Path target = outDir.resolve(name);
    Path part = outDir.resolve("." + name + ".part");
    try {
      Files.write(part, content.getBytes(StandardCharsets.UTF_8));
      try {
        Files.move(
            part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(part);
    }
    return target;
  }

  private static UserException cannotWrite(Path outDir, IOException e) {
    return new UserException(
        "cannot write to the output folder "
            + outDir
            + " ("
            + reason(e)
            + "); choose another with --out");
  }

  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileAlreadyExistsException file) {
      return file.getFile() + " is a file, not a folder";
    }
    if (e instanceof FileSystemException file && file.getReason() != null) {
      return file.getReason();
    }
    return e.getMessage();
  }
}
