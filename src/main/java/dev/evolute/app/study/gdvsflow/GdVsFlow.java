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
  private static final String SOFTWARE = "cuda:software";

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
    Protocol protocol = protocol(settings);
    if (onSoftware(settings)) {
      progress.say("evolute: the software GPU is for trying: " + protocol.words());
    }
    run(settings, progress, protocol, DataSets.open(DATA, settings.dataDir()));
  }

  /** That of the size asked for; on the software GPU a tiny one, whatever the size. */
  static Protocol protocol(StudySettings settings) {
    DType dtype = "f32".equals(settings.precision()) ? DType.F32 : DType.F64;
    return onSoftware(settings)
        ? Protocol.tiny(dtype, settings.seed())
        : Protocol.of(settings.size(), dtype, settings.seed());
  }

  /** Whether the device is a GPU of software, some thousand times slower than the CPU. */
  private static boolean onSoftware(StudySettings settings) {
    return settings.device().startsWith(SOFTWARE);
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
    List<Piece> pieces = theory(findings, protocol, progress, onSoftware(settings));
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
      pieces.add(
          new Piece(
              network.label() + "-spectrum",
              unit * protocol.probes() * Curvature.PROBE_STEPS,
              device ->
                  findings.spectra.put(
                      network, Curvature.along(protocol, samples, reference, device, progress)),
              () -> findings.spectra.state(network),
              state -> findings.spectra.restore(network, state)));
    }
    for (Piece piece : pieces) {
      total += piece.cost();
      if (piece.takeUp(study.saved())) {
        already += piece.cost();
      } else {
        others.add(piece.job(study.saved(), progress));
      }
    }
    study.start("descent and flow", "million multiplications", total, already);
    Job.runAll(references, settings, progress);
    if (!progress.interrupted()) {
      findings.steps.compareWithFlow();
      // They take a second, so that nothing of them is saved.
      findings.approximateBalance.measure();
      findings.smoothSteps.measure();
      findings.worstCase.measure();
      Job.runAll(others, settings, progress);
    }
    study.end(
        findings.sentence(),
        result -> {
          if (onSoftware(settings)) {
            result.prose(
                "A GPU of software is for trying, so this is a tiny run, "
                    + protocol.words()
                    + ": descent, gradient flow, spectra and the constructions of Propositions 6,"
                    + " 10 and 22 on that device, the rest of the theory on the CPU.");
          }
          findings.write(result, settings.out());
        });
  }

  /** What is not descent on digits. */
  static List<Piece> theory(
      Findings findings, Protocol protocol, Progress progress, boolean software) {
    List<Piece> pieces = new ArrayList<>();
    for (Network network : NearZero.networks()) {
      Consumer<Device> work = device -> findings.nearZero.measure(network, device, progress);
      pieces.add(
          new Piece(
              network.label() + "-near-zero",
              200L * protocol.nearImages(),
              software ? onCpu(work) : work,
              () -> findings.nearZero.state(network),
              state -> findings.nearZero.restore(network, state)));
    }
    Unbounded unbounded = findings.unbounded;
    pieces.add(
        new Piece(
            "unbounded",
            50L * protocol.convolutionImages(),
            unbounded::measure,
            unbounded::state,
            unbounded::restore));
    Following following = findings.following;
    pieces.add(
        new Piece(
            "following",
            10_000,
            device -> following.measure(progress::interrupted),
            following::state,
            following::restore));
    Convergence convergence = findings.convergence;
    pieces.add(
        new Piece(
            "convergence",
            100L * protocol.draws(),
            device -> convergence.measure(progress::interrupted),
            convergence::state,
            convergence::restore));
    EndToEnd endToEnd = findings.endToEnd;
    pieces.add(
        new Piece(
            "end-to-end",
            10_000,
            onCpu(device -> endToEnd.measure(device, progress::interrupted)),
            endToEnd::state,
            endToEnd::restore));
    return pieces;
  }

  /** The same on one thread of the CPU: for matrices that no other device is any faster with. */
  private static Consumer<Device> onCpu(Consumer<Device> work) {
    return device -> {
      try (Device cpu = Device.open("cpu", 1)) {
        work.accept(cpu);
      }
    };
  }

  /** Million multiplications of a step of descent. */
  private static long unit(Network network, Dataset data) {
    return 1 + 3 * network.multiplications(data) / 1_000_000;
  }
}
