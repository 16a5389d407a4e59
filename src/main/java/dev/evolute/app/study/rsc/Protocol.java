package dev.evolute.app.study.rsc;

import dev.evolute.kernels.DType;
import java.util.List;

/**
 * What is run.
 *
 * @param samples n, the number of training points
 * @param depth L, the number of hidden layers: "3-layer" is read as three layers of weights
 * @param widths m of Figure 1, ascending
 * @param seeds runs that a curve is the mean of
 * @param iterations of Figure 1 at most
 * @param every iterations between two recorded points; divides {@code iterations}
 * @param lowEnough training loss at which a run of Figure 1 ends
 * @param dtype element type of the runs of Figure 1; everything else is f64
 * @param hessianWidths m at which the Hessian of the predictor is looked at, ascending
 * @param hessianSamples samples whose Hessians are looked at
 * @param hessianSeeds initialisations at each of these widths
 * @param boundWidths m of the runs on which the paper's inequalities are checked, ascending
 * @param boundIterations iterations of those runs
 * @param probes points of those runs at which they are checked
 * @param seed of every random choice
 */
record Protocol(
    int samples,
    int depth,
    List<Integer> widths,
    int seeds,
    int iterations,
    int every,
    double lowEnough,
    DType dtype,
    List<Integer> hessianWidths,
    int hessianSamples,
    int hessianSeeds,
    List<Integer> boundWidths,
    int boundIterations,
    int probes,
    long seed) {

  /** The paper's assumption 2 leaves it open; with 1, gamma is 1 at the initialisation. */
  static final double SIGMA1 = 1;

  /** The paper's protocol, with widths of our own where it names none. */
  static Protocol full(DType dtype, long seed) {
    return new Protocol(
        512,
        2,
        List.of(32, 64, 128, 256, 512),
        3,
        3000,
        10,
        1e-3,
        dtype,
        List.of(64, 128, 256, 512, 1024, 2048, 4096),
        512,
        3,
        List.of(256, 512, 1024),
        400,
        17,
        seed);
  }

  /** Fewer samples, widths and iterations, in half a minute on two cores. */
  static Protocol quick(DType dtype, long seed) {
    return new Protocol(
        128,
        2,
        List.of(32, 128, 512),
        3,
        100,
        10,
        1e-3,
        dtype,
        List.of(64, 128, 256, 512, 1024, 4096),
        16,
        1,
        List.of(256),
        60,
        7,
        seed);
  }

  /** Number of points a run of Figure 1 records at most. */
  int points() {
    return iterations / every + 1;
  }
}
