package dev.evolute.autodiff.optim;

import dev.evolute.autodiff.graph.Program;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;

/**
 * Forward pass, reverse pass and an optimiser's update, one after the other: {@link
 * Program#gradientPass} and {@link Optimizer#step(double, double, Buffer, Buffer)} to the bit. On a
 * device that records what comes again, all three are one piece of work from the third step on, on
 * a GPU one CUDA graph; step size and factor may differ each time. What a step is to depend on (a
 * clipped norm, a loss) has to be known before it.
 */
public final class TrainingStep implements AutoCloseable {
  private final Optimizer optimizer;
  private final Buffer rates;
  private final Runnable pass;

  /**
   * Steps of one program.
   *
   * @param optimizer for the program's parameters; it stays the caller's to close
   */
  public TrainingStep(Program program, Optimizer optimizer) {
    this.optimizer = optimizer;
    rates = program.device().shared(DType.F64, optimizer.rates());
    pass =
        program.gradientPassAnd(() -> optimizer.update(rates, program.gradient(), program.theta()));
  }

  /**
   * One step. The program's loss is then that before it.
   *
   * @param eta step size, finite and not negative
   * @param factor of the gradient, else 1
   */
  public void run(double eta, double factor) {
    rates.set(optimizer.next(eta, factor));
    pass.run();
  }

  /** Frees what it keeps numbers in. */
  @Override
  public void close() {
    rates.close();
  }
}
