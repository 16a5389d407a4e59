package dev.evolute.bench;

import dev.evolute.kernels.Precision;

/**
 * Measures one Hessian-vector product whose matrix products are six of BF16 on a matrix unit.
 *
 * <p>Against: {@link HvpBenchmark}, which has the same in f32.
 *
 * <p>What would fool it: what is no matrix product costs both the same, and products too small or
 * too thin for the unit are those of f32 on both sides.
 */
public final class SplitHvp extends HvpProblem {
  @Override
  void prepareNetwork() {
    device.precision(Precision.BF16X6);
    super.prepareNetwork();
  }

  @Override
  public String describe() {
    return "Java Vector API, products on AMX";
  }
}
