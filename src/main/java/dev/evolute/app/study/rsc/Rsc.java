package dev.evolute.app.study.rsc;

import dev.evolute.app.data.Cifar10;
import dev.evolute.app.data.DataSets;
import dev.evolute.app.data.Dataset;
import dev.evolute.app.study.Job;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.Study;
import dev.evolute.app.study.StudyRun;
import dev.evolute.app.study.StudySettings;
import dev.evolute.kernels.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * Paper 001: Figure 1 in both scalings, the Hessian of the predictor against width, and every
 * constant and inequality of the paper beside what is measured.
 */
public final class Rsc implements Study {
  /** Images made up where CIFAR-10 is not to be had. */
  private static final int STAND_IN = 1000;

  /**
   * Side of the squares that the images of the bounds are pooled by, so that m >= d is in reach.
   */
  private static final int POOL = 2;

  /** The same for the narrow network: fewer parameters than samples. */
  private static final int NARROW_POOL = 4;

  private static final int NARROW = 2;

  /** Its step: with two units the loss is curved more than with many. */
  private static final double NARROW_ETA = 0.1;

  @Override
  public String name() {
    return "rsc";
  }

  @Override
  public String title() {
    return "restricted strong convexity: mean gradients, Hessians of the predictor, all constants";
  }

  @Override
  public String paper() {
    return "Banerjee, Cisneros-Velarde, Zhu and Belkin, Restricted Strong Convexity of Deep Learning"
        + " Models with Smooth Activations, ICLR 2023";
  }

  @Override
  public void run(StudySettings settings, Progress progress) {
    StudyRun.checkSettings(settings);
    DType dtype = "f64".equals(settings.precision()) ? DType.F64 : DType.F32;
    Protocol protocol =
        settings.quick()
            ? Protocol.quick(dtype, settings.seed())
            : Protocol.full(dtype, settings.seed());
    List<Dataset> sets = new ArrayList<>();
    sets.add(
        Cifar10.find(settings.dataDir())
            .map(Cifar10::planes)
            .orElseGet(() -> Cifar10.standIn(STAND_IN, 1)));
    sets.add(open("mnist", settings));
    sets.add(open("fashion-mnist", settings));
    run(settings, progress, protocol, sets);
  }

  /** The full set where it is to be had and the run is no quick one, else the subset inside. */
  private static Dataset open(String name, StudySettings settings) {
    boolean full =
        !settings.quick()
            && DataSets.list(settings.dataDir()).stream()
                .anyMatch(set -> set.name().equals(name) && set.found());
    return DataSets.open(full ? name : name + "-1k", settings.dataDir());
  }

  /**
   * Runs the study.
   *
   * @param sets those of Figure 1; the bounds are checked on the second
   */
  void run(StudySettings settings, Progress progress, Protocol protocol, List<Dataset> sets) {
    StringBuilder key = new StringBuilder(protocol.toString());
    sets.forEach(set -> key.append(' ').append(set.sha256()));
    StudyRun study = new StudyRun(this, settings, progress, key.toString());
    Dataset main = sets.get(Math.min(1, sets.size() - 1));
    TrainingSet pooled = TrainingSet.choose(main, protocol.samples(), POOL, protocol.seed());
    TrainingSet coarse = TrainingSet.choose(main, protocol.samples(), NARROW_POOL, protocol.seed());
    Findings findings = new Findings(protocol, sets, pooled);
    List<Job> jobs = new ArrayList<>();
    long total = 0;
    long already = 0;
    for (Dataset set : sets) {
      TrainingSet data = TrainingSet.choose(set, protocol.samples(), 1, protocol.seed());
      CurveRun run = new CurveRun(protocol, data, study.saved(), progress);
      for (Parametrisation parametrisation : Parametrisation.values()) {
        for (int width : protocol.widths()) {
          for (int seed = 1; seed <= protocol.seeds(); seed++) {
            Curve curve = new Curve(set.name(), parametrisation, width, seed, protocol.points());
            double[] theta = curve.restore(study.saved().restore(curve.label()));
            findings.gradients.curves.add(curve);
            long step = CurveRun.cost(data, protocol.depth(), width);
            int done = curve.finished ? protocol.iterations() : curve.done;
            already += step * done;
            total += step * protocol.iterations();
            long left = step * (protocol.iterations() - done);
            jobs.add(new Job(left, device -> run.run(device, curve, theta)));
          }
        }
      }
    }
    for (int width : protocol.hessianWidths()) {
      for (int seed = 1; seed <= protocol.hessianSeeds(); seed++) {
        long cost = HessianScaling.cost(protocol, width);
        int number = seed;
        total += cost;
        jobs.add(
            new Job(
                cost,
                device -> {
                  if (!progress.interrupted()) {
                    findings.hessians.add(
                        HessianScaling.measure(protocol, pooled, device, width, number));
                    progress.add(cost);
                  }
                }));
      }
    }
    for (BoundsRun run : boundsRuns(protocol, pooled, coarse)) {
      findings.training.runs.add(run);
      total += run.cost();
      jobs.add(new Job(run.cost(), device -> run.run(device, progress)));
    }
    jobs.add(new Job(0, device -> findings.conditions.measure(device)));
    study.start("rsc", "million multiplications", total, already);
    Job.runAll(jobs, settings, progress);
    study.end(findings.sentence(), result -> findings.write(result, settings.out()));
  }

  private static List<BoundsRun> boundsRuns(
      Protocol protocol, TrainingSet pooled, TrainingSet coarse) {
    List<BoundsRun> runs = new ArrayList<>();
    double eta = Parametrisation.SCALED.eta(1);
    for (int width : protocol.boundWidths()) {
      runs.add(new BoundsRun(protocol, "labels", BoundsRun.Kind.LABELS, pooled, width, eta));
    }
    int width = protocol.boundWidths().get(0);
    for (BoundsRun.Kind kind :
        List.of(BoundsRun.Kind.OFFSET, BoundsRun.Kind.LOGISTIC, BoundsRun.Kind.OUTPUTS)) {
      runs.add(new BoundsRun(protocol, kind.label(), kind, pooled, width, eta));
    }
    runs.add(
        new BoundsRun(
            protocol, "repeated", BoundsRun.Kind.LABELS, KernelEnds.repeated(pooled), width, eta));
    runs.add(new BoundsRun(protocol, "narrow", BoundsRun.Kind.LABELS, coarse, NARROW, NARROW_ETA));
    return runs;
  }
}
