package dev.evolute.app.report;

import java.util.List;
import java.util.stream.IntStream;

/** A result such as the study of gradient descent and its flow makes, from closed formulas. */
final class SampleReport {
  static final int[] DIVISORS = {1, 2, 5, 10, 20};
  private static final double[] STEPS =
      IntStream.range(0, 1001).mapToDouble(i -> 10.0 * i).toArray();

  private SampleReport() {}

  static StudyResult result(boolean real, boolean partial) {
    ClaimCheck bound =
        new ClaimCheck("λmin(∇²f) ≥ lower bound of eq. (13), linear network", "002, eq. (13)");
    ClaimCheck broken = new ClaimCheck("λmax stays below 2/η", "002, Section 6");
    for (int i = 0; i < 40; i++) {
      bound.check(-0.5, -0.6 - 0.01 * i);
      broken.check(3, i);
    }
    return StudyResult.of("gd-vs-flow")
        .version("0.1.0")
        .quick(true)
        .partial(partial)
        .seed(1)
        .machine("cpu", "Example CPU at 2.50 GHz")
        .machine("vectorBits", 512)
        .machine("threads", 2)
        .machine("device", "cpu")
        .machine("jdk", "25.0.3")
        .setting("networks", List.of("linear", "relu"))
        .setting("eta0", 0.001)
        .setting("divisors", List.of(2, 5, 10, 20))
        .setting("iterations", 10_000)
        .setting("precision", "f64")
        .data(
            "mnist-1k",
            real,
            1000,
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
        .seconds(12.34)
        .metric("driftOverDistance", 0.0123456)
        .metric("lambdaMaxInitial", 14.25)
        .metric("lambdaMinSmallest", -1.3e-7)
        .metric("steps", 380_000L)
        .metric("undefined", Double.NaN)
        .claim(bound.claim())
        .claim(broken.note("Fails from iteration 40 on.").claim())
        .claim(
            new ClaimCheck("Distances between runs shrink with the step size", "002, Figure 1")
                .claim())
        .title("Gradient descent follows its flow")
        .answer(
            "Runs with steps 2 to 20 times smaller end within 1.2 % of the distance travelled, as"
                + " the paper finds.")
        .citation(
            "Elkabetz and Cohen, Continuous vs. Discrete Optimization of Deep Neural Networks,"
                + " NeurIPS 2021.")
        .fact("Drift over distance", "0.0123", "paper: below 0.1")
        .fact("λmax at the start", "14.25", "2/η = 2,000")
        .fact("Smallest λmin", "−1.3×10⁻⁷", "linear network")
        .fact("Steps", "380,000", "12.3 s, 2 threads")
        .prose("Both networks were trained from the same start with five step sizes.")
        .command("./evolute study gd-vs-flow --quick --seed 1 --out out")
        .build();
  }

  static SeriesTable series() {
    SeriesTable table = new SeriesTable("iteration", "loss", "distance");
    double[] loss = loss(1);
    for (int i = 0; i < STEPS.length; i++) {
      table.row((long) STEPS[i], loss[i], i == 0 ? null : distance(20)[i]);
    }
    return table;
  }

  static List<Figure> figures() {
    Chart.Builder loss =
        Chart.titled("Training loss, linear network")
            .x("iteration × η/η₀")
            .y("mean cross-entropy")
            .nested();
    Chart.Builder distance =
        Chart.titled("Distance, linear network")
            .x("iteration × η/η₀")
            .y("Euclidean distance")
            .logY();
    distance.line(Line.dashed("from initialisation", STEPS, travelled(), 6));
    for (int i = 0; i < DIVISORS.length; i++) {
      String name = i == 0 ? "η₀ = 0.001" : "η₀/" + DIVISORS[i];
      loss.line(Line.solid(name, STEPS, loss(DIVISORS[i]), i));
      if (i > 0) {
        distance.line(Line.solid("between η₀ and " + name, STEPS, distance(DIVISORS[i]), i));
      }
    }
    double[] probes = IntStream.range(0, 24).mapToDouble(i -> i * 430).toArray();
    Chart largest =
        Chart.titled("Largest eigenvalue")
            .x("iteration")
            .y("eigenvalue of the Hessian")
            .logY()
            .line(
                Line.solid(
                    "λmax, linear",
                    probes,
                    of(probes, t -> 14 + 40 * (1 - Math.exp(-t / 2500))),
                    0))
            .line(
                Line.solid(
                    "λmax, ReLU", probes, of(probes, t -> 9 + 25 * (1 - Math.exp(-t / 4000))), 1))
            .horizontal(2000, "2/η = 2,000")
            .build();
    Chart smallest =
        Chart.titled("Smallest eigenvalue and its lower bound")
            .x("iteration")
            .y("eigenvalue of the Hessian")
            .line(
                Line.solid("λmin, linear", probes, of(probes, t -> -0.4 * Math.exp(-t / 1500)), 0))
            .line(
                Line.points(
                    "lower bound, eq. (13)",
                    probes,
                    of(probes, t -> -0.9 * Math.exp(-t / 2500)),
                    0))
            .line(Line.solid("λmin, ReLU", probes, of(probes, t -> -0.6 * Math.exp(-t / 2000)), 1))
            .line(
                Line.points(
                    "lower bound, eq. (17)",
                    probes,
                    of(probes, t -> -1.4 * Math.exp(-t / 3000)),
                    1))
            .horizontalIfInRange(2000, "2/η = 2,000")
            .vertical(6000, "loss below 0.1")
            .build();
    Chart single =
        Chart.titled("λmax and λmin along the run, both networks on one axis")
            .x("iteration")
            .y("eigenvalue")
            .line(
                Line.solid("λmax", probes, of(probes, t -> 14 + 40 * (1 - Math.exp(-t / 2500))), 0))
            .line(Line.dashed("λmin", probes, of(probes, t -> -9 * Math.exp(-t / 1500)), 1))
            .horizontal(60, "2/η = 60")
            .horizontal(0, "0")
            .build();
    return List.of(
        new Figure(
            "loss",
            "Loss and distance along five step sizes",
            "The five loss curves coincide; lines are drawn from thick to thin so that each stays"
                + " visible.",
            "Figure 1, left pair",
            List.of(loss.build(), distance.build())),
        new Figure(
            "spectrum",
            "Curvature along the run",
            "Probed at 24 points of the η₀ run.",
            "",
            List.of(largest, smallest)),
        new Figure("single", "One panel", "A wide single panel.", "", List.of(single)));
  }

  private static double[] of(double[] x, java.util.function.DoubleUnaryOperator f) {
    return java.util.Arrays.stream(x).map(f).toArray();
  }

  private static double[] loss(int divisor) {
    return of(STEPS, t -> 0.05 + 2.25 * Math.exp(-t / (1800 + 4.0 / divisor)));
  }

  private static double[] travelled() {
    return of(STEPS, t -> 12 * (1 - Math.exp(-t / 3000)));
  }

  private static double[] distance(int divisor) {
    return of(
        STEPS, t -> 0.1 * (1 - 1.0 / divisor) * (1 - Math.exp(-t / 900)) * Math.pow(t / 1e4, 1.5));
  }
}
