package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.data.DataSets;
import dev.evolute.app.data.Dataset;
import dev.evolute.app.study.Job;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.Study;
import dev.evolute.app.study.StudyRun;
import dev.evolute.app.study.StudySettings;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Paper 002: gradient descent with eta0 against eta0 / r from the same theta on digits (Figures 1
 * and 3), gradient flow itself, and the ends of the Hessian's spectrum along the way beside the
 * paper's bounds.
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

  void run(StudySettings settings, Progress progress, Protocol protocol, Dataset all) {
    StudyRun study = new StudyRun(this, settings, progress, protocol + " " + all.sha256());
    Dataset data = all.first(protocol.images());
    Dataset few = data.first(protocol.convolutionImages());
    FlowRun flow = new FlowRun(protocol, data, study.saved());
    Findings findings = new Findings(protocol, data, flow);
    long flowUnit = unit(FlowRun.NETWORK, data) * FlowRun.LEG_STEPS;
    long already = flowUnit * flow.done();
    long total = flowUnit * FlowRun.legs(protocol);
    List<Job> references = new ArrayList<>();
    List<Job> others = new ArrayList<>();
    references.add(new Job(total - already, device -> flow.run(device, progress, flowUnit)));
    for (Network network : Network.values()) {
      Dataset samples = network.convolutional() ? few : data;
      long unit = unit(network, samples);
      List<Trajectory> list = new ArrayList<>();
      list.add(new Trajectory(network, 1, protocol.points()));
      protocol.ratios().forEach(r -> list.add(new Trajectory(network, r, protocol.points())));
      findings.steps.runs.put(network, list);
      Trajectory reference = list.get(0);
      for (Trajectory run : list) {
        double[] theta = run.restore(study.saved().restore(run.label()));
        long steps = (long) protocol.iterations() * run.ratio;
        already += unit * run.done;
        total += unit * steps;
        DescentRun descent =
            new DescentRun(
                protocol,
                samples,
                run == reference ? null : reference,
                network == FlowRun.NETWORK ? flow : null,
                unit,
                study.saved(),
                progress);
        Job job = new Job(unit * (steps - run.done), device -> descent.run(device, run, theta));
        (run == reference ? references : others).add(job);
      }
      long probes = unit * protocol.probes() * Curvature.PROBE_STEPS;
      total += probes;
      others.add(
          new Job(
              probes,
              device ->
                  findings.spectra.put(
                      network,
                      Curvature.along(protocol, samples, reference, device, progress, unit))));
    }
    for (Piece piece : theory(findings, protocol, progress)) {
      long cost = piece.cost();
      total += cost;
      others.add(
          new Job(
              cost,
              device -> {
                if (progress.interrupted()) {
                  return;
                }
                try {
                  piece.work().accept(device);
                  progress.add(cost);
                } catch (GradientFlow.Stopped e) {
                  // What there is will do: the report says that it is partial.
                }
              }));
    }
    study.start("descent and flow", "million multiplications", total, already);
    Job.runAll(references, settings, progress);
    if (!progress.interrupted()) {
      findings.steps.compareWithFlow();
      Job.runAll(others, settings, progress);
    }
    study.end(findings.sentence(), result -> findings.write(result, settings.out()));
  }

  /** What is not descent on digits, by about how many million multiplications it takes as long. */
  private static List<Piece> theory(Findings findings, Protocol protocol, Progress progress) {
    List<Piece> pieces = new ArrayList<>();
    long near = protocol.nearImages();
    for (Network network : NearZero.networks()) {
      pieces.add(
          new Piece(200 * near, device -> findings.nearZero.measure(network, device, progress)));
    }
    pieces.add(new Piece(50L * protocol.convolutionImages(), findings.unbounded::measure));
    pieces.add(new Piece(10_000, device -> findings.following.measure(progress::interrupted)));
    pieces.add(
        new Piece(
            100 * protocol.draws(), device -> findings.convergence.measure(progress::interrupted)));
    pieces.add(
        new Piece(10_000, device -> findings.endToEnd.measure(device, progress::interrupted)));
    pieces.add(
        new Piece(
            1_000,
            device -> {
              findings.approximateBalance.measure();
              findings.smoothSteps.measure();
              findings.worstCase.measure();
            }));
    return pieces;
  }

  private record Piece(long cost, Consumer<Device> work) {}

  /** Million multiplications of a step of descent. */
  private static long unit(Network network, Dataset data) {
    return 1 + 3 * network.multiplications(data) / 1_000_000;
  }
}
