package dev.evolute.autodiff.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Adam;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Sgd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pass and update as one are a pass and then an update. */
class TrainingStepTest {
  private static final Device CPU = Device.open("cpu", 1);
  private static final int ROWS = 4;

  private static final List<Function<Program, Optimizer>> OPTIMIZERS =
      List.of(
          program -> Optimizer.of(Sgd.nesterov(0.9), program),
          program -> Optimizer.of(Sgd.PLAIN, program),
          program -> Optimizer.of(Adam.w(0.1), program));

  private static Program program(DType dtype) {
    Graph graph = new Graph();
    Value x = graph.data("x", ROWS, 5);
    Value z = graph.apply(MatMul.LAYER, x, graph.parameter("W", 3, 5));
    graph.loss(SquaredError.mean(ROWS), z, graph.data("y", ROWS, 3));
    Program program = Program.compile(graph, CPU, dtype, Program.Purpose.CURVATURE);
    program.theta().set(Dense.normal(new Random(1), 15));
    return program;
  }

  /** All that steps leave behind, after each of them. */
  private static List<double[]> train(
      DType dtype, Function<Program, Optimizer> with, boolean asOne) {
    Random random = new Random(2);
    List<double[]> seen = new ArrayList<>();
    try (Program program = program(dtype);
        Optimizer optimizer = with.apply(program);
        TrainingStep step = new TrainingStep(program, optimizer)) {
      for (int t = 1; t <= 5; t++) {
        program.set(program.graph().data().get(0), Dense.normal(random, ROWS * 5));
        program.set(program.graph().data().get(1), Dense.normal(random, ROWS * 3));
        double eta = 0.1 / t;
        double factor = 1 - 0.1 * t;
        long moves = program.moves();
        if (asOne) {
          step.run(eta, factor);
        } else {
          program.gradientPass();
          optimizer.step(eta, factor, program.gradient(), program.theta());
        }
        seen.add(new double[] {program.loss(), program.moves() - moves, optimizer.steps()});
        seen.add(program.gradient().toArray());
        seen.add(program.theta().toArray());
        optimizer.state().values().forEach(buffer -> seen.add(buffer.toArray()));
      }
    }
    return seen;
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void lossGradientThetaAndMemoryHaveTheSameBitsAfterEachStep(DType dtype) {
    for (Function<Program, Optimizer> with : OPTIMIZERS) {
      List<double[]> plain = train(dtype, with, false);
      assertArrayEquals(plain.toArray(), train(dtype, with, true).toArray());
    }
  }

  /** By hand: loss and gradient are those before the update. */
  @Test
  void theLossIsThatBeforeTheUpdate() {
    try (Program program = program(DType.F64);
        Optimizer optimizer = Optimizer.of(Sgd.PLAIN, program);
        TrainingStep step = new TrainingStep(program, optimizer)) {
      program.set(program.graph().data().get(0), Dense.normal(new Random(3), ROWS * 5));
      double[] before = program.theta().toArray();
      final double loss = program.value();
      step.run(0.5, 0.25);
      assertEquals(loss, program.loss());
      double[] gradient = program.gradient().toArray();
      double[] expected = new double[before.length];
      Arrays.setAll(expected, i -> before[i] - 0.5 * 0.25 * gradient[i]);
      assertArrayEquals(expected, program.theta().toArray(), 1e-15);
    }
  }

  @Test
  void aPointThatWasKeptIsLeft() {
    try (Program program = program(DType.F64);
        Optimizer optimizer = Optimizer.of(Sgd.PLAIN, program);
        TrainingStep step = new TrainingStep(program, optimizer)) {
      program.keep();
      step.run(0.1, 1);
      assertThrows(IllegalStateException.class, program::hessianPass);
      assertThrows(IllegalArgumentException.class, () -> step.run(Double.NaN, 1));
      assertEquals(1, optimizer.steps(), "a step that was refused is none");
    }
  }
}
