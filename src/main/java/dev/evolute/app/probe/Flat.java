package dev.evolute.app.probe;

import dev.evolute.spectral.Estimate;
import dev.evolute.spectral.Quadrature;
import dev.evolute.spectral.SpectralDensity;
import java.util.ArrayList;
import java.util.List;

/** Results of the solvers as numbers that can be saved, and back. */
final class Flat {
  private Flat() {}

  static double[][] of(SpectralDensity density) {
    List<double[]> flat = new ArrayList<>();
    flat.add(new double[] {density.size(), density.steps(), density.products()});
    add(density.mean(), flat);
    density.probes().forEach(probe -> add(probe, flat));
    return flat.toArray(double[][]::new);
  }

  private static void add(Quadrature of, List<double[]> flat) {
    flat.add(of.nodes());
    flat.add(of.weights());
  }

  static SpectralDensity density(double[][] flat) {
    List<Quadrature> all = new ArrayList<>();
    for (int i = 1; i < flat.length; i += 2) {
      all.add(new Quadrature(flat[i], flat[i + 1]));
    }
    double[] numbers = flat[0];
    return new SpectralDensity(
        (long) numbers[0],
        (int) numbers[1],
        List.copyOf(all.subList(1, all.size())),
        all.getFirst(),
        (int) numbers[2]);
  }

  static double[][] of(Estimate estimate) {
    return new double[][] {
      {
        estimate.value(),
        estimate.standardError(),
        estimate.noise(),
        estimate.samples(),
        estimate.products(),
        estimate.converged() ? 1 : 0
      }
    };
  }

  static Estimate estimate(double[][] flat) {
    double[] one = flat[0];
    return new Estimate(one[0], one[1], one[2], (int) one[3], (int) one[4], one[5] == 1);
  }
}
