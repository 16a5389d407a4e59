package dev.evolute.app.study.warmup;

import dev.evolute.app.UsageException;
import dev.evolute.app.data.DataSets;
import dev.evolute.app.data.Dataset;
import dev.evolute.app.study.Job;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.SavedRuns;
import dev.evolute.app.study.Study;
import dev.evolute.app.study.StudyRun;
import dev.evolute.app.study.StudySettings;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Paper 000, sections 3 and 4: the constants of its propositions against the curvature of small
 * networks, its step against the best constant one, and its estimates of local smoothness along the
 * training of transformers and residual networks beside the true curvature, and its warm-up
 * strategies beside each other.
 */
public final class Warmup implements Study {
  private static final String IMAGES = "mnist-1k";

  /** What a point of a small network takes, and a piece without a number of its own, in ms. */
  private static final int POINT = 15;

  private static final int PIECE = 2_000;

  @Override
  public String name() {
    return "warmup";
  }

  @Override
  public String title() {
    return "why warm-up works: curvature bounded by the loss, and the step that follows from it";
  }

  @Override
  public String paper() {
    return "Alimisis, Islamov and Lucchi, Why Do We Need Warm-up? A Theoretical Perspective, 2025";
  }

  @Override
  public void run(StudySettings settings, Progress progress) {
    StudyRun.checkSettings(settings);
    Dataset images = DataSets.open(IMAGES, settings.dataDir());
    Learners learners = new Learners(settings.size(), images);
    run(
        settings,
        progress,
        settings.quick() ? Protocol.quick(settings.seed()) : Protocol.full(settings.seed()),
        learners,
        learners.watches(settings.seed()),
        learners.contests(),
        images);
  }

  void run(
      StudySettings settings,
      Progress progress,
      Protocol protocol,
      Learners learners,
      List<Watch> watches,
      List<Contest> contests,
      Dataset images) {
    if ("f32".equals(settings.precision())) {
      throw new UsageException(
          "study warmup checks inequalities that rounding of f32 would break; leave --precision out"
              + " or give f64");
    }
    // Large kernels sum in another order on another number of threads.
    int threads = Math.max(1, settings.threads() / 2);
    StringBuilder key = new StringBuilder(protocol.toString());
    key.append(' ').append(threads).append(' ').append(images.sha256());
    key.append(' ').append(learners.text.origin());
    watches.forEach(watch -> key.append(' ').append(watch.label()).append(watch.steps()));
    contests.forEach(contest -> key.append(' ').append(contest.learner().label()));
    contests.forEach(contest -> key.append(' ').append(contest.steps()));
    StudyRun study = new StudyRun(this, settings, progress, key.toString());
    Findings findings = new Findings(protocol, learners, watches, contests, images);
    progress.say("evolute: text to learn: " + learners.text.origin());
    Cost cost = Cost.of(watches, contests, settings, threads);
    cost.say(progress);
    Pieces pieces = new Pieces(study.saved(), progress);
    for (Case network : protocol.cases()) {
      int rows = CurvatureRun.rows(protocol.points(), protocol.recorded());
      pieces.add(
          "curvature-" + network.label(),
          (long) POINT * rows,
          device -> {
            double[][] points =
                CurvatureRun.run(
                    device,
                    network,
                    protocol.points(),
                    protocol.steps(),
                    protocol.recorded(),
                    progress);
            return points.length < rows ? null : points;
          },
          points -> findings.curvature.add(network, points));
    }
    for (Case network : protocol.descents()) {
      pieces.add(
          "descent-" + network.label(),
          PIECE,
          device -> {
            NetworkDescent.Result result =
                NetworkDescent.run(device, network, protocol.descentSteps(), progress);
            return result == null ? null : result.state();
          },
          state -> findings.networks.add(network, NetworkDescent.Result.of(state)));
    }
    for (int part = 0; part < Stochastic.parts(); part++) {
      int number = part;
      pieces.add(
          "stochastic-" + part,
          PIECE,
          device -> findings.stochastic.measure(number, progress),
          state -> findings.stochastic.add(number, state));
    }
    for (Watch watch : watches) {
      pieces.add(watch, cost, settings, threads, findings);
    }
    for (Contest contest : contests) {
      for (Contest.Entry entry : contest.entries(protocol.seed())) {
        pieces.add(
            contest.label(entry),
            cost.of(contest),
            unused -> {
              try (Device device = Device.open(settings.device(), threads)) {
                return contest.run(device, entry, progress);
              }
            },
            run -> findings.warmups.add(contest, entry, run));
      }
    }
    pieces.addUnsaved(
        device -> {
          findings.arithmetic.addAll(Arithmetic.claims(protocol.draws(), protocol.seed()));
          findings.counterexamples.measure(device);
          findings.layers =
              new LayersKept(
                  Balancedness.run(device, Protocol.linear(protocol.seed(), 5, 5, 5, 5)),
                  Balancedness.run(
                      device, Protocol.leaky(Family.ALL_LEAKY, protocol.seed(), 6, 5, 4, 3)));
        });
    pieces.addUnsaved(device -> findings.convergence.measure(progress));
    study.start("warmup", "", pieces.total, pieces.already);
    Job.runAll(pieces.jobs, settings, progress);
    study.end(findings.sentence(), result -> findings.write(result, settings.out()));
  }

  /** The jobs of a study whose results are saved one by one, or made again. */
  private static final class Pieces {
    final List<Job> jobs = new ArrayList<>();
    private final SavedRuns saved;
    private final Progress progress;
    long total;
    long already;

    Pieces(SavedRuns saved, Progress progress) {
      this.saved = saved;
      this.progress = progress;
    }

    /**
     * A piece whose result is taken from the last run where there is one.
     *
     * @param cost its share of the progress, in ms
     * @param work makes it, or returns null where the user interrupted
     */
    void add(
        String label, long cost, Function<Device, double[][]> work, Consumer<double[][]> result) {
      total += cost;
      double[][] state = saved.restore(label);
      if (state != null) {
        already += cost;
        result.accept(state);
        return;
      }
      jobs.add(
          new Job(
              cost,
              device -> {
                if (progress.interrupted()) {
                  return;
                }
                double[][] made = work.apply(device);
                if (made != null) {
                  saved.save(label, made);
                  result.accept(made);
                  progress.add(cost);
                }
              }));
    }

    /** A training run, which keeps its own state. */
    void add(Watch watch, Cost cost, StudySettings settings, int threads, Findings findings) {
      double[][] state = saved.restore(watch.label());
      List<double[]> rows = state == null ? List.of() : SmoothnessRun.rows(state);
      total += cost.of(watch);
      already += cost.ofSteps(watch, rows.size());
      if (rows.size() == watch.steps()) {
        findings.smoothness.add(watch, rows);
        return;
      }
      jobs.add(
          new Job(
              cost.of(watch),
              unused -> {
                if (progress.interrupted()) {
                  return;
                }
                // Read again: states of large networks do not all find room at once.
                try (Device device = Device.open(settings.device(), threads)) {
                  SmoothnessRun run = new SmoothnessRun(watch, cost, saved, progress);
                  findings.smoothness.add(watch, run.run(device, saved.restore(watch.label())));
                }
              }));
    }

    void addUnsaved(Consumer<Device> work) {
      total += PIECE;
      jobs.add(
          new Job(
              PIECE,
              device -> {
                if (!progress.interrupted()) {
                  work.accept(device);
                  progress.add(PIECE);
                }
              }));
    }
  }
}
