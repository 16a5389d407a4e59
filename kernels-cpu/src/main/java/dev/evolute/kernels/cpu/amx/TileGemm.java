package dev.evolute.kernels.cpu.amx;

import dev.evolute.kernels.Epilogue;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Operand;
import dev.evolute.kernels.Precision;
import dev.evolute.kernels.cpu.FastProducts;
import dev.evolute.kernels.cpu.Workers;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Products of f32 matrices on tiles: what is to be computed, block by block of inner indices, and
 * its split over threads. The order of sums depends on the shape alone, so that results do not
 * depend on the number of threads.
 *
 * <p>With {@code x} finite and not above 0x1.fep127 (3.39e38, what BF16 holds), products are as
 * exact as {@link Precision#bound} says. An element that is not finite makes all of its row (of A)
 * or column (of B) of the product NaN or, in {@link Precision#BF16}, infinite. Elements below
 * 2^-126 count as 0, those below 2^-108 lose the bits of parts that do; sums below 2^-126 are 0.
 */
public final class TileGemm implements FastProducts, Workers.Task {
  private static final long BYTES = Float.BYTES;

  /** Below this many multiply-adds a second thread costs more than it brings. */
  private static final long PARALLEL = 8_000_000;

  /** Panels that a thread splits before it asks for more. */
  private static final int PANELS = 4;

  /** What threads are doing. */
  private enum Phase {
    SPLIT,
    MULTIPLY,
    WHOLE
  }

  /** A pair of operands whose product is added to C, as it stands after a flip. */
  private static final class Term {
    private Operand a;
    private Operand b;

    private void set(Operand a, Operand b, boolean flip) {
      this.a = flip ? b.t() : a;
      this.b = flip ? a.t() : b;
    }
  }

  private final Workers workers;
  private final Routines routines;
  private final boolean always;
  private final long parallel;
  private final TileProduct shared = new TileProduct();
  private final Term first = new Term();
  private final Term second = new Term();
  private boolean pair;
  private float alpha;
  private float beta;
  private Matrix c;
  private Epilogue epilogue;
  private long aStep;
  private long bStep;
  private long cStep;

  private Phase phase;
  private int count;
  private final AtomicInteger next = new AtomicInteger();

  /**
   * By these routines.
   *
   * @param always whether the unit and all threads are taken however small a product is
   */
  TileGemm(Workers workers, Routines routines, boolean always) {
    this.workers = workers;
    this.routines = routines;
    this.always = always;
    parallel = always ? 1 : PARALLEL;
  }

  /** Whether processors that have the unit have this precision. */
  public static boolean knows(Precision precision) {
    return Scheme.of(precision) != null;
  }

  /** What keeps this machine from it, in a clause, or null. */
  public static String trouble() {
    return Amx.trouble();
  }

  /**
   * On this processor's unit.
   *
   * @throws IllegalArgumentException if it has none, or may not use it
   */
  public static TileGemm open(Workers workers, Precision precision) {
    String trouble = Amx.trouble();
    if (trouble != null) {
      throw new IllegalArgumentException(
          "precision: "
              + precision
              + " needs the matrix unit AMX; "
              + trouble
              + "; F32 works here");
    }
    return new TileGemm(workers, Routines.here(Scheme.of(precision)), false);
  }

  @Override
  public boolean run(
      double alpha,
      Operand a,
      Operand b,
      Operand d,
      Operand e,
      double beta,
      Matrix c,
      Epilogue epilogue) {
    pair = d != null;
    if (!takes(alpha, a, c) || pair && !takes(alpha, d, c)) {
      return false;
    }
    boolean flip = c.transposed();
    first.set(a, b, flip);
    if (pair) {
      second.set(d, e, flip);
    }
    this.epilogue = epilogue;
    start(1, alpha, beta, flip ? c.t() : c);
    return true;
  }

  @Override
  public boolean batch(
      int count,
      double alpha,
      Matrix a,
      long aStep,
      Matrix b,
      long bStep,
      double beta,
      Matrix c,
      long cStep) {
    if (!takes(alpha, a, c)) {
      return false;
    }
    boolean flip = c.transposed();
    first.set(a, b, flip);
    pair = false;
    epilogue = null;
    this.aStep = (flip ? bStep : aStep) * BYTES;
    this.bStep = (flip ? aStep : bStep) * BYTES;
    this.cStep = cStep * BYTES;
    start(count, alpha, beta, flip ? c.t() : c);
    return true;
  }

  /** With alpha 0, A and B are not read; an empty product is none. */
  private boolean takes(double alpha, Operand a, Matrix c) {
    int m = c.rows();
    int n = c.cols();
    int k = a.cols();
    return alpha != 0
        && m > 0
        && n > 0
        && k > 0
        && (always || Choice.pays(routines.scheme, m, n, k));
  }

  /** Machine code is told addresses, which keep no memory alive; this does, until it is done. */
  private void start(int lots, double alpha, double beta, Matrix c) {
    try {
      compute(lots, alpha, beta, c);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private void compute(int lots, double alpha, double beta, Matrix c) {
    this.alpha = (float) alpha;
    this.beta = (float) beta;
    this.c = c;
    int depth = first.a.cols() + (pair ? second.a.cols() : 0);
    long work = (long) c.rows() * c.cols() * depth;
    int threads = work * lots < parallel ? 1 : workers.count();
    if (threads > 1 && lots >= threads) {
      share(Phase.WHOLE, lots);
      return;
    }
    boolean alone = threads == 1 || work < parallel;
    TileThread thread = TileThread.current();
    for (int lot = 0; lot < lots; lot++) {
      product(shared, lot, alone, thread);
    }
  }

  /** One product of a batch, term by term and block by block of inner indices. */
  private void product(TileProduct product, int lot, boolean alone, TileThread thread) {
    float rest = beta;
    for (int t = 0; t < (pair ? 2 : 1); t++) {
      Term term = t == 0 ? first : second;
      boolean lastTerm = t == (pair ? 1 : 0);
      int k = term.a.cols();
      int depth = routines.scheme.depth;
      for (int p = 0; p < k; p += depth) {
        boolean last = lastTerm && k - p <= depth;
        product.set(
            routines,
            term.a,
            lot * aStep,
            term.b,
            lot * bStep,
            p,
            alpha,
            rest,
            c,
            lot * cStep,
            last ? epilogue : null,
            thread);
        rest = 1;
        if (alone) {
          for (int panel = 0; panel < product.splits(); panel++) {
            product.split(panel, thread);
          }
          for (int block = 0; block < product.blocks(); block++) {
            product.multiply(block, thread);
          }
        } else {
          share(Phase.SPLIT, product.splits());
          share(Phase.MULTIPLY, product.blocks());
        }
      }
    }
  }

  private void share(Phase phase, int count) {
    if (count > 0) {
      this.phase = phase;
      this.count = count;
      next.set(0);
      workers.run(Math.min(workers.count(), count), this);
    }
  }

  @Override
  public void run(int part) {
    TileThread thread = TileThread.current();
    int grain = phase == Phase.SPLIT ? PANELS : 1;
    for (int from = next.getAndAdd(grain); from < count; from = next.getAndAdd(grain)) {
      for (int i = from; i < Math.min(count, from + grain); i++) {
        switch (phase) {
          case SPLIT -> shared.split(i, thread);
          case MULTIPLY -> shared.multiply(i, thread);
          case WHOLE -> product(thread.product, i, true, thread);
        }
      }
    }
  }
}
