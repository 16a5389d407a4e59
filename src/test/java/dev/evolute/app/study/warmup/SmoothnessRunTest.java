package dev.evolute.app.study.warmup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.data.DataSets;
import dev.evolute.app.data.Dataset;
import dev.evolute.app.data.ImageSamples;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.StudyRun;
import dev.evolute.app.study.StudySettings;
import dev.evolute.app.study.warmup.SmoothnessRun.Column;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.optim.Sampler;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmoothnessRunTest {
  @TempDir Path folder;

  /** A network small enough for tests, on real digits. */
  static Learner learner() {
    Dataset images = DataSets.open("mnist-1k", null);
    int[] first = IntStream.range(0, 40).toArray();
    return new Learner(
        "tiny",
        "tiny",
        NamedModel.of("mlp:784-3-10:tanh"),
        new ImageSamples(images, first),
        5,
        DType.F64,
        true);
  }

  private StudyRun study(String out) {
    return new StudyRun(new Warmup(), settings(out), Progress.silent(), "test");
  }

  private Cost cost(Watch watch) {
    return Cost.of(List.of(watch), List.of(), settings("none"), 1);
  }

  private StudySettings settings(String out) {
    return new StudySettings(true, "cpu", 1, 1, null, folder.resolve(out), null, false);
  }

  /** Every row against gradients taken anew, step by step. */
  @Test
  void rowsAreThePapersQuotients() {
    Watch watch = new Watch(learner(), false, 100, 4, 6, 2);
    assertEquals("smoothness-tiny-sgd-x100-s4", watch.label());
    try (Device device = Device.open("cpu", 1);
        Program program = watch.learner().compile(device, 4)) {
      List<double[]> rows =
          new SmoothnessRun(watch, cost(watch), study("a").saved(), Progress.silent())
              .run(device, null);
      assertEquals(6, rows.size());
      Learner.Loader loader = watch.learner().new Loader(program);
      Sampler sampler = new Sampler(40, 5, true, 4);
      int[] batch = new int[5];
      double[] theta = program.theta().toArray();
      double[] last = null;
      double length = 0;
      for (int k = 0; k < 6; k++) {
        double[] row = rows.get(k);
        sampler.next(batch);
        loader.load(batch);
        double[] g = gradient(program, theta);
        assertEquals(program.loss(), row[Column.LOSS.ordinal()], 1e-12);
        if (last == null) {
          assertTrue(Double.isNaN(row[Column.CONSECUTIVE.ordinal()]));
        } else {
          double two = distance(g, last) / length;
          assertEquals(two, row[Column.CONSECUTIVE.ordinal()], 1e-7 * two);
        }
        double norm = distance(g, new double[g.length]);
        assertEquals(norm, row[Column.GRADIENT.ordinal()], 1e-9 * norm);
        double[] next = theta.clone();
        for (int i = 0; i < g.length; i++) {
          next[i] -= 0.01 * Math.min(1, 1 / norm) * g[i];
        }
        length = distance(next, theta);
        double one = distance(gradient(program, next), g) / length;
        assertEquals(one, row[Column.SAME.ordinal()], 1e-7 * one);
        boolean probed = k == 0 || k == 5;
        assertEquals(probed, !Double.isNaN(row[Column.MAX.ordinal()]), "probe at " + k);
        if (probed) {
          double most = Math.max(row[Column.MAX_UPPER.ordinal()], -row[Column.MIN_LOWER.ordinal()]);
          assertTrue(one <= 1.05 * most && row[Column.MAX.ordinal()] > 0);
        }
        last = g;
        theta = next;
      }
    }
  }

  private static double[] gradient(Program program, double[] theta) {
    program.theta().set(theta);
    program.gradientPass();
    return program.gradient().toArray();
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(sum);
  }

  /** Stopped after any step and taken up again, Adam's moments included. */
  @Test
  void anInterruptedRunEndsWithTheSameNumbers() {
    Watch watch = new Watch(learner(), true, 100, 4, 7, 2);
    try (Device device = Device.open("cpu", 1)) {
      List<double[]> whole =
          new SmoothnessRun(watch, cost(watch), study("b").saved(), Progress.silent())
              .run(device, null);
      StudyRun study = study("c");
      Cost cost = cost(watch);
      AtomicLong reported = new AtomicLong();
      assertNull(study.saved().restore(watch.label()));
      for (int part = 0; part < 7; part++) {
        double[][] state = study.saved().restore(watch.label());
        assertEquals(part, state == null ? 0 : SmoothnessRun.rows(state).size());
        Progress stopping =
            new Progress(System.out, false, false, () -> 0) {
              @Override
              public synchronized void add(long units) {
                reported.addAndGet(units);
                interrupt();
              }
            };
        new SmoothnessRun(watch, cost, study.saved(), stopping).run(device, state);
      }
      double[][] state = study.saved().restore(watch.label());
      List<double[]> parts = SmoothnessRun.rows(state);
      assertEquals(cost.of(watch), reported.get());
      for (int k = 0; k < 7; k++) {
        assertArrayEquals(whole.get(k), parts.get(k), "step " + k);
      }
    }
  }

  /** Asked for an end among the products of a probe, it ends there and not after it. */
  @Test
  void aProbeIsLeftInTheMiddle() {
    Watch watch = new Watch(learner(), true, 100, 4, 4, 2);
    try (Device device = Device.open("cpu", 1)) {
      Cost cost = cost(watch);
      List<double[]> whole =
          new SmoothnessRun(watch, cost, study("d").saved(), Progress.silent()).run(device, null);
      StudyRun study = study("e");
      int[] looks = {0};
      Progress stopping =
          new Progress(System.out, false, false, () -> 0) {
            @Override
            public boolean interrupted() {
              return ++looks[0] > 4;
            }
          };
      // The look before the first step, and those before its products.
      assertTrue(whole.getFirst()[Column.PRODUCTS.ordinal()] > 4);
      assertEquals(
          0, new SmoothnessRun(watch, cost, study.saved(), stopping).run(device, null).size());
      assertEquals(5, looks[0]);
      double[][] state = study.saved().restore(watch.label());
      List<double[]> rest =
          new SmoothnessRun(watch, cost, study.saved(), Progress.silent()).run(device, state);
      for (int k = 0; k < 4; k++) {
        assertArrayEquals(whole.get(k), rest.get(k), "step " + k);
      }
    }
  }

  @Test
  void probesAreSpreadOverTheRun() {
    Watch watch = new Watch(learner(), true, 1, 1, 100, 4);
    assertEquals(1e-7, watch.eta());
    assertEquals(
        List.of(0, 33, 66, 99), IntStream.range(0, 100).filter(watch::probedAt).boxed().toList());
  }
}
