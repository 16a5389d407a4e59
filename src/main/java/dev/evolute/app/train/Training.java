package dev.evolute.app.train;

import dev.evolute.app.UserException;
import dev.evolute.app.data.Samples;
import dev.evolute.app.data.Text;
import dev.evolute.app.engine.BatchLoss;
import dev.evolute.app.engine.Session;
import dev.evolute.app.engine.Store;
import dev.evolute.app.engine.Traffic;
import dev.evolute.app.engine.TrainingTask;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.report.Numbers;
import dev.evolute.app.study.Progress;
import dev.evolute.app.train.Records.Column;
import dev.evolute.autodiff.optim.Clipping;
import dev.evolute.autodiff.optim.LineSearch;
import dev.evolute.autodiff.optim.Optimizer;
import dev.evolute.autodiff.optim.Schedule;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.spectral.Tracker;
import java.util.Locale;
import java.util.Map;

/**
 * One training run, from its settings to its report. It can be stopped at any step, or killed, and
 * goes on from its last checkpoint with the same numbers to the bit.
 */
public final class Training implements AutoCloseable {
  /** How data are named, for help. */
  public static final String DATA = Corpus.NAMES;

  /** Name of the text that decoders read where none is given. */
  public static final String TEXT = Text.JDK;

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
  final BatchLoss batches;
  final Optimizer optimizer;
  final Sharpness sharpness;

  /** Null where this process computes all by itself. */
  final Session session;

  /** Null where steps follow the schedule. */
  private final LineSearch search;

  /** Seconds that all runs up to the present one took. */
  double seconds;

  /** Those of them for held-out samples, and for probes. */
  double evaluationSeconds;

  double probeSeconds;

  /** Steps taken. */
  long step;

  /** Sum of the losses of the steps since the last recorded one, and their number. */
  double lossSum;

  long lossCount;

  private final Schedule schedule;
  private final Clipping clipping;
  private final long recordEvery;
  private final long evaluateEvery;
  private final SavedRun saved;

  /** Step size of the last step. */
  double eta;

  private Training(TrainSettings settings, Session session, Store store, Device device) {
    this.settings = settings;
    this.session = session;
    if (Text.isText(settings.data())) {
      Text text = Text.open(settings.data());
      model = NamedModel.ofText(settings.model(), text.tokens().vocabulary());
      corpus = Corpus.of(text, model.inputs(), settings.validation());
    } else {
      NamedModel.OnImages named = NamedModel.onImages(settings.model());
      corpus = Corpus.images(settings, session != null);
      Samples images = corpus.train();
      model = named.fit(corpus.name(), images.inputs(), images.targets());
    }
    corpus.require(settings);
    Samples train = corpus.train();
    steps = steps(settings, Math.ceilDiv(train.count(), settings.batch()));
    schedule = settings.course().schedule(steps);
    clipping = new Clipping(settings.clip());
    recordEvery = Math.max(1, steps / POINTS);
    evaluateEvery =
        settings.evaluateEvery() > 0 ? settings.evaluateEvery() : Math.max(1, steps / EVALUATIONS);
    saved = new SavedRun(store, settings.out(), settings());
    TrainingTask task =
        new TrainingTask(
            model,
            corpus.name(),
            train,
            corpus.validation(),
            settings.batch(),
            settings.pass(),
            settings.dtype(),
            settings.seed());
    Rule rule = settings.rule();
    batches = session == null ? new LocalBatches(task, device) : session.batches(task, device);
    optimizer = rule.optimizer(batches.objective());
    search = rule.isSearched() ? rule.search(settings.course().peak(), batches.objective()) : null;
    sharpness =
        settings.tracking().every() == 0
            ? null
            : new Sharpness(
                model,
                train,
                settings.tracking(),
                settings.pass(),
                device,
                settings.dtype(),
                settings.seed());
  }

  /** Everything that the numbers depend on. */
  Map<String, Object> settings() {
    Map<String, Object> all = settings.all(steps, corpus.sha256());
    if (session != null) {
      all.put("shards", session.shards());
      all.put("engine", session.key());
    }
    return all;
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
    run(settings, null, null, progress);
  }

  /**
   * The same on an engine.
   *
   * @param session whose executors compute gradients; null to compute them here
   * @param checkpoints where they are kept; null for the output folder
   */
  public static void run(
      TrainSettings settings, Session session, Store checkpoints, Progress progress) {
    Store store = checkpoints == null ? new FolderStore(settings.out()) : checkpoints;
    // An engine's executors have the device that was asked for; this machine may have none such.
    String here = session == null ? settings.device() : "cpu";
    try (Device device = Device.open(here, settings.threads());
        Training training = new Training(settings, session, store, device)) {
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
      progress.say("evolute: going on after step " + step + " of " + steps);
      return;
    }
    if (settings.resume()) {
      progress.say(
          "evolute: %s has no checkpoint to resume from; starting at step 0"
              .formatted(saved.place()));
    }
    model.start().fill(batches.objective(), settings.seed());
    progress.say(outline());
    long start = System.nanoTime();
    look(true, 0);
    seconds += (System.nanoTime() - start) * 1e-9;
  }

  /** What is ahead, before it begins. */
  private String outline() {
    String text =
        String.format(
            Locale.ROOT,
            "evolute: %s has %,d parameters; %,d steps of %,d %s",
            model.name(),
            model.network().size(),
            steps,
            (long) settings.batch() * corpus.units(),
            corpus.unit());
    if (session != null) {
      Traffic traffic = session.traffic(model.network().size(), settings.dtype());
      text += traffic.executors() == 0 ? "" : ", each moves " + Numbers.bytes(traffic.bytes(1));
    }
    return sharpness == null
        ? text
        : text + ", after λmax of the start, which takes some dozens of Hessian-vector products";
  }

  private void loop(Progress progress) {
    long stepUnits = (long) settings.batch() * corpus.units();
    progress.start("training", corpus.unit(), steps * stepUnits, step * stepUnits);
    if (settings.minutes() < Double.POSITIVE_INFINITY) {
      progress.endsIn(60 * settings.minutes() - seconds);
    }
    long begun = System.nanoTime();
    long savedAt = begun;
    double before = seconds;
    long trained = 0;
    long units = 0;
    while (step < steps && !timeIsUp() && !progress.interrupted()) {
      long start = System.nanoTime();
      int count = step();
      trained += System.nanoTime() - start;
      units += (long) count * corpus.units();
      progress.add(stepUnits);
      boolean last = step == steps;
      if (step % recordEvery == 0
          || isDue(evaluateEvery)
          || isDue(settings.tracking().every())
          || last) {
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
    int count = batches.count(step);
    double loss = search == null ? descend() : search();
    step++;
    lossSum += loss;
    lossCount++;
    return count;
  }

  private double search() {
    try {
      eta = batches.search(search, step);
    } catch (ArithmeticException e) {
      throw new Diverged("training diverged: at step %d: %s".formatted(step, e.getMessage()));
    }
    return search.before();
  }

  /** Returns the loss before the step. */
  private double descend() {
    double loss = batches.gradient(step);
    Kernels kernels = batches.objective().kernels();
    double slope = kernels.maxAbs(batches.gradient());
    if (!Double.isFinite(loss) || !Double.isFinite(slope)) {
      throw new Diverged(
          "training diverged: at step %d the loss is %s and the largest slope %s; give a smaller"
                  .formatted(step, loss, slope)
              + " --lr, a warm-up or --clip");
    }
    eta = schedule.eta(step, loss);
    double factor = clipping.factor(kernels, batches.gradient());
    optimizer.step(eta, factor, batches.gradient(), batches.objective().theta());
    return loss;
  }

  private boolean timeIsUp() {
    return seconds >= 60 * settings.minutes();
  }

  private boolean isDue(long every) {
    return every > 0 && step % every == 0;
  }

  /** Records where the run stands. */
  private void look(boolean end, double rate) {
    double[] row = record(rate);
    if (corpus.validation().count() > 0 && (end || isDue(evaluateEvery))) {
      long start = System.nanoTime();
      BatchLoss.Evaluation held = batches.evaluate();
      Records.put(row, Column.VALIDATION_LOSS, held.loss());
      if (corpus.classified()) {
        Records.put(row, Column.VALIDATION_ACCURACY, held.accuracy());
      }
      evaluationSeconds += (System.nanoTime() - start) * 1e-9;
    }
    if (sharpness != null && (end || isProbed())) {
      long start = System.nanoTime();
      Tracker.Followed max = sharpness.at(batches.objective());
      Records.put(row, Column.LAMBDA_MAX, max.pair().value());
      Records.put(row, Column.LAMBDA_MAX_LOWER, max.pair().atLeast());
      Records.put(row, Column.LAMBDA_MAX_UPPER, max.bound());
      probeSeconds += (System.nanoTime() - start) * 1e-9;
    }
  }

  private boolean isProbed() {
    Tracking tracking = settings.tracking();
    return isDue(tracking.every())
        && tracking.isAffordable(sharpness.products, sharpness.probes, step * settings.batch());
  }

  /** Where a run ends that has had its time. */
  private void lookLast() {
    long start = System.nanoTime();
    look(true, Double.NaN);
    seconds += (System.nanoTime() - start) * 1e-9;
  }

  /** A row with the mean loss of the steps since the last one. */
  private double[] record(double rate) {
    double[] row = records.next();
    Records.put(row, Column.STEP, step);
    if (lossCount > 0) {
      Records.put(row, Column.LOSS, lossSum / lossCount);
      Records.put(row, Column.ETA, eta);
      Records.put(row, Column.RATE, rate);
      lossSum = 0;
      lossCount = 0;
    }
    return row;
  }

  private void end(Progress progress) {
    boolean done = step == steps;
    boolean partial = !done && !timeIsUp();
    if (!done) {
      // Before the last look, which a run that goes on does not take here.
      saved.save(this);
    }
    if (!partial) {
      if (!done) {
        lookLast();
      }
      saved.saveParameters(batches.objective());
    }
    if (done) {
      saved.delete();
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
    if (search != null) {
      search.close();
    }
    optimizer.close();
    batches.close();
  }
}
