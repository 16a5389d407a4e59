package dev.evolute.app.train;

import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.Tracker;

/**
 * How the largest eigenvalue of the Hessian is followed along a run.
 *
 * @param every steps between two probes; 0 for none
 * @param samples training samples whose mean loss is probed
 * @param share of the run's passes over samples that probes may take, from above 0 to 1: one that
 *     comes while they have had more is left out. The first and the last are always there
 * @param tolerance how far the eigenvalue may lie above the value found, relative to it
 * @param products of a probe from a random vector, at most; where they do not suffice for the
 *     tolerance, the bound above the value is wider
 */
public record Tracking(long every, int samples, double share, double tolerance, int products) {
  /**
   * Gradients that a product takes, at most: the bound that benchmarks hold products to. Time would
   * be exact, and a resumed run would then not probe at the same steps.
   */
  private static final double GRADIENTS_A_PRODUCT = 2.25;

  /** How the eigenvalue is followed, from a seed. */
  Tracker.Options options(long seed) {
    Tracker.Options usual =
        Tracker.Options.of(
            Lanczos.Options.defaults()
                .withEnd(Lanczos.End.MAX)
                .withTolerance(tolerance)
                .withSeed(seed));
    return new Tracker.Options(
        usual.solve(),
        usual.followed(),
        usual.refreshEvery(),
        usual.auditEvery(),
        usual.products(),
        products);
  }

  /**
   * Whether the next probe is within the share.
   *
   * @param products taken so far
   * @param probes made so far; each takes a gradient beside its products
   * @param trained samples that gradients were taken of
   */
  boolean isAffordable(long products, long probes, long trained) {
    double probed = (GRADIENTS_A_PRODUCT * products + probes) * samples;
    return probed <= share * (probed + trained);
  }
}
