package dev.evolute.app.study.rsc;

import dev.evolute.app.report.Claim;
import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.report.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every inequality the paper proves, at every point where its assumptions hold, with the paper's
 * constants and with constants computed from the layers' measured norms.
 */
final class Inequalities {
  /** What a bound may fail by, relative to itself: some are attained, and then rounding decides. */
  private static final double ROUNDING = 1e-9;

  private final Map<String, ClaimCheck> checks = new LinkedHashMap<>();
  private final Map<String, Double> least = new LinkedHashMap<>();
  private final Map<String, Double> most = new LinkedHashMap<>();

  Inequalities(List<HessianScaling.Row> rows, List<BoundsRun> runs, int inputs) {
    for (HessianScaling.Row row : rows) {
      LayerBounds start =
          LayerBounds.ball(row.snapshot().bounds().depth(), row.width(), Protocol.SIGMA1, 0);
      snapshot(row.snapshot(), start, row.width() >= inputs, inputs);
    }
    for (BoundsRun run : runs) {
      for (BoundsRun.Probe probe : run.probes) {
        snapshot(probe.snapshot(), run.ball(), run.wide(), run.network.inputs());
        losses(run, probe);
        kernel(run, probe);
        convexity(run, probe, "local", run.local(probe), probe.rho2());
        if (run.wide()) {
          convexity(run, probe, "paper", run.paper(), longest(run));
        }
      }
    }
  }

  /** The largest {@code rho_2} of a run. */
  static double longest(BoundsRun run) {
    return run.probes.stream().mapToDouble(BoundsRun.Probe::rho2).max().orElse(0);
  }

  /** A bound and what it bounds. */
  private void bound(String name, String paper, double bound, double measured) {
    check(name, paper).check(bound * (1 + ROUNDING), measured);
    if (measured > 0) {
      double orders = Math.log10(bound / measured);
      least.merge(name, orders, Math::min);
      most.merge(name, orders, Math::max);
    }
  }

  private ClaimCheck check(String name, String paper) {
    return checks.computeIfAbsent(name, key -> new ClaimCheck(name, "001, " + paper));
  }

  private void snapshot(Snapshot s, LayerBounds ball, boolean wide, int inputs) {
    LayerBounds own = s.bounds();
    int depth = own.depth();
    double root = Math.sqrt(own.width());
    double hessian = s.hessian() + s.hessianResidual();
    double gradient = s.gradient();
    bound(
        "‖∇²f‖ ≤ direct bound from the layers’ norms", "sharper than (5)", own.hessian(), hessian);
    bound("‖∇f‖ ≤ bound from the layers’ norms", "sharper than (9)", own.gradient(), gradient);
    bound("|f| ≤ bound from the layers’ norms", "lemma 4.2, proof", own.output(), s.output());
    String x = "‖∇ₓf‖ ≤ ‖v‖ γ₁⋯γ_L/√d";
    bound(x, "(9), corrected", own.inputGradient(inputs), s.inputGradient());
    if (!wide) {
      return;
    }
    double gamma = ball.gamma()[0];
    for (int l = 1; l <= depth; l++) {
      bound("‖W_l‖ ≤ γ√m", "lemma A.1, proposition A.1", gamma, own.gamma()[l - 1]);
      bound("‖a_l‖ ≤ √m h(l+1)", "lemma A.2", root * ball.h(l + 1), s.activations()[l - 1]);
      double back = Math.pow(gamma, depth - l) * ball.v() / root;
      bound("‖∂f/∂a_l‖ ≤ γ^(L−l)(1+ρ₁)/√m", "lemmas A.6, A.7", back, s.backwards()[l - 1]);
    }
    String c = "‖∇²f‖ ≤ c_H/√m with (6)";
    bound(c, "theorems 4.1 and C.1, (5)-(7)", ball.paperConstant().value() / root, hessian);
    bound("‖∇²f‖ ≤ c/√m with the direct c", "sharper than (6)", ball.hessian(), hessian);
    bound("‖∇f‖ ≤ ϱ", "lemma 4.1, (9)", ball.gradient(), gradient);
    double printed = Math.pow(gamma, depth) * ball.v() / root;
    bound("‖∇ₓf‖ ≤ γ^L(1+ρ₁)/√m, as printed", "lemma 4.1, (9)", printed, s.inputGradient());
  }

  private void losses(BoundsRun run, BoundsRun.Probe probe) {
    int k = run.network.outputs();
    LayerBounds own = probe.snapshot().bounds();
    double slope = Math.sqrt(k) * probe.rootLambda() * own.gradient();
    bound("‖∇L‖ ≤ √λ ϱ with ϱ of the layers", "corollary 4.1", slope, probe.gradient());
    if (run.kind == BoundsRun.Kind.LOGISTIC) {
      return;
    }
    if (run.wide()) {
      LayerBounds ball = run.ball();
      LayerBounds start = LayerBounds.ball(own.depth(), own.width(), Protocol.SIGMA1, 0);
      double c = ball.loss(probe.square(), k);
      bound("L(θ) ≤ c_{ρ₁,γ}", "lemma 4.2", c, probe.loss());
      if (probe.iteration() == 0) {
        bound("L(θ₀) ≤ c_{0,σ₁}", "lemma 4.2", start.loss(probe.square(), k), probe.loss());
      }
      double paper = 2 * Math.sqrt(k * c) * ball.gradient();
      bound("‖∇L‖ ≤ 2√c ϱ", "corollary 4.1", paper, probe.gradient());
    }
  }

  private void kernel(BoundsRun run, BoundsRun.Probe probe) {
    if (run.network.outputs() == 1) {
      double square = probe.gbar() * probe.gbar();
      ClaimCheck check = check("λmin(K)/n ≤ ‖ḡ‖² ≤ λmax(K)/n", "remark 5.5");
      check.check(square, probe.kernelMin() / run.samples());
      check.check(probe.kernelMax() / run.samples(), square);
    }
  }

  private static String theorem(BoundsRun run, String square, String general, String several) {
    return switch (run.kind) {
      case LABELS, OFFSET -> square;
      case LOGISTIC -> general;
      case OUTPUTS -> several;
    };
  }

  private void convexity(
      BoundsRun run, BoundsRun.Probe probe, String whose, LayerBounds.Convexity c, double rho2) {
    String with = whose.equals("paper") ? ", paper’s constants" : ", local constants";
    String loss =
        theorem(run, "", " (general loss)", " (" + run.network.outputs() + " outputs)") + with;
    double start = probe.loss();
    double square = probe.gradient() * probe.gradient();
    double beta = c.beta();
    String smooth = theorem(run, "theorem 5.2, (11)", "theorem B.2", "theorem C.3, (46)");
    bound("λmax(∇²L) ≤ β" + loss, smooth, beta, probe.lambdaMax());
    ClaimCheck descent = check("descent (40)" + with, "(40)");
    ClaimCheck rpl = check("RPL (12) where α > 0" + with, "lemma 5.1, (12)");
    ClaimCheck local = check("rate (13) where α > 0" + with, "lemma 5.2, (13)");
    ClaimCheck global = check("rate (14) where α > 0" + with, "theorem 5.3, (14)");
    List<BoundsRun.Trial> descents =
        probe.trials().stream().filter(t -> t.eta() > 0 && t.eta() * beta < 2).toList();
    for (BoundsRun.Trial step : descents) {
      descent.check(start - step.eta() * (1 - beta * step.eta() / 2) * square, step.loss());
    }
    String rsc = theorem(run, "theorem 5.1, (10)", "theorem B.1, (38)", "theorem C.2, (45)");
    for (BoundsRun.Trial trial : probe.trials()) {
      double alpha = c.alpha(trial.cosine(), probe.gbar(), rho2);
      check("restricted strong convexity, α" + loss, rsc)
          .check(trial.loss(), start + trial.slope() + alpha / 2 * trial.square());
      check("smoothness, β" + loss, smooth)
          .check(start + trial.slope() + beta / 2 * trial.square(), trial.loss());
      check("α < β" + loss, "remark 5.2").check(beta, alpha);
      if (alpha > 0) {
        rpl.check(square / (2 * alpha), start - trial.loss());
        for (BoundsRun.Trial step : descents) {
          double omega = step.eta() * beta;
          double rate = alpha * omega * (2 - omega) / beta;
          local.check((1 - rate) * (start - trial.loss()), step.loss() - trial.loss());
          if (trial.loss() < start) {
            double rest = 1 - trial.loss() / start;
            global.check((1 - rate * rest) * start, step.loss());
          }
        }
      }
    }
  }

  /** The claims, with the orders of magnitude by which bounds are loose. */
  List<Claim> claims() {
    List<Claim> claims = new ArrayList<>();
    checks.forEach(
        (name, check) -> {
          if (most.containsKey(name)) {
            check.note(looseness(name));
          } else if (check.checked() == 0 && name.contains("α > 0")) {
            check.note("α is negative wherever it was computed: this says nothing here.");
          } else if (name.startsWith("rate (14)")) {
            check.note("With 0 for the unknown L*, which no loss here is below.");
          }
          claims.add(check.claim());
        });
    return claims;
  }

  private String looseness(String name) {
    double low = least.get(name);
    double high = most.get(name);
    String range = Numbers.fixed(low, 1) + " to " + Numbers.fixed(high, 1);
    String verdict = low > 1 ? " It says little." : "";
    return "The bound is " + range + " orders of magnitude above what is measured." + verdict;
  }

  /** Orders of magnitude between a bound and what it bounds, at the tightest point; NaN if none. */
  double orders(String name) {
    return least.getOrDefault(name, Double.NaN);
  }
}
