package dev.evolute.app.study.warmup;

import dev.evolute.kernels.Activation;

/**
 * An activation with the constants of Proposition 3.3: {@code |phi(z)| <= C1 |z|}, {@code |phi'| <=
 * C2}, {@code |phi''| <= C3}.
 *
 * @param title its name
 * @param phi the function
 */
record Smooth(String title, Activation phi, double c1, double c2, double c3) {
  static final Smooth TANH = new Smooth("tanh", Activation.TANH, 1, 1, 4 / (3 * Math.sqrt(3)));

  /** phi' is largest at sqrt 2, phi'' at 0. */
  static final Smooth GELU =
      new Smooth("GELU", Activation.GELU, 1, 1.1289041456, Math.sqrt(2 / Math.PI));

  /** phi' is largest near 2.4, phi'' at 0. */
  static final Smooth SILU = new Smooth("SiLU", Activation.SILU, 1, 1.0998393195, 0.5);

  static final Smooth IDENTITY = new Smooth("linear", Activation.IDENTITY, 1, 1, 0);
}
