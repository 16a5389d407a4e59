package dev.evolute.bench;

import dev.evolute.bench.duel.Case;
import dev.evolute.bench.duel.Contender;
import dev.evolute.kernels.DType;
import java.util.Locale;

/** A problem that JMH and {@code evolute bench} measure by the same code. */
public abstract class DuelProblem extends Measured implements Contender {
  /**
   * Sets the parameters.
   *
   * @return whether this library has such a function
   */
  abstract boolean choose(String what);

  @Override
  public final boolean take(Case which) {
    dtype = DType.valueOf(which.dtype().toUpperCase(Locale.ROOT));
    threads = which.threads();
    if (!choose(which.what())) {
      return false;
    }
    setUp();
    return true;
  }

  @Override
  public final void release() throws Exception {
    tearDown();
  }
}
