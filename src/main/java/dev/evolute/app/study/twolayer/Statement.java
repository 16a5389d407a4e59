package dev.evolute.app.study.twolayer;

import dev.evolute.app.report.ClaimCheck;

/** The paper's inequalities that are checked at every iterate, and the readings that fail. */
enum Statement {
  WINDOW(
      "η₀ ≤ η_t ≤ min((1 + η₀^d)^(t/2) η₀, 1/K_t), and α₁ > 0",
      "003, equation (103)",
      "The conditions of the theorem. Where one fails, nothing below is asked of the run from then"
          + " on."),
  RATE("L(t+1) ≤ L(t) ρ(η_t, t)", "003, equation (16), left", ""),
  UNIFORM("ρ(η_t, t) ≤ ρ̄(η₀, 0)", "003, equation (16), right", ""),
  MU("μ̄ ≤ μ_t", "003, Theorem 3.2", ""),
  ORDER("μ_t ≤ K_t", "003, Theorem 3.2", ""),
  SMOOTH("K_t ≤ K̄_t", "003, Theorem 3.2", ""),
  LINEAR("L(t+1) ≤ L(0) ρ̄(η₀, 0)^(t+1)", "003, equation (17)", "While the loss is above 10⁻²⁴⁰."),
  PRODUCT(
      "L(t+1) ≤ L(0) h(η_0, 0) ... h(η_t, t)",
      "003, equation (20)",
      "With the factor of k = 0, which the printed product leaves out. h = ρ̄ for the rule made of"
          + " it, else ρ. While the loss is above 10⁻²⁴⁰."),
  SPECTRUM("spectral bounds on T_t", "003, equation (22)", "Both sides, with exp(η₀^c)."),
  SINGULAR("β₁ ≤ σmin(W(t)) and σmax(W(t)) ≤ β₂", "003, equation (23)", ""),
  IMBALANCE("‖D(t) − D(0)‖ ≤ 2Kη₀²α₂exp(η₀^c)L(0)/(1−Δ)", "003, A3 of Theorem E.1", ""),
  CHANGE(
      "‖D(t+1) − D(t)‖ ≤ 2Kη_t²σmax²(T_t)L(t)",
      "003, equation (116)",
      "For every rule. Checked while the right side is above the rounding of D."),
  DESCENT("L(t+1) ≤ L(t) − (η_t − K_t η_t²/2) ‖∇L‖²", "003, equation (9), left", "For every rule."),
  PL("‖∇L‖²/2 ≥ μ_t L(t)", "003, equation (9), right", "For every rule."),
  LOCAL("L(t+1) ≤ L(t) ρ(η_t, t) where η_t K_t < 2", "003, equation (10)", "For every rule."),
  EXACT(
      "exact curvature along the step ≤ K_t",
      "003, Lemma D.2",
      "The largest <g, H g>/<g, g> between the iterate and the next one, for every rule."),
  HVP(
      "curvature in closed form = Hessian-vector products, to 10⁻⁶",
      "003, Lemma D.2",
      "<g, H g>/<g, g> by automatic differentiation at the start, the middle and the end of a step"
          + " of the adaptive rule, where L ≥ 10⁻⁶."),
  EXPLICIT(
      "printed: η = 1/K_t with K_t at η = 0 satisfies η K_t(η) ≤ 1",
      "003, equation (19)",
      "K_t depends on the step it bounds. Read without that, the rule leaves its own window; we take"
          + " the root of η K_t(η) = 1."),
  ALGORITHM1(
      "printed: Algorithm 1 ends within 60 cuts of its first step",
      "003, Algorithm 1",
      "Its test lacks the step: L(next) ≤ L − γ‖∇L‖² cannot be met by a small step."),
  ARMIJO("corrected: it ends with L(next) ≤ L − γη‖∇L‖²", "003, Algorithm 1", "Armijo's test.");

  private final String name;
  private final String paper;
  private final String note;

  Statement(String name, String paper, String note) {
    this.name = name;
    this.paper = paper;
    this.note = note;
  }

  /** A fresh check. */
  ClaimCheck check() {
    return new ClaimCheck(name, paper).note(note);
  }
}
