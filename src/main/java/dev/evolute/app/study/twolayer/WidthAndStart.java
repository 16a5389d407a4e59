package dev.evolute.app.study.twolayer;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Figure 4: how well random starts are conditioned, against width. */
final class WidthAndStart {
  private final Map<Double, double[][]> conditioning = new TreeMap<>();

  synchronized void add(double p, double[][] rows) {
    conditioning.put(p, rows);
  }

  /** The rows of {@link Conditioning} by p. */
  Map<Double, double[][]> rows() {
    return conditioning;
  }

  List<Claim> claims() {
    List<Claim> claims = new ArrayList<>(List.of(kappaFalls(), ratioRises()));
    claims.addAll(PrintedForms.direction(List.copyOf(conditioning.values())));
    return claims;
  }

  private Claim kappaFalls() {
    ClaimCheck check = new ClaimCheck("κ(T_0) falls with the width", "003, Figure 4");
    for (double[][] rows : conditioning.values()) {
      for (int i = 0; i + 1 < rows.length; i++) {
        check.check(rows[i][Conditioning.KAPPA], rows[i + 1][Conditioning.KAPPA]);
      }
    }
    return check
        .note("Means of neighbouring widths, for each p; κ = σmax/σmin, not its square.")
        .claim();
  }

  private Claim ratioRises() {
    ClaimCheck check = new ClaimCheck("α₁/α₂ rises with the width", "003, equation (31)");
    for (double[][] rows : conditioning.values()) {
      for (int i = 0; i + 1 < rows.length; i++) {
        check.check(rows[i + 1][Conditioning.RATIO], rows[i][Conditioning.RATIO]);
      }
    }
    return check.note("Means of neighbouring widths, for each p.").claim();
  }

  Figure figure() {
    Chart.Builder kappa =
        Chart.titled("Condition number of T₀").x("width h").y("κ(T₀) = σmax/σmin");
    Chart.Builder ratio = Chart.titled("α₁/α₂").x("width h").y("α₁/α₂");
    int colour = 0;
    for (Map.Entry<Double, double[][]> entry : conditioning.entrySet()) {
      String name = "p = " + entry.getKey();
      double[] x = field(entry.getValue(), Conditioning.WIDTH);
      kappa.line(Line.solid(name, x, field(entry.getValue(), Conditioning.KAPPA), colour));
      ratio.line(Line.solid(name, x, field(entry.getValue(), Conditioning.RATIO), colour));
      colour++;
    }
    return new Figure(
        "kappa",
        "Wider networks start better conditioned",
        "Left: mean condition number of T₀ at the start. It does not depend on p, which only scales both"
            + " weights; the three lines are of independent draws. Right: α₁/α₂, the theorem's bound on"
            + " its inverse square: here a smaller p is better, not worse as Appendix G.1 has it.",
        "Figure 4",
        List.of(kappa.build(), ratio.build()));
  }

  private static double[] field(double[][] rows, int index) {
    return Arrays.stream(rows).mapToDouble(row -> row[index]).toArray();
  }
}
