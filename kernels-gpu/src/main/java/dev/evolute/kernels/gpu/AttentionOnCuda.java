package dev.evolute.kernels.gpu;

import dev.evolute.kernels.AttentionShape;
import dev.evolute.kernels.AttentionShape.Gradients;
import dev.evolute.kernels.AttentionShape.Values;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Shapes;

/** Attention: {@code attention.cu}. */
interface AttentionOnCuda extends OnCuda {
  Symbol ATTENTION = Symbol.of("attention", "attention");
  Symbol ATTENTION_JVP = Symbol.of("attention", "attentionJvp");
  Symbol ATTENTION_QUERIES = Symbol.of("attention", "attentionQueries");
  Symbol ATTENTION_KEYS = Symbol.of("attention", "attentionKeys");

  /** Bytes of shared memory that a block has everywhere without asking. */
  int SHARED = 48 * 1024;

  @Override
  default void attention(Values x) {
    check("attention", x);
    run(ATTENTION, x, null, null, null, x.o(), null, x.lse(), 0);
  }

  @Override
  default void attentionJvp(Values x, Values tangent) {
    check("attentionJvp", x);
    check("attentionJvp", tangent);
    Shapes.oneAttention("attentionJvp", x.shape(), tangent.shape());
    run(ATTENTION_JVP, x, tangent, null, null, tangent.o(), null, tangent.lse(), 0);
  }

  @Override
  default void attentionVjp(Values x, Gradients g, double beta) {
    check("attentionVjp", x);
    check("attentionVjp", g);
    Shapes.oneAttention("attentionVjp", x.shape(), g.shape());
    run(ATTENTION_QUERIES, x, null, g, null, g.q(), null, null, beta);
    run(ATTENTION_KEYS, x, null, g, null, g.k(), g.v(), null, beta);
  }

  @Override
  default void attentionVjpTangent(
      Values x, Gradients g, Values tangent, Gradients tangentOfG, double beta) {
    String name = "attentionVjpTangent";
    check(name, x);
    check(name, g);
    check(name, tangent);
    check(name, tangentOfG);
    Shapes.oneAttention(name, x.shape(), g.shape());
    Shapes.oneAttention(name, x.shape(), tangent.shape());
    Shapes.oneAttention(name, x.shape(), tangentOfG.shape());
    run(ATTENTION_QUERIES, x, tangent, g, tangentOfG, tangentOfG.q(), null, null, beta);
    run(ATTENTION_KEYS, x, tangent, g, tangentOfG, tangentOfG.k(), tangentOfG.v(), null, beta);
  }

  /** The struct Attention, number by number. */
  private void run(
      Symbol kernel,
      Values x,
      Values xDot,
      Gradients g,
      Gradients gDot,
      Matrix first,
      Matrix second,
      Buffer lse,
      double beta) {
    AttentionShape s = x.shape();
    Launcher call = launch(kernel);
    values(call, x);
    values(call, xDot);
    operand(call, g == null ? null : g.o());
    operand(call, gDot == null ? null : gDot.o());
    operand(call, first);
    operand(call, second);
    call.at(lse).f64(beta);
    call.n(s.batch()).n(s.heads()).n(s.keyHeads()).n(s.queries()).n(s.keys()).n(s.dim());
    call.n(s.causal() ? 1 : 0).f64(s.scale());
    boolean ofKeys = second != null;
    long tasks =
        (long) s.batch()
            * (ofKeys ? (long) s.keyHeads() * s.keys() : (long) s.heads() * s.queries());
    int bytes = (ofKeys ? 2 : 1) * s.dim() * Double.BYTES;
    if (bytes > SHARED) {
      throw new UnsupportedOperationException(
          kernel.name()
              + ": heads of "
              + s.dim()
              + " elements; the CUDA kernels take up to "
              + SHARED / 2 / Double.BYTES);
    }
    int warps = Math.clamp(SHARED / bytes, 1, Launcher.THREADS / LANES);
    call.onWarps(Math.ceilDiv(tasks, warps), warps, bytes * warps);
  }

  private static void values(Launcher call, Values x) {
    operand(call, x == null ? null : x.q());
    operand(call, x == null ? null : x.k());
    operand(call, x == null ? null : x.v());
    operand(call, x == null ? null : x.o());
    call.at(x == null ? null : x.lse());
  }

  private static void operand(Launcher call, Matrix x) {
    call.at(OnCuda.buffer(x)).n(x == null ? 0 : x.stride());
  }

  private void check(String kernel, Values x) {
    home(kernel, x.q().buffer(), x.k().buffer(), x.v().buffer(), x.o().buffer(), x.lse());
  }

  private void check(String kernel, Gradients g) {
    home(kernel, g.o().buffer(), g.q().buffer(), g.k().buffer(), g.v().buffer());
  }
}
