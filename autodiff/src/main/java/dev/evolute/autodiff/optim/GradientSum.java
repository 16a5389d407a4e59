package dev.evolute.autodiff.optim;

import dev.evolute.autodiff.graph.Objective;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;

/**
 * Gradient accumulation: a weighted sum of losses and gradients over passes, so that a batch need
 * not fit into memory at once. With means over parts, weigh each by its share of the samples.
 * Allocates nothing after it is made.
 */
public final class GradientSum implements AutoCloseable {
  private final Kernels kernels;
  private final Buffer gradient;
  private double loss;
  private boolean empty = true;

  /** An empty sum for an objective's parameters. */
  public GradientSum(Objective objective) {
    kernels = objective.kernels();
    gradient = objective.device().allocate(objective.dtype(), objective.size());
  }

  /** Forgets what was added. */
  public void clear() {
    empty = true;
  }

  /** Adds {@code weight} times the loss and the gradient of the objective's last gradient pass. */
  public void add(double weight, Objective objective) {
    kernels.axpby(weight, objective.gradient(), empty ? 0 : 1, gradient);
    loss = weight * objective.loss() + (empty ? 0 : loss);
    empty = false;
  }

  /** The weighted sum of the losses. */
  public double loss() {
    requireSome();
    return loss;
  }

  /** The weighted sum of the gradients, {@code [P]}. */
  public Buffer gradient() {
    requireSome();
    return gradient;
  }

  private void requireSome() {
    if (empty) {
      throw new IllegalStateException("gradient sum: nothing was added since it was cleared");
    }
  }

  /** Frees the sum. */
  @Override
  public void close() {
    gradient.close();
  }
}
