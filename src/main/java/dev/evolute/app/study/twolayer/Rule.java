package dev.evolute.app.study.twolayer;

/** How the step of an iterate is chosen. */
enum Rule {
  /** (19) with h = rho: as large as the window allows, K_t taken at the step itself. */
  ADAPTIVE("adaptive", "adaptive step (19), ρ", "adaptive ρ", 0) {
    @Override
    double step(int t, Theorem theorem, Local local, Along along) {
      return Math.min(theorem.grown(t), local.inverse());
    }
  },

  /** (19) with h = rho-bar. */
  ADAPTIVE_BAR("adaptive-bar", "adaptive step (19), ρ̄", "adaptive ρ̄", 4) {
    @Override
    double step(int t, Theorem theorem, Local local, Along along) {
      return Math.min(theorem.grown(t), 1 / theorem.kBar(t));
    }
  },

  /** eta_0 throughout. */
  CONSTANT("constant", "constant η₀", "η₀", 5) {
    @Override
    double step(int t, Theorem theorem, Local local, Along along) {
      return theorem.eta0();
    }
  },

  /**
   * Xu et al. 2023: minimises a bound of fourth degree, which takes the root of a cubic, with
   * bounds that hold along the whole course, c_1 = 0.5 and c_2 = 1.5 times alpha_1 and alpha_2.
   */
  XU("xu", "Xu et al. 2023", "Xu et al.", 1) {
    @Override
    double step(int t, Theorem theorem, Local local, Along along) {
      Constants at = theorem.at();
      double outer = Math.sqrt(2 * at.smoothness() * local.loss());
      return xu(at.smoothness(), 0.5 * at.alpha1(), 1.5 * at.alpha2(), at.beta2(), outer);
    }
  },

  /** The same with the spectra of the iterate in place of the bounds. */
  XU_LOCAL("xu-local", "Xu et al. with local spectra", "Xu, local", 3) {
    @Override
    double step(int t, Theorem theorem, Local local, Along along) {
      return xu(
          local.smoothness(), local.sigmaMin2(), local.sigmaMax2(), local.wMax(), local.outer());
    }
  },

  /** Algorithm 1 with Armijo's test, tau = 0.1, gamma = 0.9, from 1. */
  BACKTRACKING("backtracking", "backtracking, τ = 0.1, γ = 0.9", "backtracking", 2) {
    @Override
    double step(int t, Theorem theorem, Local local, Along along) {
      return backtracked(local, along, 0.1, 0.9);
    }
  },

  /** The same with the constants that one would choose today. */
  BACKTRACKING_HALF("backtracking-half", "backtracking, τ = γ = 0.5", "backtracking ½", 4) {
    @Override
    double step(int t, Theorem theorem, Local local, Along along) {
      return backtracked(local, along, 0.5, 0.5);
    }
  },

  /** The best step of each iterate. */
  EXACT("exact", "exact line search", "best step", 6) {
    @Override
    double step(int t, Theorem theorem, Local local, Along along) {
      return along.best(local.inverse());
    }
  };

  private static final int MOST_CUTS = 1000;

  private final String label;
  private final String title;
  private final String brief;
  private final int colour;

  Rule(String label, String title, String brief, int colour) {
    this.label = label;
    this.title = title;
    this.brief = brief;
    this.colour = colour;
  }

  /** The name in files. */
  String label() {
    return label;
  }

  /** The name in text. */
  String title() {
    return title;
  }

  /** The name in legends. */
  String brief() {
    return brief;
  }

  /** Its colour in pictures; two that share one are in no picture together. */
  int colour() {
    return colour;
  }

  /** Whether Theorem 3.2 speaks of it. */
  boolean underTheorem() {
    return this == ADAPTIVE || this == ADAPTIVE_BAR || this == CONSTANT;
  }

  /** Whether it reads the spectra of {@link Local}, or else of that only loss and gradient. */
  boolean needsSpectra() {
    return this == ADAPTIVE || this == XU_LOCAL || this == EXACT;
  }

  /** Whether it looks along the ray. */
  boolean needsRay() {
    return this == BACKTRACKING || this == BACKTRACKING_HALF || this == EXACT;
  }

  /** The step at iterate t. */
  abstract double step(int t, Theorem theorem, Local local, Along along);

  /** The minimiser of Xu's bound: s, w, g bound sigma_max^2(T), sigma_max(W), ||grad l||. */
  private static double xu(double k, double sigmaMin2, double s, double w, double g) {
    return Local.risingRoot(
        2 * k * w * w * g * g, 3 * k * s * w * g, k * s * s + 2 * w * g, sigmaMin2);
  }

  private static double backtracked(Local local, Along along, double tau, double gamma) {
    double eta = 1;
    for (int cut = 0; cut < MOST_CUTS; cut++) {
      if (along.value(eta) <= local.loss() - gamma * eta * local.squared()) {
        return eta;
      }
      eta *= tau;
    }
    throw new IllegalStateException("backtracking did not end in " + MOST_CUTS + " cuts");
  }
}
