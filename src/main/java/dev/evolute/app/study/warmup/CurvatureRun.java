package dev.evolute.app.study.warmup;

import dev.evolute.app.study.Progress;
import dev.evolute.app.study.StudyRun;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.CounterRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The curvature of one {@link Case} and what the propositions say of it, at random points and along
 * gradient descent.
 */
final class CurvatureRun {
  /** What is known of a point; NaN where the family has none. */
  enum Column {
    /** The run of descent that the point is on, or -1 for a random point. */
    RUN("run"),
    STEP("step"),
    LOSS("loss"),
    /** The loss less its minimum, where the minimum is known. */
    GAP("gap"),
    /** {@code ||grad f||}. */
    GRADIENT("gradientNorm"),
    /** {@code ||Hess f||_2}, its Rayleigh quotient and what it is at most. */
    NORM("hessianNorm"),
    UPPER("hessianNormUpper"),
    /** The proposition's H0 + H1 g. */
    MAIN("bound"),
    /** The pair at the end of the proof, and the sharper one: Proposition 3.3 only. */
    PROOF("boundOfProof"),
    SHARP("boundSharp"),
    /** (8), (25), (29): from the norms of the layers. */
    DIRECT("boundOfLayers"),
    /** (4) with the power (l - 1) / l of the loss; (3) with C.1's power on the sublevel set. */
    POWER("boundOfPower"),
    /** {@code ||F||_F} and the lower bound (11), (26) or (30) on it. */
    OUTPUT("outputNorm"),
    OUTPUT_BOUND("outputNormBound"),
    /** Largest {@code ||W_i^T W_i - W_{i+1} W_{i+1}^T||_F} of linear layers, over their norms. */
    STRONG("strongImbalance"),
    /** Spread of {@code ||W_i||_F}, relative. */
    WEAK("weakImbalance"),
    PRODUCTS("products");

    final String title;

    Column(String title) {
      this.title = title;
    }
  }

  private static final int WIDTH = Column.values().length;

  /** Step over the last curvature looked at, inverted: descent stays near the flow. */
  private static final double SHARE = 0.03;

  private static final double SMALLEST_SCALE = 0.3;
  private static final double LARGEST_SCALE = 4;

  /** Norms of the layers that descent starts from: a small start and a poor one. */
  static final double[] START_SCALES = {0.7, 3};

  private final SmallNetwork small;
  private final Case network;
  private final double least;
  private final double[] g;
  private double startLoss = Double.NaN;

  private CurvatureRun(SmallNetwork small) {
    this.small = small;
    network = small.network;
    least =
        network.family() == Family.LINEAR ? small.data.leastSquares(network.rank()) : Double.NaN;
    g = new double[small.size()];
  }

  /**
   * Looks at points.
   *
   * @param random points drawn
   * @param steps of each descent
   * @param recorded points along each
   * @return a row of {@link Column}s for each; fewer where the user interrupted
   */
  static double[][] run(
      Device device, Case network, int random, int steps, int recorded, Progress progress) {
    List<double[]> rows = new ArrayList<>();
    try (SmallNetwork small = new SmallNetwork(device, network, network.data())) {
      CurvatureRun run = new CurvatureRun(small);
      for (int k = 0; k < random && !progress.interrupted(); k++) {
        double u = CounterRandom.uniform(network.seed(), 1L << 40, k);
        double scale = SMALLEST_SCALE * Math.pow(LARGEST_SCALE / SMALLEST_SCALE, u);
        rows.add(run.look(small.draw(START_SCALES.length + k, scale), -1, 0));
      }
      for (int start = 0; start < START_SCALES.length; start++) {
        run.descend(start, steps, recorded, rows, progress);
      }
    }
    return rows.toArray(new double[0][]);
  }

  private void descend(int start, int steps, int recorded, List<double[]> rows, Progress progress) {
    double[] theta = small.draw(start, START_SCALES[start]);
    small.set(theta);
    startLoss = small.gradient(g);
    double eta = Double.NaN;
    int next = 0;
    for (int step = 0; next < recorded && !progress.interrupted(); step++) {
      if (step == at(next, steps, recorded)) {
        double[] row = look(theta, start, step);
        rows.add(row);
        eta = SHARE / row[Column.UPPER.ordinal()];
        next++;
      }
      small.set(theta);
      double loss = small.gradient(g);
      StudyRun.requireFinite(network.label(), loss, step, eta);
      for (int i = 0; i < theta.length; i++) {
        theta[i] -= eta * g[i];
      }
    }
  }

  /** The step of a recorded point: 0, then evenly in the logarithm, each at least one later. */
  static int at(int point, int steps, int recorded) {
    double share = (double) point / Math.max(1, recorded - 1);
    return Math.max(point, (int) Math.round(Math.expm1(share * Math.log1p(steps))));
  }

  /** How many rows there are in the end. */
  static int rows(int random, int recorded) {
    return random + START_SCALES.length * recorded;
  }

  private double[] look(double[] theta, int run, int step) {
    double[] row = new double[WIDTH];
    Arrays.fill(row, Double.NaN);
    small.set(theta);
    double output = small.outputNorm();
    double f = small.gradient(g);
    SmallNetwork.Norm norm = small.hessianNorm();
    put(row, Column.RUN, run);
    put(row, Column.STEP, step);
    put(row, Column.LOSS, f);
    put(row, Column.GRADIENT, Math.sqrt(dot(g)));
    put(row, Column.NORM, norm.value());
    put(row, Column.UPPER, norm.upper());
    put(row, Column.PRODUCTS, norm.products());
    put(row, Column.OUTPUT, output);
    if (network.family().penalised()) {
      penalties(row, f);
    } else {
      layers(row, theta, f, run < 0);
    }
    return row;
  }

  private void penalties(double[] row, double f) {
    SmallData data = small.data;
    Smooth phi = network.smooth();
    double l = network.lambda();
    if (network.family() == Family.LOGISTIC) {
      put(row, Column.MAIN, Bound.penalisedLogistic(data, phi, l, l).at(f));
      return;
    }
    put(row, Column.MAIN, Bound.penalisedSquares(data, phi, l, l).at(f));
    put(row, Column.PROOF, Bound.penalisedSquaresProof(data, phi, l, l).at(f));
    put(row, Column.SHARP, Bound.penalisedSquaresSharp(data, phi, l, l).at(f));
  }

  private void layers(double[] row, double[] theta, double f, boolean balanced) {
    SmallData data = small.data;
    int l = network.depth();
    double largest = 0;
    double smallest = Double.POSITIVE_INFINITY;
    double strong = 0;
    for (int i = 1; i <= l; i++) {
      double norm = small.norm(theta, i);
      largest = Math.max(largest, norm);
      smallest = Math.min(smallest, norm);
      boolean linearBetween = i < l && network.after(i + 1).slope() == 0;
      if (linearBetween) {
        double[] difference = small.strong(theta, i);
        strong = Math.max(strong, Math.sqrt(dot(difference)));
      }
    }
    put(row, Column.STRONG, strong / (largest * largest));
    put(row, Column.WEAK, largest / smallest - 1);
    double x = data.norm();
    // (8), (25), (29) ask for one norm of all layers; with the largest they need no balance.
    put(
        row,
        Column.DIRECT,
        2 * l * l * Math.pow(largest, 2 * l - 2) * x * x
            + 2 * l * (l - 1) * Math.pow(largest, l - 2) * x * Math.sqrt(f));
    double b = network.slope();
    double lower = 0;
    switch (network.family()) {
      case LINEAR -> {
        put(row, Column.GAP, f - least);
        put(
            row,
            Column.MAIN,
            Bound.deepLinearAboveMinimum(data, l, least).at(Math.max(0, f - least)));
        put(row, Column.POWER, Bound.deepLinearPower(data, l).at(Math.pow(f, (l - 1.0) / l)));
        lower = data.least() * Math.pow(smallest, 2 * l) / Math.pow(data.inputs(), l - 1);
      }
      case ONE_LEAKY -> {
        double h = small.least(theta, 1);
        put(row, Column.MAIN, Bound.oneLeaky(data, l, h, b).at(f));
        lower =
            h
                * b
                * b
                * data.least()
                * Math.pow(smallest, 2 * l - 2)
                / Math.pow(data.inputs(), l - 2);
      }
      case ALL_LEAKY -> {
        double product = 1;
        for (int i = 1; i < l; i++) {
          product *= small.least(theta, i) * b * b;
        }
        Bound bound = Bound.allLeaky(data, l, product);
        put(row, Column.MAIN, bound.at(Math.pow(f, l - 1)));
        if (!balanced) {
          put(row, Column.POWER, bound.at(Math.pow(startLoss, l - 2) * f));
        }
        lower = data.least() * product * smallest * smallest;
      }
      default -> throw new IllegalStateException("penalties have bounds of their own");
    }
    if (balanced) {
      put(row, Column.OUTPUT_BOUND, Math.sqrt(lower));
    }
  }

  private static void put(double[] row, Column column, double value) {
    row[column.ordinal()] = value;
  }

  private static double dot(double[] a) {
    double sum = 0;
    for (double v : a) {
      sum += v * v;
    }
    return sum;
  }
}
