package dev.evolute.app.study.twolayer;

import dev.evolute.app.UsageException;
import dev.evolute.app.study.Job;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.SavedRuns;
import dev.evolute.app.study.Study;
import dev.evolute.app.study.StudyRun;
import dev.evolute.app.study.StudySettings;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.List;

/**
 * Sections 3 and 4 and Appendix G of paper 003: every constant of its theorems at every iterate of
 * gradient descent on two-layer linear networks, its step rule beside others, and, beyond the
 * paper, the exact curvature along each step, the best step, and losses other than the squared one.
 */
public final class TwoLayerLinear implements Study {
  /** Losses at which runs end: what is below is carried exactly, but tells nothing new. */
  private static final double STOP = 1e-20;

  @Override
  public String name() {
    return "two-layer";
  }

  @Override
  public String title() {
    return "local PL and smoothness constants of two-layer linear networks, and the steps they allow";
  }

  @Override
  public String paper() {
    return "Xu, Min, Tarmoun, Mallada and Vidal, A Local Polyak-Łojasiewicz and Descent Lemma of"
        + " Gradient Descent for Overparametrized Linear Models";
  }

  @Override
  public void run(StudySettings settings, Progress progress) {
    StudyRun.checkSettings(settings);
    Protocol protocol =
        settings.quick() ? Protocol.quick(settings.seed()) : Protocol.full(settings.seed());
    run(settings, progress, protocol);
  }

  void run(StudySettings settings, Progress progress, Protocol protocol) {
    if ("f32".equals(settings.precision())) {
      throw new UsageException(
          "study two-layer checks inequalities that rounding of f32 would break; leave --precision"
              + " out or give f64");
    }
    StudyRun study = new StudyRun(this, settings, progress, protocol.toString());
    SavedRuns saved = study.saved();
    Findings findings = new Findings(protocol);
    List<Job> jobs = new ArrayList<>();
    long already = 0;
    for (Setting setting : protocol.figure1()) {
      already += courses(jobs, protocol, setting, protocol.rules(), findings, saved, progress);
    }
    for (Setting setting : protocol.losses()) {
      already += courses(jobs, protocol, setting, protocol.lossRules(), findings, saved, progress);
    }
    for (Setting setting : protocol.figure5()) {
      already +=
          courses(jobs, protocol, setting, List.of(Rule.ADAPTIVE), findings, saved, progress);
    }
    for (double p : protocol.powers()) {
      already += conditioning(jobs, protocol, p, findings, saved, progress);
    }
    study.start("descent", "runs", protocol.courses(), already);
    Job.runAll(jobs, settings, progress);
    progress.finish();
    if (!progress.interrupted()) {
      findings.paces.measure(settings, progress);
    }
    study.end(findings.sentence(), result -> findings.write(result, settings.out()));
  }

  /** Restores what is there of a setting and adds a job for the rest; tells how much is there. */
  private static long courses(
      List<Job> jobs,
      Protocol protocol,
      Setting setting,
      List<Rule> rules,
      Findings findings,
      SavedRuns saved,
      Progress progress) {
    boolean plain = setting.data() == Setting.Data.SPREAD;
    List<Course> missing = new ArrayList<>();
    for (Rule rule : rules) {
      Course course = new Course(setting, rule);
      double[][] state = saved.restore(course.label());
      double[][] reference = plain ? saved.restore(setting.label()) : null;
      if (state == null || (plain && reference == null)) {
        missing.add(course);
        continue;
      }
      course.restore(state);
      findings.courses.add(course);
      if (plain) {
        findings.plain.add(setting, reference);
      }
    }
    if (!missing.isEmpty()) {
      // Small losses take most steps; what a step costs hardly depends on the width.
      long cost = missing.size() * (plain ? 20L : 1 + 2 * Math.round(setting.noise()));
      jobs.add(
          new Job(
              cost, device -> work(device, protocol, setting, missing, findings, saved, progress)));
    }
    return rules.size() - missing.size();
  }

  private static void work(
      Device device,
      Protocol protocol,
      Setting setting,
      List<Course> courses,
      Findings findings,
      SavedRuns saved,
      Progress progress) {
    boolean plain = setting.data() == Setting.Data.SPREAD;
    int q = setting.n() + setting.m();
    List<Problem> problems = new ArrayList<>();
    List<double[]> weights = new ArrayList<>();
    for (int r = 0; r < protocol.repetitions() && !progress.interrupted(); r++) {
      Setting.Draw draw = setting.draw(protocol.seed(), r);
      problems.add(draw.problem());
      weights.add(draw.stacked());
    }
    if (progress.interrupted()) {
      return;
    }
    weights = Batch.compressed(device, weights, q);
    int width = weights.get(0).length / q;
    for (Course course : courses) {
      try (Batch batch = new Batch(device, problems, weights, width);
          HessianCheck hessians =
              course.rule == Rule.ADAPTIVE
                  ? new HessianCheck(device, problems.get(0), width)
                  : null) {
        batch.gradient();
        List<Theorem> theorems = theorems(batch, setting);
        if (plain) {
          double[][] reference = Plain.run(problems, batch.deviations(), protocol.plainSteps());
          saved.save(setting.label(), reference);
          findings.plain.add(setting, reference);
        }
        boolean whole =
            course.run(
                batch,
                theorems,
                plain ? 0 : STOP,
                plain ? protocol.plainSteps() : protocol.most(),
                hessians,
                protocol.compared(),
                progress);
        if (!whole) {
          return;
        }
        saved.save(course.label(), course.state());
        findings.courses.add(course);
        progress.add(1);
      }
    }
  }

  /** What Theorem 3.2 says of each start of a batch whose gradient is there. */
  static List<Theorem> theorems(Batch batch, Setting setting) {
    List<Theorem> theorems = new ArrayList<>();
    for (int r = 0; r < batch.repetitions(); r++) {
      Constants at = Constants.of(batch.problem(r), batch.loss(r), batch.gram(r), setting.width());
      theorems.add(Theorem.of(at, Protocol.C, Protocol.D));
    }
    return theorems;
  }

  private static long conditioning(
      List<Job> jobs,
      Protocol protocol,
      double p,
      Findings findings,
      SavedRuns saved,
      Progress progress) {
    String label = "kappa-p" + p;
    double[][] state = saved.restore(label);
    if (state != null) {
      findings.starts.add(p, state);
      return 1;
    }
    jobs.add(
        new Job(
            5,
            device -> {
              double[][] rows =
                  Conditioning.of(
                      device, protocol.figure4(p), protocol.repetitions(), protocol.seed());
              saved.save(label, rows);
              findings.starts.add(p, rows);
              progress.add(1);
            }));
    return 0;
  }
}
