package dev.evolute.app.study;

import dev.evolute.app.study.gdvsflow.GdVsFlow;
import dev.evolute.app.study.rsc.Rsc;
import dev.evolute.app.study.twolayer.TwoLayerLinear;
import dev.evolute.app.study.warmup.Warmup;
import java.util.List;

/** The studies there are. */
public final class Studies {
  private static final List<Study> ALL =
      List.of(new GdVsFlow(), new Rsc(), new TwoLayerLinear(), new Warmup());

  private Studies() {}

  /** Every study, in the order in which they are listed to a user. */
  public static List<Study> all() {
    return ALL;
  }
}
