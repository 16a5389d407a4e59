package dev.evolute.app.report;

import java.util.Objects;

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

  public Claim {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(paper, "paper");
    note = note == null ? "" : note;
  }
}
