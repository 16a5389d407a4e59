package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.StudyResult;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * Appendix B of paper 002: an objective on which descent follows gradient flow to time t only with
 * steps that fall like {@code e^{-a t}}, with -a the least curvature anywhere.
 *
 * <p>Coordinates reach 10^13 and more, where doubles are far apart, so descent and flow are
 * compared by the ratio of their first two coordinates: once both run away from the origin along
 * straight lines, neither changes its ratio any more, and two lines {@code q_2 = rho q_1} are at
 * least {@code |rho - rho'| q_1 / sqrt(1 + rho^2)} apart.
 */
final class WorstCase implements Part {
  private static final double A = 1;
  private static final double[] CUTS = {3, 1e2, 1e4, 1e6, 1e8};
  private static final double[] EPS = {0.5, 1e-2, 1e-4};

  /** {@code q_1(0)}, {@code q_2(0) + 1} and {@code q_3(0)}, as proposition 20 wants them. */
  private static final double Q1 = 0.75;

  private static final double Q2_ABOVE = 0.75 * Math.exp(-12);
  private static final double Q3 = 3;

  private static final double PROPORTIONAL = 1e-9;

  /** Above this over a the third coordinate does not converge. */
  private static final double STABLE = 1 / 6.0;

  /**
   * One cut, eps and time.
   *
   * @param time of the flow at which it is to be met
   * @param excluded the step from which on proposition 20 says that it is not
   * @param largest the largest step whose line comes within eps of the flow
   */
  record Case(double cut, double eps, double time, double excluded, double largest) {}

  private final List<Case> cases = new ArrayList<>();
  private final ClaimCheck proposition =
      new ClaimCheck(
          "descent with η ≥ 10¹⁴ e^(−at) ε / a misses the flow at time t by more than ε",
          "002, Proposition 20");
  private final ClaimCheck smooth =
      new ClaimCheck(
          "φ and φ̄ are not negative, C², and curved by −a at least",
          "002, Appendix B, equations (25) and (26)");

  // The functions

  /** (25) or (26) on the right of its centre, with derivatives. */
  record Hill(double a, double centre, double cut, double width, double top) {
    /** (25) with cut {@code z_c}. */
    static Hill phi(double a, double cut) {
      double top = a * (cut + 1) * (cut + 1) / 2 - 5 * a / 12 - a * cut / 2;
      return new Hill(a, 0, cut, 0, top);
    }

    /** (26) with cut {@code z_c} and transition width rho. */
    static Hill phiBar(double a, double cut, double rho) {
      double top =
          a * (cut + 1) * (cut + 1) / 2 + a / 12 - a * cut / 2 - a * (rho / 2 - 7 * rho * rho / 48);
      return new Hill(a, rho / 2 - 1, cut, rho, top);
    }

    /** The value and the first two derivatives. */
    double[] at(double z) {
      if (z < centre) {
        double[] mirrored = at(2 * centre - z);
        mirrored[1] = -mirrored[1];
        return mirrored;
      }
      if (z > cut + 1) {
        return new double[3];
      }
      double y = z - centre;
      if (width > 0 && z < 1 - width) {
        return new double[] {top - a * y * y / 4, -a * y / 2, -a / 2};
      }
      double base = width > 0 ? top - a / 2 + a * (width / 2 - 7 * width * width / 48) : top;
      double[] f = {base - a * z * z / 2, -a * z, -a};
      if (width > 0 && z < 1) {
        double x = z - 1;
        f[0] -= a * x * x * x / (12 * width);
        f[1] -= a * x * x / (4 * width);
        f[2] -= a * x / (2 * width);
      } else if (z > cut) {
        double x = z - cut;
        double third = a * (2.0 / 3 + cut);
        double fourth = a * (0.25 + cut / 2);
        f[0] += third * x * x * x - fourth * x * x * x * x;
        f[1] += 3 * third * x * x - 4 * fourth * x * x * x;
        f[2] += 6 * third * x - 12 * fourth * x * x;
      }
      return f;
    }

    /** Where one formula takes over from another. */
    double[] joins() {
      return width > 0
          ? new double[] {centre, 1 - width, 1, cut, cut + 1}
          : new double[] {cut, cut + 1};
    }
  }

  /** Checks everything; takes milliseconds. */
  void measure() {
    for (Hill hill : List.of(Hill.phi(A, 4), Hill.phiBar(A, 4, 0.2), Hill.phiBar(2, 9, 0.01))) {
      for (double z : ClosedFlow.grid(1, 2001)) {
        double[] f = hill.at((2 * z - 1) * (hill.cut + 4));
        smooth.check(f[0] + 1e-9, 0);
        smooth.check(f[2] + 1e-9, -hill.a);
      }
      for (double join : hill.joins()) {
        double h = 1e-9;
        double[] left = hill.at(join - h);
        double[] right = hill.at(join + h);
        for (int i = 0; i < 3; i++) {
          smooth.check(1e-5, Math.abs(right[i] - left[i]));
        }
      }
    }
    for (double cut : CUTS) {
      for (double eps : EPS) {
        Course course = new Course(Math.min(Math.exp(-12) / 2, eps / (2 * cut)), Q2_ABOVE);
        double rho = course.rho;
        double first = course.turn + Math.log(2 / (1 - rho)) / A;
        double last =
            course.turn + Math.log((1 + rho / 4) / (1 - 3 * rho / 4)) / A + Math.log(cut) / A;
        for (double time : new double[] {first, last}) {
          one(course, cut, eps, time);
        }
      }
    }
  }

  private void one(Course course, double cut, double eps, double time) {
    double excluded = 1e14 * Math.exp(-A * time) * eps / A;
    // Iterates before the straight part have q_2 < 1 and are further off than that.
    proposition.check(course.flowAt(time) - 1, eps);
    for (int i = 0; i <= 20; i++) {
      double eta = excluded * Math.pow(1 / excluded, i / 20.0);
      if (excluded >= 1 || eta >= STABLE / A) {
        // |q_3| of descent does not fall, that of the flow is all but gone.
        double eta3 = Math.max(excluded, eta);
        boolean away = Math.abs(1 - 12 * A * eta3) >= 1;
        proposition.check(away && Q3 - Q3 * Math.exp(-12 * A * time) > eps);
      } else {
        proposition.check(course.apart(eta, time), eps);
      }
    }
    double high = STABLE / A;
    double low = 1e-30;
    for (int i = 0; i < 200 && high / low > 1.001; i++) {
      double middle = Math.sqrt(low * high);
      if (course.apart(middle, time) > eps) {
        high = middle;
      } else {
        low = middle;
      }
    }
    cases.add(new Case(cut, eps, time, excluded, low));
  }

  /** How the second coordinate gets to 1 under flow and descent. */
  static final class Course {
    final double rho;

    /** Time at which the flow leaves the less curved part. */
    final double turn;

    private final double above;
    private final double across;

    /**
     * With transitions of width rho.
     *
     * @param above {@code q_2(0) + 1}, more than rho / 2
     */
    Course(double rho, double above) {
      this.rho = rho;
      this.above = above;
      turn = 2 / A * Math.log((2 - 1.5 * rho) / (above - rho / 2));
      // The transition is a Riccati equation: x' = a (1 + x + x^2 / (4 rho)) from -rho to 0.
      double k = Math.sqrt(4 * rho - 4 * rho * rho);
      across = 4 * rho / (A * k) * (Math.atan(2 * rho / k) - Math.atan(rho / k));
    }

    /** {@code q_2} of the flow at a time after it has come to 1. */
    double flowAt(double time) {
      return Math.exp(A * (time - turn - across));
    }

    /**
     * How far the line of descent is at least from where the flow is at a time. Below {@link
     * #PROPORTIONAL} what parts them is proportional to the step to all digits that matter, while
     * its effect on the ratio drowns in rounding.
     */
    double apart(double eta, double time) {
      if (eta < PROPORTIONAL) {
        return apart(PROPORTIONAL, time) * (eta / PROPORTIONAL);
      }
      double y = above - rho / 2;
      double rate = Math.log1p(A * eta / 2);
      long k = (long) Math.ceil(Math.log((2 - 1.5 * rho) / y) / rate);
      double x = y * Math.exp(k * rate) - 2 + rho / 2;
      while (x <= 0) {
        x += eta * A * (1 + x + x * x / (4 * rho));
        k++;
      }
      double logQ1 = Math.log(Q1) + k * Math.log1p(A * eta);
      double ratio = Math.exp(Math.log1p(x) - logQ1);
      double atSameQ1 = Math.exp(Math.log1p(x) - logQ1 + Math.log(Q1) + A * time);
      return Math.abs(atSameQ1 - flowAt(time)) / Math.sqrt(1 + ratio * ratio);
    }
  }

  // Claims and figures

  @Override
  public List<Claim> claims() {
    return List.of(
        smooth.note("On a scaled-down pair, and at every join from both sides.").claim(),
        proposition
            .note(
                "For all iterates k: decided by the ratio of coordinates, which rounding does not reach."
                    + " Steps from the bound up to 1.")
            .claim());
  }

  @Override
  public List<Figure> figures() {
    double[] z = ClosedFlow.grid(1, 401);
    double[] left = Arrays.stream(z).map(v -> 14 * v - 7).toArray();
    Hill phi = Hill.phi(A, 4);
    Hill phiBar = Hill.phiBar(A, 4, 0.2);
    Chart hills =
        Chart.titled("Values")
            .x("z")
            .y("value, a = 1")
            .line(Line.solid("φ", left, map(left, v -> phi.at(v)[0]), 0))
            .line(Line.solid("φ̄", left, map(left, v -> phiBar.at(v)[0]), 1))
            .build();
    Chart curvatures =
        Chart.titled("Second derivatives")
            .x("z")
            .y("curvature, a = 1")
            .line(Line.solid("φ″", left, map(left, v -> phi.at(v)[2]), 0))
            .line(Line.solid("φ̄″", left, map(left, v -> phiBar.at(v)[2]), 1))
            .horizontal(-A, "−a")
            .build();
    Chart.Builder steps = Chart.titled("Step that still meets the flow").x("time t").y("η").logY();
    for (int i = 0; i < EPS.length; i++) {
      double eps = EPS[i];
      List<Case> mine = inTime(eps);
      double[] time = mine.stream().mapToDouble(Case::time).toArray();
      String name = "ε = " + BigDecimal.valueOf(eps).stripTrailingZeros().toPlainString();
      steps.line(Line.points(name, time, mine.stream().mapToDouble(Case::largest).toArray(), i));
      steps.line(
          Line.dashed(
              name + ", Prop. 20", time, mine.stream().mapToDouble(Case::excluded).toArray(), i));
    }
    return List.of(
        new Figure(
            "hills",
            "The hills of the worst case",
            "φ and φ̄ with cuts at 4 and a wide transition, so that they can be seen; in the proposition"
                + " the first cut lies beyond 10¹³. The part of φ̄ about its middle is half as curved.",
            "Figure 2",
            List.of(hills, curvatures)),
        new Figure(
            "worst-case",
            "The worst case: steps that fall exponentially with time",
            "The largest step of descent whose path comes within ε of where gradient flow is at time t"
                + " (points), and the step from which on Proposition 20 excludes that (dashed), on"
                + " objectives with later and later cuts. Both fall like e^(−at), so the exponential"
                + " in Corollary 4 cannot be avoided.",
            "",
            List.of(steps.build())));
  }

  private static double[] map(double[] x, DoubleUnaryOperator f) {
    return Arrays.stream(x).map(f).toArray();
  }

  private List<Case> inTime(double eps) {
    return cases.stream()
        .filter(c -> c.eps == eps)
        .sorted(Comparator.comparingDouble(Case::time))
        .toList();
  }

  /** Slope of the logarithm of the largest step against a t, over all cuts with one eps. */
  double slope(double eps) {
    List<Case> mine = inTime(eps);
    Case first = mine.get(0);
    Case last = mine.get(mine.size() - 1);
    return Math.log(last.largest / first.largest) / (A * (last.time - first.time));
  }

  @Override
  public void describe(StudyResult.Builder result) {
    if (cases.isEmpty()) {
      return;
    }
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Case c : cases) {
      rows.add(
          Row.of(
              "b", c.cut,
              "eps", c.eps,
              "time", c.time,
              "excludedFrom", c.excluded,
              "largestStep", c.largest));
    }
    result.more("worstCase", rows);
    result.metric("worstCaseSlope", slope(EPS[1]));
    result.fact(
        "worst case",
        String.format(Locale.ROOT, "e^(%.3f at)", slope(EPS[1])),
        "fall of the step that meets the flow at time t");
  }
}
