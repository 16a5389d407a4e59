package dev.evolute.app.report;

import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One inequality or qualitative finding of a paper, checked at every point where it is said to
 * hold.
 *
 * @param name what is claimed, in a few words or as the inequality itself
 * @param paper paper and equation or figure number
 * @param checked number of points checked
 * @param violated number of points where it failed
 * @param tightest smallest relative slack over the points, negative where it failed; NaN (written
 *     as null) where no point had one
 * @param holds whether at least one point was checked and none failed
 * @param note what a reader must know beside the verdict; may be empty
 */
public record Claim(
    String name,
    String paper,
    long checked,
    long violated,
    double tightest,
    boolean holds,
    String note) {

  private static final Pattern KIND =
      Pattern.compile(
          "\\b(theorem|thm|proposition|prop|lemma|corollary|definition|def|figure|table|section"
              + "|appendix|remark|procedure|algorithm|equation)s?\\b",
          Pattern.CASE_INSENSITIVE);

  public Claim {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(paper, "paper");
    note = note == null ? "" : Numbers.written(note);
  }

  /** {@code holds}, {@code fails}, or {@code open} where nothing was checked. */
  String verdict() {
    return checked == 0 ? "open" : holds ? "holds" : "fails";
  }

  /** What it comes from: theorem, lemma, figure ..., equation where only a number is given. */
  String kind() {
    Matcher found = KIND.matcher(paper);
    if (!found.find()) {
      return paper.contains("(") ? "equation" : "other";
    }
    String word = found.group(1).toLowerCase(Locale.ROOT);
    return switch (word) {
      case "thm" -> "theorem";
      case "prop" -> "proposition";
      case "def" -> "definition";
      default -> word;
    };
  }
}
