package dev.evolute.bench;

import dev.evolute.bench.duel.Case;
import dev.evolute.bench.duel.Contender;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The physical limit of arithmetic: fused multiply-adds on registers alone, as many a second as the
 * processor starts. Twelve chains, since two ports with a latency of four or five cycles need eight
 * or ten, and since twelve and two constants fit into sixteen registers.
 */
public final class FmaPeak implements Contender {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final int CHAINS = 12;
  private static final int ITERATIONS = 500_000;

  private Together together;
  private double work;

  /** Read by nobody; keeps the loops alive. */
  private volatile double seen;

  @Override
  public String describe() {
    return "fused multiply-adds on registers, "
        + CHAINS
        + " chains of "
        + FLOATS.vectorBitSize()
        + " bits";
  }

  @Override
  public boolean take(Case which) {
    boolean f32 = which.dtype().equals("f32");
    int lanes = f32 ? FLOATS.length() : DOUBLES.length();
    work = 2e-9 * CHAINS * lanes * ITERATIONS * which.threads();
    together =
        new Together(
            which.threads(),
            f32 ? number -> seen = floats(ITERATIONS) : number -> seen = doubles(ITERATIONS));
    return true;
  }

  @Override
  public void call() {
    together.run();
  }

  @Override
  public double work() {
    return work;
  }

  @Override
  public void release() {
    together.close();
  }

  private static double floats(int iterations) {
    FloatVector x = FloatVector.broadcast(FLOATS, 0.999f);
    FloatVector y = FloatVector.broadcast(FLOATS, 1e-3f);
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
    for (int n = 0; n < iterations; n++) {
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
    return all.add(g).add(h).add(i).add(j).add(k).add(l).lane(0);
  }

  private static double doubles(int iterations) {
    DoubleVector x = DoubleVector.broadcast(DOUBLES, 0.999);
    DoubleVector y = DoubleVector.broadcast(DOUBLES, 1e-3);
    DoubleVector a = y;
    DoubleVector b = y;
    DoubleVector c = y;
    DoubleVector d = y;
    DoubleVector e = y;
    DoubleVector f = y;
    DoubleVector g = y;
    DoubleVector h = y;
    DoubleVector i = y;
    DoubleVector j = y;
    DoubleVector k = y;
    DoubleVector l = y;
    for (int n = 0; n < iterations; n++) {
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
    DoubleVector all = a.add(b).add(c).add(d).add(e).add(f);
    return all.add(g).add(h).add(i).add(j).add(k).add(l).lane(0);
  }
}
