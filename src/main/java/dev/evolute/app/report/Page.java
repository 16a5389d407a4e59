package dev.evolute.app.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Collectors;

/**
 * What all pages have alike: style and script within the page itself, a policy that forbids it the
 * network, and a way to skip to what it is about.
 *
 * <p>The script is written here and not by a chart library: those small enough to stand in every
 * report draw on a canvas, which can be neither read aloud nor printed sharply, and those that draw
 * SVG are many times as large.
 */
final class Page {
  private Page() {}

  /**
   * A whole page.
   *
   * @param title of the window
   * @param body from its header to the end of its main part
   */
  static String of(String title, Html body) {
    String script = compact(resource("report.js"));
    Html page = new Html();
    page.put("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.put("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    page.put("style-src 'unsafe-inline'; script-src '" + hash(script) + "'; ");
    page.put("base-uri 'none'; form-action 'none'\">\n");
    page.put("<meta name=\"color-scheme\" content=\"light dark\">\n");
    page.put("<title>").text(title).put("</title>\n<style>\n");
    page.put(ChartSvg.palette()).put(resource("report.css")).put("</style>\n</head>\n<body>\n");
    page.put("<a class=\"skip\" href=\"#main\">Skip to the results</a>\n");
    page.put(body.toString());
    page.data("id=\"shapes\"", shapes());
    page.put("<script>" + script + "</script>\n</body>\n</html>\n");
    return page.toString();
  }

  private static String shapes() {
    return Arrays.stream(Marker.values())
        .map(
            marker ->
                marker.pairs().stream().map(Arrays::toString).collect(Collectors.joining(",")))
        .collect(Collectors.joining("],[", "[[", "]]"));
  }

  /** Without indentation and whole lines of comment; no text of the script spans lines. */
  private static String compact(String script) {
    return script
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("//") && !line.startsWith("/**"))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String hash(String script) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name + " from the application itself", e);
    }
  }
}
