package dev.evolute.app.train;

import dev.evolute.app.UsageException;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.optim.LineSearch;
import dev.evolute.autodiff.optim.Optimizer;
import dev.evolute.kernels.Adam;
import dev.evolute.kernels.Sgd;
import java.util.List;

/**
 * An optimiser by name.
 *
 * @param name one of {@link #NAMES}; line-search is gradient descent with backtracking
 * @param momentum of momentum and nesterov
 * @param beta1 of adam and adamw
 * @param beta2 of adam and adamw
 * @param decay weight decay, decoupled in adamw
 */
public record Rule(String name, double momentum, double beta1, double beta2, double decay) {
  private static final String LINE_SEARCH = "line-search";

  /** Backtracking's factor of a step that was too long, and the share of the slope it asks for. */
  private static final double SHORTER = 0.5;

  private static final double DECREASE = 1e-4;

  /** Every name there is. */
  public static final List<String> NAMES =
      List.of("sgd", "momentum", "nesterov", "adam", "adamw", LINE_SEARCH);

  /** AdamW's decay where none is given, PyTorch's default. */
  private static final double ADAMW_DECAY = 0.01;

  public Rule {
    if (!NAMES.contains(name)) {
      throw new UsageException(
          "--optimizer: there is no '%s'; there is %s".formatted(name, String.join(", ", NAMES)));
    }
    if (Double.isNaN(decay)) {
      decay = name.equals("adamw") ? ADAMW_DECAY : 0;
    }
  }

  /** Whether each step is found by backtracking, and the schedule has no say. */
  public boolean isSearched() {
    return name.equals(LINE_SEARCH);
  }

  /**
   * Backtracking by halves from a first step (Armijo 1966), gradient descent on each mini-batch.
   *
   * @param start the step that is tried first
   */
  LineSearch search(double start, Objective objective) {
    return new LineSearch(start, SHORTER, DECREASE, objective);
  }

  /** The optimiser of an objective's parameters. */
  Optimizer optimizer(Objective objective) {
    return switch (name) {
      case "sgd", LINE_SEARCH -> Optimizer.of(Sgd.PLAIN.withDecay(decay), objective);
      case "momentum" -> Optimizer.of(Sgd.heavyBall(momentum).withDecay(decay), objective);
      case "nesterov" -> Optimizer.of(Sgd.nesterov(momentum).withDecay(decay), objective);
      default -> Optimizer.of(new Adam(beta1, beta2, 1e-8, decay, name.equals("adamw")), objective);
    };
  }

  @Override
  public String toString() {
    return switch (name) {
      case "sgd" -> "sgd, decay " + decay;
      case LINE_SEARCH -> name;
      case "momentum", "nesterov" -> name + " " + momentum + ", decay " + decay;
      default -> name + ", betas " + beta1 + " and " + beta2 + ", decay " + decay;
    };
  }
}
