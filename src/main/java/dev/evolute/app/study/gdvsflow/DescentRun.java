package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.data.Dataset;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.SavedRuns;
import dev.evolute.app.study.StudyRun;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.nn.Model;
import dev.evolute.autodiff.optim.GradientDescent;
import dev.evolute.kernels.Device;

/** One run of gradient descent with step eta0 / r, recorded every {@code r * every} iterations. */
final class DescentRun {
  /** Steps between two looks at the clock and at the user's wish to stop. */
  private static final int STRIDE = 10;

  private final Protocol protocol;
  private final Dataset data;
  private final Trajectory reference;
  private final FlowRun flow;
  private final long unit;
  private final SavedRuns saved;
  private final Progress progress;

  /**
   * A run.
   *
   * @param reference the finished eta0 run, or null if this is that run
   * @param flow gradient flow from the same start, or null where none is integrated
   * @param unit what a step counts for in the progress
   */
  DescentRun(
      Protocol protocol,
      Dataset data,
      Trajectory reference,
      FlowRun flow,
      long unit,
      SavedRuns saved,
      Progress progress) {
    this.protocol = protocol;
    this.data = data;
    this.reference = reference;
    this.flow = flow;
    this.unit = unit;
    this.saved = saved;
    this.progress = progress;
  }

  /**
   * Runs to the end or until the user interrupts, and saves its state either way.
   *
   * @param run what was recorded so far; receives the rest
   * @param restored theta to go on from, or null to start at the initialisation
   */
  void run(Device device, Trajectory run, double[] restored) {
    long last = (long) protocol.iterations() * run.ratio;
    long stride = (long) protocol.every() * run.ratio;
    if (run.done == last && run.recorded() == protocol.points()) {
      return;
    }
    GradientDescent descent = new GradientDescent(protocol.eta0() / run.ratio);
    try (Program program =
        run.network.compile(
            data, device, protocol.dtype(), Program.Purpose.TRAINING, protocol.seed())) {
      double[] start = program.theta().toArray();
      if (restored != null) {
        program.theta().set(restored);
      }
      long savedAt = System.nanoTime();
      long reported = run.done;
      while (true) {
        program.gradientPass();
        if (run.done % stride == 0) {
          record(run, (int) (run.done / stride), program, start);
        }
        if (run.done == last) {
          break;
        }
        descent.update(program);
        run.done++;
        if (run.done % STRIDE == 0) {
          progress.add(unit * (run.done - reported));
          reported = run.done;
          if (progress.interrupted()) {
            break;
          }
          if (System.nanoTime() - savedAt > SavedRuns.EVERY_NANOS) {
            saved.save(run.label(), run.state(program.theta().toArray()));
            savedAt = System.nanoTime();
          }
        }
      }
      progress.add(unit * (run.done - reported));
      saved.save(run.label(), run.state(program.theta().toArray()));
    }
  }

  private void record(Trajectory run, int point, Program program, double[] start) {
    double loss = program.loss();
    StudyRun.requireFinite(run.label(), loss, run.done, protocol.eta0() / run.ratio);
    double[] theta = program.theta().toArray();
    run.loss[point] = loss;
    run.distance[point] = Trajectory.distance(theta, start);
    if (reference == null) {
      run.drift[point] = 0;
      run.thetas[point] = theta;
    } else {
      run.drift[point] = Trajectory.distance(theta, reference.thetas[point]);
    }
    if (flow != null && flow.thetas[point] != null) {
      run.toFlow[point] = Trajectory.distance(theta, flow.thetas[point]);
    }
    if (run.network.covered()) {
      Model model = run.network.model(data);
      run.imbalance[point] =
          Trajectory.distance(
              Balance.of(run.network, model, theta), Balance.of(run.network, model, start));
    }
  }
}
