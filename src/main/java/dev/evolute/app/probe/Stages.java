package dev.evolute.app.probe;

import dev.evolute.app.study.Progress;
import dev.evolute.app.study.SavedRuns;
import dev.evolute.spectral.LinearOperator;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a probe computes one after the other. A stage that is done is saved and not computed again
 * when the command is run again; one that was interrupted goes on from its products.
 */
final class Stages {
  private final SavedRuns saved;
  private final Progress progress;
  private final SavedProducts products;
  private boolean goingOn;

  /**
   * @param saved what an interrupted probe has left, or null where nothing is kept
   */
  Stages(SavedRuns saved, Progress progress) {
    this.saved = saved;
    this.progress = progress;
    products = new SavedProducts(progress::say);
  }

  /** An operator of the stages, whose products are counted, kept, and ended by the user. */
  Watched watch(LinearOperator operator) {
    return new Watched(operator, progress, products);
  }

  /**
   * One stage.
   *
   * @param name letters, digits and hyphens
   * @param usual products it takes, about
   * @param compute finds what it is for, by operators that are {@linkplain #watch watched}
   * @param flat what is saved of that
   * @param whole makes that of what was saved, without loss
   */
  <T> T take(
      String name,
      int usual,
      Supplier<T> compute,
      Function<T, double[][]> flat,
      Function<double[][], T> whole) {
    if (saved == null) {
      return compute.get();
    }
    double[][] before = saved.restore(name);
    if (before != null) {
      sayGoingOn();
      progress.skip(usual);
      return whole.apply(before);
    }
    try (products) {
      if (products.begin(saved.folder().resolve(name + ".products"), saved.settings())) {
        sayGoingOn();
      }
      T found = compute.get();
      saved.save(name, flat.apply(found));
      products.done();
      return found;
    }
  }

  private void sayGoingOn() {
    if (!goingOn) {
      goingOn = true;
      saved.sayGoingOn();
    }
  }
}
