package dev.evolute.app.study.twolayer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Batched, compressed descent against descent as it is written, one repetition at a time. */
class BatchTest {
  private static final int REPS = 3;

  private static List<Setting.Draw> draws(Setting setting) {
    List<Setting.Draw> draws = new ArrayList<>();
    for (int r = 0; r < REPS; r++) {
      draws.add(setting.draw(7, r));
    }
    return draws;
  }

  private static Batch batch(Device device, Setting setting, boolean compressed) {
    List<Problem> problems = new ArrayList<>();
    List<double[]> weights = new ArrayList<>();
    int q = setting.n() + setting.m();
    for (Setting.Draw draw : draws(setting)) {
      problems.add(draw.problem());
      weights.add(draw.stacked());
    }
    if (compressed) {
      weights = Batch.compressed(device, weights, q);
    }
    return new Batch(device, problems, weights, weights.get(0).length / q);
  }

  /** The loss of a problem less its minimum, as its definition has it. */
  private static double loss(Problem problem, SimpleMatrix w) {
    return raw(problem, w)
        - raw(problem, new SimpleMatrix(problem.n(), problem.m(), true, problem.minimiser()));
  }

  private static double raw(Problem problem, SimpleMatrix w) {
    SimpleMatrix z = new SimpleMatrix(problem.samples(), problem.n(), true, problem.x()).mult(w);
    SimpleMatrix y = new SimpleMatrix(problem.samples(), problem.m(), true, problem.y());
    double sum = 0.5 * problem.penalty() * Math.pow(w.normF(), 2);
    for (int i = 0; i < problem.samples(); i++) {
      double total = 0;
      for (int j = 0; j < problem.m(); j++) {
        double a = z.get(i, j);
        total += Math.exp(a);
        sum +=
            switch (problem.kind()) {
              case SQUARED -> 0.5 * Math.pow(a - y.get(i, j), 2);
              case LOGISTIC -> Math.log1p(Math.exp(a)) - y.get(i, j) * a;
              case SOFTMAX -> -y.get(i, j) * a;
            };
      }
      sum += problem.kind() == Kind.SOFTMAX ? Math.log(total) : 0;
    }
    return sum;
  }

  /** {@code grad l} by central differences. */
  private static SimpleMatrix gradient(Problem problem, SimpleMatrix w) {
    SimpleMatrix g = new SimpleMatrix(problem.n(), problem.m());
    for (int i = 0; i < g.getNumElements(); i++) {
      SimpleMatrix up = w.copy();
      SimpleMatrix down = w.copy();
      up.set(i, w.get(i) + 1e-5);
      down.set(i, w.get(i) - 1e-5);
      g.set(i, (raw(problem, up) - raw(problem, down)) / 2e-5);
    }
    return g;
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void compressedBatchDescendsAsTheWeightsThemselves(Kind kind) {
    Setting setting = Setting.loss(kind, 9);
    double eta = 0.004;
    try (Device device = Device.open("cpu", 1);
        Batch full = batch(device, setting, false);
        Batch small = batch(device, setting, true)) {
      List<Setting.Draw> draws = draws(setting);
      SimpleMatrix[] w1 = new SimpleMatrix[REPS];
      SimpleMatrix[] w2 = new SimpleMatrix[REPS];
      int split = setting.n() * setting.width();
      for (int r = 0; r < REPS; r++) {
        double[] b = draws.get(r).stacked();
        w1[r] = new SimpleMatrix(setting.n(), setting.width(), true, Arrays.copyOf(b, split));
        w2[r] =
            new SimpleMatrix(
                setting.m(), setting.width(), true, Arrays.copyOfRange(b, split, b.length));
      }
      for (int t = 0; t < 6; t++) {
        full.gradient();
        small.gradient();
        double[] steps = new double[REPS];
        for (int r = 0; r < REPS; r++) {
          Problem problem = draws.get(r).problem();
          steps[r] = eta * (1 + r);
          SimpleMatrix w = w1[r].mult(w2[r].transpose());
          double expected = loss(problem, w);
          assertEquals(expected, full.loss(r), 1e-8 * expected);
          assertEquals(expected, small.loss(r), 1e-8 * expected);
          Local a = full.local(r);
          Local b = small.local(r);
          assertEquals(a.sigmaMin2(), b.sigmaMin2(), 1e-10 * a.sigmaMax2());
          assertEquals(a.sigmaMax2(), b.sigmaMax2(), 1e-10 * a.sigmaMax2());
          double[] first = w1[r].mult(w1[r].transpose()).svd().getSingularValues();
          double[] second = w2[r].mult(w2[r].transpose()).svd().getSingularValues();
          assertEquals(first[0] + second[0], b.sigmaMax2(), 1e-10 * a.sigmaMax2());
          assertEquals(first[9] + second[3], b.sigmaMin2(), 1e-10 * a.sigmaMax2());
          assertEquals(w.svd().getSingleValue(0), b.wMax(), 1e-8);
          assertEquals(w.svd().getSingleValue(3), b.wMin(), 1e-8);
          SimpleMatrix g = gradient(problem, w);
          assertEquals(g.normF(), b.outer(), 1e-6 * g.normF());
          SimpleMatrix g1 = g.mult(w2[r]);
          SimpleMatrix g2 = g.transpose().mult(w1[r]);
          double squared = Math.pow(g1.normF(), 2) + Math.pow(g2.normF(), 2);
          assertEquals(squared, b.squared(), 1e-6 * squared);
          w1[r] = w1[r].minus(g1.scale(steps[r]));
          w2[r] = w2[r].minus(g2.scale(steps[r]));
        }
        full.step(steps);
        small.step(steps);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void rayIsTheLossAlongTheGradientAndItsBestStepALowest(Kind kind) {
    try (Device device = Device.open("cpu", 1);
        Batch batch = batch(device, Setting.loss(kind, 9), true);
        HessianCheck check = new HessianCheck(device, batch.problem(0), 14)) {
      batch.gradient();
      batch.rays();
      for (int r = 0; r < REPS; r++) {
        Along along = new Along(batch, r);
        double scale = batch.local(r).inverse();
        assertEquals(batch.loss(r), along.value(0), 1e-12 * batch.loss(r));
        assertEquals(-batch.squaredGradient(r), along.first(0), 1e-10 * batch.squaredGradient(r));
        double e = 0.7 * scale;
        double step = 1e-4 * scale;
        double first = (along.value(e + step) - along.value(e - step)) / (2 * step);
        double second = (along.first(e + step) - along.first(e - step)) / (2 * step);
        assertEquals(first, along.first(e), 1e-6 * Math.abs(first));
        assertEquals(second, along.second(e), 1e-6 * Math.abs(second));
        double[] products = check.along(batch.problem(r), batch.stacked(r), scale, 0, 0.5, 1);
        for (int i = 0; i < 3; i++) {
          double closed = along.second(scale * i / 2) / batch.squaredGradient(r);
          assertEquals(products[i], closed, 1e-9 * Math.abs(closed));
        }
        double best = along.best(scale);
        assertTrue(along.value(best) < along.value(0.999 * best));
        assertTrue(along.value(best) < along.value(1.001 * best));
        double largest = along.largestSecond(2 * scale);
        for (int i = 0; i <= 100; i++) {
          double there = along.second(0.02 * i * scale);
          assertTrue(largest >= (kind == Kind.SQUARED ? 1 - 1e-12 : 0.99) * there, kind + " " + i);
        }
      }
    }
  }

  /** The first of 1, tau, tau^2, ... that meets Armijo's test with gamma. */
  @Test
  void backtrackingTakesTheFirstStepThatPasses() {
    try (Device device = Device.open("cpu", 1);
        Batch batch = batch(device, Setting.figure1(60, 1, 9), true)) {
      batch.gradient();
      batch.rays();
      for (int r = 0; r < REPS; r++) {
        Along along = new Along(batch, r);
        Local local = batch.local(r);
        Rule[] rules = {Rule.BACKTRACKING, Rule.BACKTRACKING_HALF};
        double[][] constants = {{0.1, 0.9}, {0.5, 0.5}};
        for (int i = 0; i < rules.length; i++) {
          double expected = 1;
          while (along.value(expected)
              > local.loss() - constants[i][1] * expected * local.squared()) {
            expected *= constants[i][0];
          }
          assertEquals(expected, rules[i].step(0, null, local, along));
        }
      }
    }
  }

  /** Bregman distances down to d of 1e-9 against one from exact second order. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void distancesKeepTheirPrecision(Kind kind) {
    double[] means = {0.2, 0.5, 0.3};
    double[] scratch = new double[3];
    for (double size : new double[] {1e-9, 1e-6, 0.2, 0.49, 0.51, 3}) {
      double[] d = {0.3 * size, -size, 0.7 * size};
      double distance = kind.distance(means, 0, 3, d, scratch);
      // The integral of (1 - s) d^T phi''(z* + s d) d by Simpson's rule.
      double sum = 0;
      int parts = 2000;
      for (int i = 0; i <= parts; i++) {
        double s = (double) i / parts;
        double[] at = {s * d[0], s * d[1], s * d[2]};
        double weight = i == 0 || i == parts ? 1 : i % 2 == 1 ? 4 : 2;
        sum += weight * (1 - s) * kind.second(means, 0, 3, at, d);
      }
      assertEquals(sum / (3.0 * parts), distance, 1e-9 * distance, kind + " " + size);
    }
  }

  @Test
  void scalingKeepsTheCourseBeyondTheRangeOfDoubles() {
    Setting setting = Setting.figure5(40, 9);
    try (Device device = Device.open("cpu", 1);
        Batch batch = batch(device, setting, true)) {
      double[] steps = {0.05, 0.05, 0.05};
      double[] logs = new double[2];
      double before = 0;
      double drop = 0;
      for (int t = 0; t < 6000; t++) {
        batch.gradient();
        double log = Math.log10(batch.loss(0)) + batch.logScale(0);
        if (t > 50) {
          assertEquals(drop, log - before, 1e-3);
        }
        drop = log - before;
        before = log;
        batch.step(steps);
      }
      assertTrue(before < -330, "log10 of the loss is " + before);
    }
  }
}
