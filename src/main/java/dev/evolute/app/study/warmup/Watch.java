package dev.evolute.app.study.warmup;

import dev.evolute.app.report.Numbers;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.optim.Optimizer;
import dev.evolute.kernels.Adam;
import dev.evolute.kernels.Sgd;
import java.util.stream.IntStream;

/**
 * A training run whose smoothness is watched (Figures 1, 2, I.1 and I.2 of paper 000).
 *
 * @param learner the network
 * @param adam whether it takes Adam with a constant step of 1e-7, or gradient descent with 1e-4
 * @param factor what the paper's step is multiplied by: a small network gets as far in 200 steps of
 *     a hundred times the size as in 20,000 of the paper's
 * @param seed of the start and of the mini-batches
 * @param steps of training
 * @param probes points along them at which the ends of the Hessian's spectrum are looked at
 */
record Watch(Learner learner, boolean adam, double factor, long seed, int steps, int probes) {
  private static final double SGD_ETA = 1e-4;
  private static final double ADAM_ETA = 1e-7;

  /** The paper names no betas; those of its implementation. */
  private static final Adam ADAM = new Adam(0.9, 0.95, 1e-8, 0, false);

  double eta() {
    return factor * (adam ? ADAM_ETA : SGD_ETA);
  }

  Optimizer optimizer(Objective objective) {
    return adam ? Optimizer.of(ADAM, objective) : Optimizer.of(Sgd.PLAIN, objective);
  }

  String label() {
    String steps = factor == 1 ? "" : "-x" + Math.round(factor);
    return "smoothness-" + learner.label() + (adam ? "-adam" : "-sgd") + steps + "-s" + seed;
  }

  String title() {
    return learner.title() + (adam ? ", Adam " : ", SGD ") + Numbers.significant(eta(), 1);
  }

  /** How many of the first steps have the spectrum looked at. */
  int probesUpTo(int end) {
    return (int) IntStream.range(0, end).filter(this::probedAt).count();
  }

  /** Whether the spectrum is looked at before a step: evenly, the first step among them. */
  boolean probedAt(int step) {
    for (int p = 0; p < probes; p++) {
      if (step == (long) p * Math.max(1, steps - 1) / Math.max(1, probes - 1)) {
        return true;
      }
    }
    return false;
  }
}
