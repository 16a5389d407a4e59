package dev.evolute.app.study.rsc;

/** The two scalings in which the networks of the paper are trained here. */
enum Parametrisation {
  /**
   * The theory's, equation (1) with assumption 2: {@code 1/sqrt(fan-in)} in the forward pass, unit
   * v.
   */
  SCALED("scaled", "1/√m scaling of the theory"),

  /** What libraries have: no factors in the forward pass, weights {@code N(0, 1/fan-in)}. */
  LIBRARY("library", "usual library scaling");

  private final String label;
  private final String title;

  Parametrisation(String label, String title) {
    this.label = label;
    this.title = title;
  }

  /** The name in files and settings. */
  String label() {
    return label;
  }

  /** The name in text. */
  String title() {
    return title;
  }

  /**
   * The constant learning rate for width m. The paper only says that it keeps the training in the
   * NTK regime: the tangent kernel grows like m in the library scaling and not at all in the other.
   */
  double eta(int width) {
    return this == SCALED ? 1 : 1.0 / width;
  }
}
