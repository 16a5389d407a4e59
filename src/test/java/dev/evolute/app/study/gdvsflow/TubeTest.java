package dev.evolute.app.study.gdvsflow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.DeepLinear;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What is checked about the flow of section 5 holds on it, and is noticed where it does not. */
class TubeTest {
  private static final double[] START = {0.1, 0.1};

  private final Tube tube = new Tube();

  /** Distance of the last point that was looked at from where the flow was scaled to. */
  private double last;

  /** Looks about the start of the flow with its weights scaled. */
  private void look(double scale) {
    Graph graph = new Graph();
    Value x = graph.data("x", 2, 2);
    Value y = graph.data("y", 2, 1);
    DeepLinear model = DeepLinear.of(2, 2, 1);
    graph.loss(SquaredError.halfMean(2), model.record(graph, x), y);
    double norm = Math.hypot(START[0], START[1]);
    SectionFive problem = SectionFive.of(2, norm, START[0] / norm);
    try (Device device = Device.open("cpu", 1);
        Program program = Program.compile(graph, device, DType.F64, Program.Purpose.CURVATURE)) {
      double root = Math.sqrt(2);
      program.set(x, new double[] {root, 0, 0, root});
      program.set(y, new double[] {root, 0});
      model.balanced(program, START);
      double[] theta = program.theta().toArray();
      double[] scaled = Arrays.stream(theta).map(w -> scale * w).toArray();
      tube.check(problem, program, scaled, 0, 1);
      last = Trajectory.distance(program.theta().toArray(), scaled);
    }
  }

  @Test
  void constantsHoldOnTheFlowAndBesideIt() {
    look(1);
    assertEquals(2, tube.curvature.checked());
    assertEquals(0, tube.curvature.violated());
    assertEquals(4, tube.smooth.checked());
    assertEquals(0, tube.smooth.violated());
    assertEquals(0.25, last, 1e-12);
  }

  @Test
  void curvatureIsAttainedAtTheStart() {
    // Depth 2 at a balanced start: lambda_min = -||u - lambda||, and m(0) is that without room.
    look(1);
    assertEquals(0, tube.curvature.tightest(), 1e-8);
  }

  @Test
  void farFromTheFlowNeitherHessianNorGradientIsBounded() {
    // With weights thirty times as large both are a thousand times as large and more.
    look(30);
    assertEquals(4, tube.smooth.checked());
    assertEquals(4, tube.smooth.violated());
  }
}
