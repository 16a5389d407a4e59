package dev.evolute.autodiff.curvature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.Eigenvalues;
import dev.evolute.autodiff.Recording;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.Initialisation;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.LinearOperator;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Hessians of tanh networks at the start and after training, against a dense eigensolver. */
class NetworkSpectrumTest {
  private static final Device CPU = Device.open("cpu", 1);

  private static Program program(int in, int hidden, int classes, int samples) {
    FullyConnected model = FullyConnected.of(Activation.TANH, in, hidden, hidden, classes);
    Recording r = new Recording(21);
    Value z = model.record(r.graph, r.data(samples, in));
    r.graph.loss(SoftmaxCrossEntropy.mean(samples), z, r.labels(samples, classes));
    Program program = Program.compile(r.graph, CPU, DType.F64, Purpose.CURVATURE);
    r.done("").data().forEach(program::set);
    Initialisation.xavierUniform().fill(program, 4);
    return program;
  }

  private static void train(Program program, int steps, double eta) {
    Kernels kernels = CPU.kernels(DType.F64);
    for (int step = 0; step < steps; step++) {
      kernels.axpby(-eta, Point.of(program).gradient(), 1, program.theta());
    }
  }

  /** Everything that is stated about both ends, for several seeds and every stop. */
  private static void assertStatements(Program program, int mostCold) {
    LinearOperator hessian = Point.of(program).hessian();
    double[] truth = Eigenvalues.of(Dense.materialise(hessian));
    double min = truth[0];
    double max = truth[truth.length - 1];
    double norm = Math.max(max, -min);
    double rounding = 1e-12 * norm;
    int beyond = 0;
    for (int seed = 1; seed <= 10; seed++) {
      for (Lanczos.Stop stop : Lanczos.Stop.values()) {
        Lanczos.Options o = Lanczos.Options.defaults().withSeed(seed).withStop(stop);
        try (Extremes e = Lanczos.extremes(hessian, o)) {
          assertTrue(e.converged(), stop + ": " + e);
          for (var pair : List.of(e.min(), e.max())) {
            double nearest = Double.POSITIVE_INFINITY;
            for (double lambda : truth) {
              nearest = Math.min(nearest, Math.abs(lambda - pair.value()));
            }
            assertTrue(nearest <= pair.residual() + pair.noise() + rounding, pair.toString());
          }
          assertTrue(e.max().atLeast() <= max + rounding && e.min().atMost() >= min - rounding);
          beyond += e.max().extreme().at(0.01) < max - rounding ? 1 : 0;
          beyond += e.min().extreme().at(0.01) > min + rounding ? 1 : 0;
          if (stop == Lanczos.Stop.BOUND) {
            assertEquals(max, e.max().value(), 1e-3 * norm);
            assertEquals(min, e.min().value(), 1e-3 * norm);
          }
        }
      }
      Lanczos.Options top =
          Lanczos.Options.defaults()
              .withEnd(Lanczos.End.MAX)
              .withSeed(seed)
              .withFailure(0.01)
              .withMeasured(false);
      try (Extremes cold = Lanczos.extremes(hessian, top);
          Extremes warm =
              Lanczos.extremes(
                  hessian,
                  top.withSeed(seed + 100)
                      // At the start no value stands out: the residual takes a product more.
                      .withStop(Lanczos.Stop.ESTIMATE)
                      .withStart(cold.max().vector(), 0.02))) {
        assertEquals(max, cold.max().value(), 1e-3 * max);
        assertTrue(cold.products() <= mostCold, "cold " + cold);
        assertEquals(max, warm.max().value(), 1e-3 * max);
        assertTrue(warm.products() <= 3, "warm " + warm);
      }
    }
    assertTrue(beyond <= 3, beyond + " of 60 beyond a bound of risk 0.01");
  }

  @Test
  void statementsHoldAtTheStartAndAfterTraining() {
    // 8-12-12-5: 300 parameters.
    try (Program program = program(8, 12, 5, 60)) {
      assertStatements(program, 25);
      train(program, 300, 0.2);
      assertStatements(program, 25);
    }
  }

  @Test
  @Tag("slow")
  void statementsHoldFor3504Parameters() {
    // 20-48-48-5: 960 + 2304 + 240.
    try (Program program = program(20, 48, 5, 200)) {
      assertEquals(3504, program.theta().length());
      assertStatements(program, 25);
      train(program, 1000, 0.2);
      assertStatements(program, 25);
    }
  }
}
