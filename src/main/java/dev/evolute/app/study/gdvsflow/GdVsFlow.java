package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.Evolute;
import dev.evolute.app.data.DataSets;
import dev.evolute.app.data.Dataset;
import dev.evolute.app.report.ReportWriter;
import dev.evolute.app.study.Checkpoint;
import dev.evolute.app.study.Job;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.Study;
import dev.evolute.app.study.StudySettings;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.nio.file.Path;
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
    ReportWriter.checkWritable(settings.out());
    Device.open(settings.device(), 1).close();
    DType dtype = "f32".equals(settings.precision()) ? DType.F32 : DType.F64;
    Protocol protocol =
        settings.quick()
            ? Protocol.quick(dtype, settings.seed())
            : Protocol.full(dtype, settings.seed());
    run(settings, progress, protocol, DataSets.open(DATA, settings.dataDir()));
  }

  void run(StudySettings settings, Progress progress, Protocol protocol, Dataset data) {
    Path folder = settings.out().resolve("checkpoint");
    Checkpoint checkpoint =
        new Checkpoint(
            folder, String.join(" ", Evolute.version(), protocol.toString(), data.sha256()));
    if (settings.fresh()) {
      checkpoint.delete();
    }
    Findings findings = new Findings(protocol, data);
    findings.seconds = checkpoint.seconds();
    long start = System.nanoTime();

    Map<Trajectory, double[]> restored = new HashMap<>();
    long already = 0;
    for (Network network : Network.values()) {
      List<Trajectory> list = new ArrayList<>();
      list.add(new Trajectory(network, 1, protocol.points()));
      protocol.ratios().forEach(r -> list.add(new Trajectory(network, r, protocol.points())));
      for (Trajectory run : list) {
        restored.put(run, run.restore(checkpoint.restore(run.label())));
        already += run.done;
      }
      findings.runs.put(network, list);
    }
    if (already > 0) {
      progress.say("going on from the state in " + folder + " (--fresh starts over)");
    }
    long perNetwork = protocol.steps() + (long) protocol.probes() * Curvature.PROBE_STEPS;
    long total = Network.values().length * perNetwork;
    progress.start("descent", "steps", total, already);

    List<Job> references = new ArrayList<>();
    List<Job> others = new ArrayList<>();
    findings.runs.forEach(
        (network, list) -> {
          Trajectory reference = list.get(0);
          references.add(descent(protocol, data, null, checkpoint, progress, reference, restored));
          for (Trajectory run : list.subList(1, list.size())) {
            others.add(descent(protocol, data, reference, checkpoint, progress, run, restored));
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
    progress.finish();
    findings.seconds += (System.nanoTime() - start) / 1e9;
    findings.partial = progress.interrupted();
    findings.write(settings, this);
    if (findings.partial) {
      checkpoint.saveSeconds(findings.seconds);
    } else {
      checkpoint.delete();
    }
    progress.say(findings.sentence());
  }

  private static Job descent(
      Protocol protocol,
      Dataset data,
      Trajectory reference,
      Checkpoint checkpoint,
      Progress progress,
      Trajectory run,
      Map<Trajectory, double[]> restored) {
    DescentRun descent = new DescentRun(protocol, data, reference, checkpoint, progress);
    return new Job(
        (long) protocol.iterations() * run.ratio - run.done,
        device -> descent.run(device, run, restored.get(run)));
  }
}
