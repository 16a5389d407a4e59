package dev.evolute.app.study.warmup;

import dev.evolute.app.data.Samples;
import dev.evolute.app.study.Progress;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.optim.Clipping;
import dev.evolute.autodiff.optim.Optimizer;
import dev.evolute.autodiff.optim.Sampler;
import dev.evolute.autodiff.optim.Schedule;
import dev.evolute.kernels.Adam;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.List;

/**
 * Warm-up strategies on one network (Figures 3 to 5 and I.3 to I.8 of paper 000): every strategy
 * with every peak step and every seed.
 *
 * @param learner trains
 * @param held samples for validation
 * @param tail of the schedules
 * @param decay weight decay of AdamW; 0 is Adam
 * @param clip largest gradient norm
 * @param strategies compared
 * @param peaks tried
 * @param seeds of starts and mini-batches
 * @param steps of each run
 */
record Contest(
    Learner learner,
    Samples held,
    Strategy.Tail tail,
    double decay,
    double clip,
    List<Strategy> strategies,
    List<Double> peaks,
    int seeds,
    int steps) {
  /** Evaluations along a run, the last one at its end. */
  static final int LOOKS = 15;

  /** Batches of held-out samples that are evaluated. */
  private static final int HELD_BATCHES = 8;

  /** One run of it. */
  record Entry(Strategy strategy, double peak, long seed) {}

  /** How many runs there are. */
  int runs() {
    return strategies.size() * peaks.size() * seeds;
  }

  /** All runs, in the order of their seeds last. */
  List<Entry> entries(long seed) {
    List<Entry> entries = new ArrayList<>();
    for (Strategy strategy : strategies) {
      for (double peak : peaks) {
        for (int s = 0; s < seeds; s++) {
          entries.add(new Entry(strategy, peak, seed + s));
        }
      }
    }
    return entries;
  }

  String label(Entry entry) {
    return "contest-"
        + learner.label()
        + "-"
        + entry.strategy().label()
        + "-p"
        + Math.round(1e6 * entry.peak())
        + "-s"
        + entry.seed();
  }

  /** The step of an evaluation. */
  int at(int look) {
    return (int) ((long) steps * (look + 1) / LOOKS);
  }

  /** Loss of a uniform guess. */
  double guess() {
    return Math.log(learner.model().outputs());
  }

  /**
   * Trains once.
   *
   * @return {@code [3][LOOKS]}: validation loss, mean training loss and step size; infinite after a
   *     run that diverged. Null where the user interrupted
   */
  double[][] run(Device device, Entry entry, Progress progress) {
    double[][] result = new double[3][LOOKS];
    Schedule schedule = entry.strategy().schedule(entry.peak(), tail, steps, guess());
    Adam adam = new Adam(0.9, 0.95, 1e-8, decay, decay > 0);
    Clipping clipping = new Clipping(clip);
    try (Program program = learner.compile(device, entry.seed());
        Optimizer optimizer = Optimizer.of(adam, program)) {
      Learner.Loader train = learner.new Loader(program);
      Learner.Loader validation =
          new Learner(
              learner.label(),
              learner.title(),
              learner.model(),
              held,
              learner.batch(),
              learner.dtype(),
              learner.smooth())
          .new Loader(program);
      Sampler sampler = new Sampler(learner.samples().count(), learner.batch(), true, entry.seed());
      int[] batch = new int[learner.batch()];
      int look = 0;
      double sum = 0;
      int count = 0;
      for (int k = 0; look < LOOKS; k++) {
        if (progress.interrupted()) {
          return null;
        }
        sampler.next(batch);
        train.load(batch);
        program.gradientPass();
        double loss = program.loss();
        double norm = program.kernels().nrm2(program.gradient());
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
          for (; look < LOOKS; look++) {
            result[0][look] = Double.POSITIVE_INFINITY;
            result[1][look] = Double.POSITIVE_INFINITY;
          }
          return result;
        }
        double eta = schedule.eta(k, loss);
        double factor = clipping.factor(program.kernels(), program.gradient());
        optimizer.step(eta, factor, program.gradient(), program.theta());
        sum += loss;
        count++;
        if (k + 1 == at(look)) {
          result[0][look] = evaluate(program, validation);
          result[1][look] = sum / count;
          result[2][look] = eta;
          sum = 0;
          count = 0;
          look++;
        }
      }
    }
    return result;
  }

  private double evaluate(Program program, Learner.Loader loader) {
    int batches = Math.min(HELD_BATCHES, held.count() / learner.batch());
    int[] which = new int[learner.batch()];
    double sum = 0;
    for (int b = 0; b < batches; b++) {
      for (int i = 0; i < which.length; i++) {
        which[i] = b * which.length + i;
      }
      loader.load(which);
      sum += program.value();
    }
    return sum / batches;
  }
}
