package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.data.DataSets;
import dev.evolute.app.data.Dataset;
import dev.evolute.app.study.Job;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.SavedRuns;
import dev.evolute.app.study.Study;
import dev.evolute.app.study.StudyRun;
import dev.evolute.app.study.StudySettings;
import dev.evolute.kernels.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Section 6 and Figure 1 of paper 002 on fully connected networks: gradient descent with eta0
 * against eta0 / r from the same theta on 1,000 digits, and, beyond the paper, the ends of the
 * Hessian's spectrum along the way with the lower bounds (13) and (17).
 */
public final class GdVsFlow implements Study {
  private static final String DATA = "mnist-1k";

  @Override
  public String name() {
    return "gd-vs-flow";
  }

  @Override
  public String title() {
    return "gradient descent against gradient flow, with the Hessian's spectrum along the way";
  }

  @Override
  public String paper() {
    return "Elkabetz and Cohen, Continuous vs. Discrete Optimization of Deep Neural Networks,"
        + " NeurIPS 2021";
  }

  @Override
  public void run(StudySettings settings, Progress progress) {
    StudyRun.checkSettings(settings);
    DType dtype = "f32".equals(settings.precision()) ? DType.F32 : DType.F64;
    Protocol protocol =
        settings.quick()
            ? Protocol.quick(dtype, settings.seed())
            : Protocol.full(dtype, settings.seed());
    run(settings, progress, protocol, DataSets.open(DATA, settings.dataDir()));
  }

  void run(StudySettings settings, Progress progress, Protocol protocol, Dataset data) {
    StudyRun study = new StudyRun(this, settings, progress, protocol + " " + data.sha256());
    SavedRuns saved = study.saved();
    Findings findings = new Findings(protocol, data);
    Map<Trajectory, double[]> restored = new HashMap<>();
    long already = 0;
    for (Network network : Network.values()) {
      List<Trajectory> list = new ArrayList<>();
      list.add(new Trajectory(network, 1, protocol.points()));
      protocol.ratios().forEach(r -> list.add(new Trajectory(network, r, protocol.points())));
      for (Trajectory run : list) {
        restored.put(run, run.restore(saved.restore(run.label())));
        already += run.done;
      }
      findings.runs.put(network, list);
    }
    long perNetwork = protocol.steps() + (long) protocol.probes() * Curvature.PROBE_STEPS;
    long total = Network.values().length * perNetwork;
    study.start("descent", "steps", total, already);

    List<Job> references = new ArrayList<>();
    List<Job> others = new ArrayList<>();
    findings.runs.forEach(
        (network, list) -> {
          Trajectory reference = list.get(0);
          references.add(descent(protocol, data, null, saved, progress, reference, restored));
          for (Trajectory run : list.subList(1, list.size())) {
            others.add(descent(protocol, data, reference, saved, progress, run, restored));
          }
          others.add(
              new Job(
                  (long) protocol.probes() * Curvature.PROBE_STEPS,
                  device -> {
                    List<Curvature.Probe> probes =
                        Curvature.along(protocol, data, reference, device, progress);
                    synchronized (findings) {
                      findings.probes.put(network, probes);
                    }
                  }));
        });
    Job.runAll(references, settings, progress);
    if (!progress.interrupted()) {
      Job.runAll(others, settings, progress);
    }
    study.end(findings.sentence(), result -> findings.write(result, settings.out()));
  }

  private static Job descent(
      Protocol protocol,
      Dataset data,
      Trajectory reference,
      SavedRuns saved,
      Progress progress,
      Trajectory run,
      Map<Trajectory, double[]> restored) {
    DescentRun descent = new DescentRun(protocol, data, reference, saved, progress);
    return new Job(
        (long) protocol.iterations() * run.ratio - run.done,
        device -> descent.run(device, run, restored.get(run)));
  }
}
