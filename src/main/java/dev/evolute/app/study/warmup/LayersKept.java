package dev.evolute.app.study.warmup;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import java.util.ArrayList;
import java.util.List;

/** What {@link Balancedness} measured on a linear and on a leaky network. */
final class LayersKept {
  private final double[][] linear;
  private final double[][] leaky;

  LayersKept(double[][] linear, double[][] leaky) {
    this.linear = linear;
    this.leaky = leaky;
  }

  List<Claim> claims() {
    ClaimCheck strong =
        new ClaimCheck("flow keeps WᵢᵀWᵢ − Wᵢ₊₁Wᵢ₊₁ᵀ between linear layers", "000, Section 3.1")
            .note(
                "Halved steps leave at most 0.7 of the drift of descent and 0.15 of that of a fourth-order"
                    + " method, which in the limit are 1/2 and 1/16: the flow itself drifts not at all.");
    ClaimCheck weak =
        new ClaimCheck("flow keeps ‖Wᵢ‖² − ‖Wᵢ₊₁‖² between leaky layers", "000, Section 3.1")
            .note("Halved steps of descent leave at most 0.7 of the drift.");
    int last = Balancedness.POINTS - 1;
    for (int k = 1; k < Balancedness.HALVINGS; k++) {
      strong.check(0.7 * linear[k][last], linear[k + 1][last]);
      int flow = Balancedness.HALVINGS + k;
      strong.check(0.15 * linear[flow][last], linear[flow + 1][last]);
      weak.check(0.7 * leaky[k][last], leaky[k + 1][last]);
    }
    return List.of(strong.claim(), weak.claim());
  }

  Figure figure() {
    return new Figure(
        "balancedness",
        "What gradient flow keeps, and how descent drifts",
        "Largest change of what flow keeps, from weights that are not balanced, along descent with a step"
            + " h, h/2 and h/4 and along a Runge-Kutta method of fourth order with as many: the drift is"
            + " that of the steps. The kinks of the leaky ReLUs cost the fourth-order method its order.",
        "",
        List.of(panel("Linear layers, strong", linear), panel("Leaky ReLU layers, weak", leaky)));
  }

  private static Chart panel(String title, double[][] runs) {
    Chart.Builder chart = Chart.titled(title).x("time").y("largest change").logY();
    List<String> names = new ArrayList<>();
    for (String method : List.of("descent", "fourth order")) {
      names.addAll(List.of(method + ", h", method + ", h/2", method + ", h/4"));
    }
    for (int k = 0; k < names.size(); k++) {
      double[] y = runs[1 + k];
      boolean flow = k >= Balancedness.HALVINGS;
      int colour = k % Balancedness.HALVINGS;
      chart.line(
          flow
              ? Line.dashed(names.get(k), runs[0], y, colour)
              : Line.solid(names.get(k), runs[0], y, colour));
    }
    return chart.build();
  }
}
