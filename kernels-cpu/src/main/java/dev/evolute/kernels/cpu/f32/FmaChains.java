package dev.evolute.kernels.cpu.f32;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Fused multiply-adds on registers: twelve chains, since two ports with a latency of four or five
 * cycles need eight or ten, and since twelve and two constants fit into sixteen registers.
 */
final class FmaChains {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int CHAINS = 12;

  /** Read by nobody; keeps the loop alive. */
  private static volatile float seen;

  private FmaChains() {}

  /** Floating-point operations of one thread. */
  static double flops(int rounds) {
    return 2.0 * CHAINS * S.length() * rounds;
  }

  /** Its values tend to 1, the fixed point of 0.999 x + 0.001: no denormal number slows them. */
  static void run(int rounds) {
    FloatVector x = FloatVector.broadcast(S, 0.999f);
    FloatVector y = FloatVector.broadcast(S, 1e-3f);
    FloatVector a = y;
    FloatVector b = y;
    FloatVector c = y;
    FloatVector d = y;
    FloatVector e = y;
    FloatVector f = y;
    FloatVector g = y;
    FloatVector h = y;
    FloatVector i = y;
    FloatVector j = y;
    FloatVector k = y;
    FloatVector l = y;
    for (int n = 0; n < rounds; n++) {
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
      k = k.fma(x, y);
      l = l.fma(x, y);
    }
    FloatVector all = a.add(b).add(c).add(d).add(e).add(f);
    seen = all.add(g).add(h).add(i).add(j).add(k).add(l).lane(0);
  }
}
