package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.study.StudySettings;
import dev.evolute.kernels.DType;
import java.util.List;
import java.util.Locale;

/**
 * What is run on digits: full-batch gradient descent with step {@code eta0}, and from the same
 * theta with {@code eta0 / r}, whose iteration r k is compared with iteration k.
 *
 * @param eta0 the conventional step size
 * @param ratios the r, ascending
 * @param iterations iterations of the eta0 run
 * @param every iterations of the eta0 run between two recorded points; divides {@code iterations}
 * @param probeEvery recorded points between two points whose curvature is probed
 * @param images samples of the fully connected networks
 * @param convolutionImages samples of the convolutional networks, whose steps are far dearer
 * @param nearImages samples of the trajectories from near zero
 * @param nearTime how far those go in the time of the flow
 * @param depths of the deep linear problems of section 5
 * @param draws random problems of section 5
 * @param longest iterations of a run of descent on such a problem beyond which it is not made
 * @param dtype element type of descent and its curvature; all that is theory is computed in f64
 * @param seed seed of the initialisation and of the solvers' start vectors
 */
record Protocol(
    double eta0,
    List<Integer> ratios,
    int iterations,
    int every,
    int probeEvery,
    int images,
    int convolutionImages,
    int nearImages,
    double nearTime,
    List<Integer> depths,
    int draws,
    long longest,
    DType dtype,
    long seed) {

  /** The protocol of a size. */
  static Protocol of(StudySettings.Size size, DType dtype, long seed) {
    return switch (size) {
      case QUICK -> quick(dtype, seed);
      case LAPTOP -> full(dtype, seed);
      case PAPER -> paper(dtype, seed);
    };
  }

  /**
   * The paper's protocol: 10,000 iterations, r = 2, 5, 10, 20, on 1,000 images. The convolutional
   * networks take most of a working day of two cores.
   */
  static Protocol paper(DType dtype, long seed) {
    return full(1000, dtype, seed);
  }

  /** The same but for the number of images of the convolutional networks: within an hour. */
  static Protocol full(DType dtype, long seed) {
    return full(50, dtype, seed);
  }

  private static Protocol full(int convolutionImages, DType dtype, long seed) {
    return new Protocol(
        0.001,
        List.of(2, 5, 10, 20),
        10_000,
        100,
        4,
        1000,
        convolutionImages,
        1000,
        60,
        List.of(2, 3, 4),
        400,
        1_000_000_000,
        dtype,
        seed);
  }

  /** Its beginning, in well under a minute on two cores. */
  static Protocol quick(DType dtype, long seed) {
    return new Protocol(
        0.001,
        List.of(2, 5),
        200,
        5,
        2,
        1000,
        32,
        100,
        60,
        List.of(2, 3, 4),
        40,
        20_000_000,
        dtype,
        seed);
  }

  /** Every part of it once, for a device that computes as slowly as the software GPU does. */
  static Protocol tiny(DType dtype, long seed) {
    return new Protocol(
        0.001, List.of(2), 4, 2, 2, 8, 2, 8, 60, List.of(2), 4, 1_000_000, dtype, seed);
  }

  /** Its size in words. */
  String words() {
    return String.format(
        Locale.ROOT,
        "%,d iterations on %,d digits, %,d for the convolutional networks",
        iterations,
        images,
        convolutionImages);
  }

  /** Number of recorded points, the first and the last included. */
  int points() {
    return iterations / every + 1;
  }

  /** Whether the curvature is probed at a recorded point. */
  boolean probed(int point) {
    return point % probeEvery == 0 || point == points() - 1;
  }

  /** Number of probed points of a network. */
  int probes() {
    int count = 0;
    for (int point = 0; point < points(); point++) {
      count += probed(point) ? 1 : 0;
    }
    return count;
  }

  /** Descent steps of one network over all step sizes. */
  long steps() {
    return iterations * (1L + ratios.stream().mapToLong(r -> r).sum());
  }

  /** The time of gradient flow that goes with a recorded point. */
  double time(int point) {
    return (double) point * every * eta0;
  }
}
