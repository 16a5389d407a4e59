package dev.evolute.app.report;

/**
 * Accumulates the points at which a {@link Claim} of the form {@code lhs >= rhs} is checked.
 *
 * <p>The relative slack of a point is {@code (lhs - rhs) / max(|lhs|, |rhs|, Double.MIN_NORMAL)}. A
 * point where either side is not finite counts as violated and has no slack: a diverged run is no
 * evidence for a bound.
 */
public final class ClaimCheck {
  private final String name;
  private final String paper;
  private String note = "";
  private long checked;
  private long violated;
  private double tightest = Double.NaN;

  public ClaimCheck(String name, String paper) {
    this.name = name;
    this.paper = paper;
  }

  /** Records one point; returns whether {@code lhs >= rhs} holds there. */
  public boolean check(double lhs, double rhs) {
    checked++;
    if (!Double.isFinite(lhs) || !Double.isFinite(rhs)) {
      violated++;
      return false;
    }
    // Halving both sides keeps the difference of two huge numbers of opposite sign finite.
    double scale = Math.max(Double.MIN_NORMAL, Math.max(Math.abs(lhs), Math.abs(rhs)));
    double slack = 2 * ((0.5 * lhs - 0.5 * rhs) / scale);
    tightest = Double.isNaN(tightest) ? slack : Math.min(tightest, slack);
    boolean holds = lhs >= rhs;
    if (!holds) {
      violated++;
    }
    return holds;
  }

  /** Records one point of a qualitative finding, which has no slack. */
  public boolean check(boolean holds) {
    checked++;
    if (!holds) {
      violated++;
    }
    return holds;
  }

  /**
   * Records points that were checked elsewhere; {@code otherTightest} is NaN where none had one.
   */
  public void add(long otherChecked, long otherViolated, double otherTightest) {
    checked += otherChecked;
    violated += otherViolated;
    if (!Double.isNaN(otherTightest)) {
      tightest = Double.isNaN(tightest) ? otherTightest : Math.min(tightest, otherTightest);
    }
  }

  /** What {@link #add(double[])} takes: for a checkpoint. */
  public double[] tally() {
    return new double[] {checked, violated, tightest};
  }

  /** Records the points of another's {@link #tally()}. */
  public void add(double[] tally) {
    add((long) tally[0], (long) tally[1], tally[2]);
  }

  /** Sets the remark printed beside the verdict. */
  public ClaimCheck note(String text) {
    note = text;
    return this;
  }

  /** Number of points recorded so far. */
  public long checked() {
    return checked;
  }

  /** Number of points where it failed so far. */
  public long violated() {
    return violated;
  }

  /** Smallest relative slack so far; NaN where no point had one. */
  public double tightest() {
    return tightest;
  }

  /** The claim as it stands; a claim checked at no point does not hold. */
  public Claim claim() {
    return new Claim(name, paper, checked, violated, tightest, checked > 0 && violated == 0, note);
  }
}
