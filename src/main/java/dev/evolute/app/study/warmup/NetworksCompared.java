package dev.evolute.app.study.warmup;

import dev.evolute.app.report.Chart;
import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Figure;
import dev.evolute.app.report.Line;
import dev.evolute.app.report.StudyResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The step rules of {@link NetworkDescent} beside each other. */
final class NetworksCompared {
  private static final List<String> RULES =
      List.of(
          "step (1), proven constants",
          "step (1), constants seen",
          "ten times that",
          "best constant step");

  private final Protocol protocol;
  private final Map<Case, NetworkDescent.Result> results = new ConcurrentHashMap<>();

  NetworksCompared(Protocol protocol) {
    this.protocol = protocol;
  }

  void add(Case network, NetworkDescent.Result result) {
    results.put(network, result);
  }

  private List<Case> cases() {
    return protocol.descents().stream().filter(results::containsKey).toList();
  }

  Claim stationary() {
    ClaimCheck check =
        new ClaimCheck(
                "least squared gradient norm of K iterates, deep linear networks",
                "000, Theorem F.1")
            .note("With the proven (H₀, H₁).");
    for (Case network : cases()) {
      NetworkDescent.Result result = results.get(network);
      for (int p = 0; p < NetworkDescent.POINTS; p++) {
        long k = (long) result.steps()[p] + 1;
        double slope = result.slopes()[p];
        check.check(Rates.stationary(result.proven(), result.gaps()[0][0], k), slope);
      }
    }
    return check.claim();
  }

  Figure figure() {
    List<Chart> panels = new ArrayList<>();
    for (Case network : cases()) {
      NetworkDescent.Result result = results.get(network);
      double[] x = result.steps().clone();
      for (int p = 0; p < x.length; p++) {
        x[p]++;
      }
      Chart.Builder chart = Chart.titled(network.title()).x("iteration").y("f − f*").logX().logY();
      for (int r = 0; r < RULES.size(); r++) {
        double[] y = result.gaps()[r].clone();
        for (int p = 0; p < y.length; p++) {
          // Below this a gap is rounding of f.
          y[p] = y[p] > 1e-12 * y[0] ? y[p] : Double.NaN;
        }
        chart.line(Line.solid(RULES.get(r), x, y, r));
      }
      panels.add(chart.build());
    }
    return new Figure(
        "descent-networks",
        "Step rules on deep linear networks from a poor start",
        "Layers of norm 4 at the start, iteration 0 drawn at 1. With the constants of Proposition 3.1 the"
            + " step (1) hardly moves. With the least (H₀, H₁) above the curvature seen along the way it"
            + " does; ten times that drops its safety factor. The constant step is the best of powers of"
            + " the fourth root of 2.",
        "",
        panels);
  }

  void metrics(StudyResult.Builder result) {
    for (Case network : cases()) {
      NetworkDescent.Result r = results.get(network);
      String which = ", " + network.title();
      result.metric("H0 proven" + which, r.proven().h0());
      result.metric("H1 proven" + which, r.proven().h1());
      result.metric("H0 seen" + which, r.seen().h0());
      result.metric("H1 seen" + which, r.seen().h1());
      for (int rule = 0; rule < RULES.size(); rule++) {
        double count = r.iterations()[rule];
        result.metric("iterations, " + RULES.get(rule) + which, count < 0 ? Double.NaN : count);
      }
    }
  }
}
