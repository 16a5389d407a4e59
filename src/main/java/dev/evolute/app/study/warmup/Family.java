package dev.evolute.app.study.warmup;

/** The families of networks that paper 000 proves its condition for. */
enum Family {
  /** Proposition 3.1: {@code ||Y - W_1 ... W_l X||_F^2}, all layers strongly balanced. */
  LINEAR("deep linear"),
  /**
   * Proposition 3.2: one leaky ReLU below the output layer; the layers below it strongly balanced,
   * all of them weakly.
   */
  ONE_LEAKY("one leaky ReLU"),
  /** Proposition C.1: a leaky ReLU below every layer but the first, all layers weakly balanced. */
  ALL_LEAKY("leaky ReLUs"),
  /** Proposition 3.3: two layers, squared error, L2 penalties; any weights. */
  SQUARES("two layers, squared error"),
  /** Proposition 3.4: two layers, binary cross-entropy, L2 penalties; any weights. */
  LOGISTIC("two layers, cross-entropy");

  private final String title;

  Family(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  boolean penalised() {
    return this == SQUARES || this == LOGISTIC;
  }
}
