package dev.evolute.app.study.gdvsflow;

import dev.evolute.app.study.Job;
import dev.evolute.app.study.Progress;
import dev.evolute.app.study.SavedRuns;
import dev.evolute.kernels.Device;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A piece of the study that is computed whole or not at all: where an interrupted run has finished
 * it, the next one takes up its numbers.
 *
 * @param label names its saved state: letters, digits and hyphens
 * @param cost about how many million multiplications it takes as long as
 * @param work computes it; may leave it unfinished if the user interrupts
 * @param state all that was computed
 * @param restore takes over a state in place of the work
 */
record Piece(
    String label,
    long cost,
    Consumer<Device> work,
    Supplier<double[][]> state,
    Consumer<double[][]> restore) {

  /** Takes up what an earlier run has finished; returns whether there is such a state. */
  boolean takeUp(SavedRuns saved) {
    double[][] found = saved.restore(label);
    if (found != null) {
      restore.accept(found);
    }
    return found != null;
  }

  /** The work, saved once it is finished. */
  Job job(SavedRuns saved, Progress progress) {
    return new Job(
        cost,
        device -> {
          if (progress.interrupted()) {
            return;
          }
          try {
            work.accept(device);
          } catch (GradientFlow.Stopped e) {
            // What there is will do: the report says that it is partial.
            return;
          }
          if (!progress.interrupted()) {
            saved.save(label, state.get());
            progress.add(cost);
          }
        });
  }
}
