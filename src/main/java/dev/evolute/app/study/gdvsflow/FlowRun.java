package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.UserException;
import dev.evolute.app.data.Dataset;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.SavedRuns;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hipparchus.exception.MathRuntimeException;

/**
 * Gradient flow of the linear network from the start of the runs of descent, integrated in f64 from
 * each recorded time to the next: each leg depends on nothing but where it starts, so that an
 * interrupted flow goes on to the same numbers.
 */
final class FlowRun {
  static final Network NETWORK = Network.LINEAR;

  /** Steps of descent that a leg takes about as long as: tells the progress bar. */
  static final int LEG_STEPS = 35;

  private static final String LABEL = NETWORK.label() + "-flow";

  private final Protocol protocol;
  private final Dataset data;
  private final SavedRuns saved;

  /** Theta at each recorded time; null where the flow has not come to. */
  final double[][] thetas;

  /** Training loss there, NaN where unknown. */
  final double[] loss;

  /** How far what the flow conserves has moved, by errors of integration alone. */
  final double[] imbalance;

  /** Gradients computed. */
  long gradients;

  FlowRun(Protocol protocol, Dataset data, SavedRuns saved) {
    this.protocol = protocol;
    this.data = data;
    this.saved = saved;
    thetas = new double[protocol.points()][];
    loss = Trajectory.unknown(protocol.points());
    imbalance = Trajectory.unknown(protocol.points());
    double[][] state = saved.restore(LABEL);
    if (state != null) {
      gradients = (long) state[0][0];
      System.arraycopy(state[1], 0, loss, 0, loss.length);
      System.arraycopy(state[2], 0, imbalance, 0, loss.length);
      System.arraycopy(state, 3, thetas, 0, state.length - 3);
    }
  }

  Dataset data() {
    return data;
  }

  /** Number of recorded times that the flow has come to. */
  int recorded() {
    int count = 0;
    while (count < thetas.length && thetas[count] != null) {
      count++;
    }
    return count;
  }

  /** Legs that there are in all. */
  static int legs(Protocol protocol) {
    return protocol.points() - 1;
  }

  /** Legs done. */
  int done() {
    return Math.max(0, recorded() - 1);
  }

  /**
   * Integrates to the end or until the user interrupts, and saves what there is either way.
   *
   * @param unit what a leg counts for in the progress
   */
  void run(Device device, Progress progress, long unit) {
    try (Program program =
        NETWORK.compile(data, device, DType.F64, Program.Purpose.TRAINING, protocol.seed())) {
      GradientFlow.Field downhill = GradientFlow.downhill(program, progress::interrupted);
      if (thetas[0] == null) {
        record(program, 0, program.theta().toArray());
      }
      for (int point = recorded(); point < thetas.length; point++) {
        long before = gradients;
        double leg = protocol.time(point) - protocol.time(point - 1);
        try {
          double[] end =
              GradientFlow.advance(
                  theta -> {
                    gradients++;
                    return downhill.at(theta);
                  },
                  thetas[point - 1],
                  leg);
          record(program, point, end);
        } catch (GradientFlow.Stopped e) {
          gradients = before;
          break;
        } catch (MathRuntimeException e) {
          throw new UserException(
              "gradient flow of the linear network cannot be integrated beyond time "
                  + protocol.time(point - 1)
                  + ": "
                  + e.getMessage(),
              e);
        }
        progress.add(unit);
      }
    }
    List<double[]> state = new ArrayList<>(List.of(new double[] {gradients}, loss, imbalance));
    state.addAll(Arrays.asList(thetas).subList(0, recorded()));
    saved.save(LABEL, state.toArray(new double[0][]));
  }

  private void record(Program program, int point, double[] theta) {
    program.theta().set(theta);
    loss[point] = program.value();
    thetas[point] = theta;
    double[] start = Balance.matrices(NETWORK.model(data), thetas[0]);
    imbalance[point] = Trajectory.distance(Balance.matrices(NETWORK.model(data), theta), start);
  }
}
