package dev.evolute.app.train;

import dev.evolute.app.UsageException;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.optim.Optimizer;
import dev.evolute.kernels.Adam;
import dev.evolute.kernels.Sgd;
import java.util.List;

/**
 * An optimiser by name.
 *
 * @param name one of {@link #NAMES}
 * @param momentum of momentum and nesterov
 * @param beta1 of adam and adamw
 * @param beta2 of adam and adamw
 * @param decay weight decay, decoupled in adamw
 */
public record Rule(String name, double momentum, double beta1, double beta2, double decay) {
  /** Every name there is. */
  public static final List<String> NAMES = List.of("sgd", "momentum", "nesterov", "adam", "adamw");

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

  /** The optimiser of an objective's parameters. */
  Optimizer optimizer(Objective objective) {
    return switch (name) {
      case "sgd" -> Optimizer.of(Sgd.PLAIN.withDecay(decay), objective);
      case "momentum" -> Optimizer.of(Sgd.heavyBall(momentum).withDecay(decay), objective);
      case "nesterov" -> Optimizer.of(Sgd.nesterov(momentum).withDecay(decay), objective);
      default -> Optimizer.of(new Adam(beta1, beta2, 1e-8, decay, name.equals("adamw")), objective);
    };
  }

  @Override
  public String toString() {
    return switch (name) {
      case "sgd" -> "sgd, decay " + decay;
      case "momentum", "nesterov" -> name + " " + momentum + ", decay " + decay;
      default -> name + ", betas " + beta1 + " and " + beta2 + ", decay " + decay;
    };
  }
}
