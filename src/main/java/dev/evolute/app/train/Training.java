package dev.evolute.app.train;

import dev.evolute.app.UserException;
import dev.evolute.app.data.Samples;
import dev.evolute.app.data.Tokens;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.study.Progress;
import dev.evolute.app.train.Records.Column;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.optim.Clipping;
import dev.evolute.autodiff.optim.Optimizer;
import dev.evolute.autodiff.optim.Sampler;
import dev.evolute.autodiff.optim.Schedule;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.Tracker;
import java.util.Locale;

/**
 * One training run, from its settings to its report. It can be stopped at any step, or killed, and
 * goes on from its last checkpoint with the same numbers to the bit.
 */
public final class Training implements AutoCloseable {
  /** How data are named, for help. */
  public static final String DATA = Corpus.NAMES;

  /** Rows of the series that losses are recorded in. */
  private static final int POINTS = 200;

  private static final int EVALUATIONS = 20;
  private static final long QUICK_STEPS = 200;
  private static final long SAVE_NANOS = 60_000_000_000L;

  final TrainSettings settings;
  final NamedModel model;
  final Corpus corpus;
  final long steps;
  final Records records = new Records();
  final Passes passes;
  final Optimizer optimizer;
  final Sharpness sharpness;

  /** Seconds that all runs up to the present one took. */
  double seconds;

  /** Steps taken. */
  long step;

  /** Sum of the losses of the steps since the last recorded one, and their number. */
  double lossSum;

  long lossCount;

  private final Sampler sampler;
  private final Schedule schedule;
  private final Clipping clipping;
  private final int[] batch;
  private final long recordEvery;
  private final long evaluateEvery;
  private final SavedRun saved;

  /** Step size of the last step. */
  double eta;

  private Training(TrainSettings settings, Device device) {
    this.settings = settings;
    if (Corpus.isText(settings.data())) {
      Tokens tokens = Corpus.text(settings.data());
      model = NamedModel.ofText(settings.model(), tokens.vocabulary());
      corpus = Corpus.of(settings.data(), tokens, model.inputs(), settings.validation());
    } else {
      NamedModel.OnImages named = NamedModel.onImages(settings.model());
      corpus = Corpus.images(settings);
      Samples images = corpus.train();
      model = named.fit(corpus.name(), images.inputs(), images.targets());
    }
    corpus.require(settings);
    Samples train = corpus.train();
    sampler = new Sampler(train.count(), settings.batch(), false, settings.seed());
    steps = steps(settings, sampler.batchesPerEpoch());
    schedule = settings.course().schedule(steps);
    clipping = new Clipping(settings.clip());
    batch = new int[settings.batch()];
    recordEvery = Math.max(1, steps / POINTS);
    evaluateEvery =
        settings.evaluateEvery() > 0 ? settings.evaluateEvery() : Math.max(1, steps / EVALUATIONS);
    saved = new SavedRun(settings.out(), settings.all(steps, corpus.sha256()));
    passes =
        new Passes(
            model,
            train,
            device,
            settings.dtype(),
            settings.seed(),
            settings.pass(),
            corpus.validation().count(),
            settings.batch(),
            sampler.lastBatch());
    optimizer = settings.rule().optimizer(passes.program());
    sharpness =
        settings.probeEvery() == 0
            ? null
            : new Sharpness(
                model,
                train,
                settings.probeSamples(),
                settings.pass(),
                device,
                settings.dtype(),
                settings.seed());
  }

  private static long steps(TrainSettings settings, int batchesPerEpoch) {
    long wanted =
        settings.steps() > 0
            ? settings.steps()
            : Math.max(1, Math.round(settings.epochs() * batchesPerEpoch));
    return settings.quick() ? Math.min(wanted, QUICK_STEPS) : wanted;
  }

  /**
   * Trains, and leaves the results, the parameters and, where the run was interrupted, a checkpoint
   * in the output folder.
   *
   * @throws UserException where the user can put something right
   */
  public static void run(TrainSettings settings, Progress progress) {
    try (Device device = Device.open(settings.device(), settings.threads());
        Training training = new Training(settings, device)) {
      training.begin(progress);
      try {
        training.loop(progress);
      } catch (Diverged e) {
        training.diverged(e.getMessage(), progress);
      }
      training.end(progress);
    }
  }

  /** The loss or its slope is no number. */
  private static final class Diverged extends RuntimeException {
    private static final long serialVersionUID = 1;

    Diverged(String message) {
      super(message);
    }
  }

  /** The same settings diverge again, so what is left is the report and no checkpoint. */
  private void diverged(String why, Progress progress) {
    progress.finish();
    if (lossCount > 0) {
      record(Double.NaN);
    }
    saved.delete();
    new TrainReport(this, true).write();
    throw new UserException(
        "%s; the report in %s has the run up to there".formatted(why, settings.out()));
  }

  private void begin(Progress progress) {
    if (settings.fresh()) {
      saved.delete();
    }
    boolean resumed = saved.restore(this, settings.resume());
    if (resumed) {
      sampler.seek(step);
      progress.say("evolute: going on after step " + step + " of " + steps);
      return;
    }
    if (settings.resume()) {
      progress.say(
          "evolute: %s has no checkpoint to resume from; starting at step 0"
              .formatted(settings.out()));
    }
    model.start().fill(passes.program(), settings.seed());
    long start = System.nanoTime();
    look(true, 0);
    seconds += (System.nanoTime() - start) * 1e-9;
  }

  private void loop(Progress progress) {
    long stepUnits = (long) settings.batch() * corpus.units();
    progress.start("training", corpus.unit(), steps * stepUnits, step * stepUnits);
    long begun = System.nanoTime();
    long savedAt = begun;
    double before = seconds;
    long trained = 0;
    long units = 0;
    while (step < steps && !progress.interrupted()) {
      long start = System.nanoTime();
      int count = step();
      trained += System.nanoTime() - start;
      units += (long) count * corpus.units();
      progress.add(stepUnits);
      boolean last = step == steps;
      if (step % recordEvery == 0 || isDue(evaluateEvery) || isDue(settings.probeEvery()) || last) {
        progress.note(String.format(Locale.ROOT, "loss %.4g", lossSum / lossCount));
        look(last, units / (trained * 1e-9));
        trained = 0;
        units = 0;
      }
      seconds = before + (System.nanoTime() - begun) * 1e-9;
      boolean saveNow =
          settings.saveEvery() > 0
              ? isDue(settings.saveEvery())
              : System.nanoTime() - savedAt > SAVE_NANOS;
      if (saveNow && !last) {
        saved.save(this);
        savedAt = System.nanoTime();
      }
    }
    progress.finish();
  }

  /** One step; returns its samples. */
  private int step() {
    int count = sampler.next(batch);
    double loss = passes.gradient(corpus.train(), batch, count, step);
    Program program = passes.program();
    double slope = program.kernels().maxAbs(passes.gradient());
    if (!Double.isFinite(loss) || !Double.isFinite(slope)) {
      throw new Diverged(
          "training diverged: at step %d the loss is %s and the largest slope %s; give a smaller"
                  .formatted(step, loss, slope)
              + " --lr, a warm-up or --clip");
    }
    eta = schedule.eta(step, loss);
    double factor = clipping.factor(program.kernels(), passes.gradient());
    optimizer.step(eta, factor, passes.gradient(), program.theta());
    step++;
    lossSum += loss;
    lossCount++;
    return count;
  }

  private boolean isDue(long every) {
    return every > 0 && step % every == 0;
  }

  /** Records where the run stands. */
  private void look(boolean end, double rate) {
    double[] row = record(rate);
    if (corpus.validation().count() > 0 && (end || isDue(evaluateEvery))) {
      Records.put(row, Column.VALIDATION_LOSS, passes.evaluate(corpus.validation()));
      if (corpus.classified()) {
        Records.put(row, Column.VALIDATION_ACCURACY, passes.accuracy());
      }
    }
    if (sharpness != null && (end || isDue(settings.probeEvery()))) {
      Tracker.Followed max = sharpness.at(passes.program());
      Records.put(row, Column.LAMBDA_MAX, max.pair().value());
      Records.put(row, Column.LAMBDA_MAX_LOWER, max.pair().atLeast());
      Records.put(row, Column.LAMBDA_MAX_UPPER, max.bound());
    }
  }

  /** A row with the mean loss of the steps since the last one. */
  private double[] record(double rate) {
    double[] row = records.next();
    Records.put(row, Column.STEP, step);
    if (step > 0) {
      Records.put(row, Column.LOSS, lossSum / lossCount);
      Records.put(row, Column.ETA, eta);
      Records.put(row, Column.RATE, rate);
      lossSum = 0;
      lossCount = 0;
    }
    return row;
  }

  private void end(Progress progress) {
    boolean partial = step < steps;
    if (partial) {
      saved.save(this);
    } else {
      saved.finish(passes.program());
    }
    TrainReport report = new TrainReport(this, partial);
    report.write();
    progress.say(report.sentence());
  }

  @Override
  public void close() {
    if (sharpness != null) {
      sharpness.close();
    }
    optimizer.close();
    passes.close();
  }
}
