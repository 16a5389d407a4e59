package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.AttentionShape;
import dev.evolute.kernels.AttentionShape.Gradients;
import dev.evolute.kernels.AttentionShape.Values;
import dev.evolute.kernels.Shapes;
import dev.evolute.kernels.cpu.Call;

/**
 * Scaled dot-product attention with its derivatives: checks, and the split over threads. What
 * writes rows of queries is split by blocks of queries; what also sums over queries, by key heads.
 */
interface AttentionOnCpu extends OnCpu {
  Call.Part ATTENTION = (c, from, to) -> Attention.forward((Values) c.shape, from, to);
  Call.Part ATTENTION_JVP =
      (c, from, to) -> Attention.jvp((Values) c.shape, (Values) c.others[0], from, to);
  Call.Part ATTENTION_VJP =
      (c, from, to) ->
          Attention.vjp((Values) c.shape, (Gradients) c.others[0], (float) c.beta, from, to);
  Call.Part ATTENTION_VJP_TANGENT =
      (c, from, to) ->
          Attention.vjpTangent(
              (Values) c.shape,
              (Gradients) c.others[0],
              (Values) c.others[1],
              (Gradients) c.others[2],
              (float) c.beta,
              from,
              to);

  @Override
  default void attention(Values x) {
    check("attention", x);
    call().shape = x;
    byQueries(x.shape(), ATTENTION);
  }

  @Override
  default void attentionJvp(Values x, Values tangent) {
    check("attentionJvp", x);
    check("attentionJvp", tangent);
    Shapes.oneAttention("attentionJvp", x.shape(), tangent.shape());
    Call call = call();
    call.shape = x;
    call.others[0] = tangent;
    byQueries(x.shape(), ATTENTION_JVP);
  }

  @Override
  default void attentionVjp(Values x, Gradients g, double beta) {
    check("attentionVjp", x);
    check("attentionVjp", g);
    Shapes.oneAttention("attentionVjp", x.shape(), g.shape());
    Call call = call();
    call.shape = x;
    call.others[0] = g;
    call.beta = beta;
    byKeyHeads(x.shape(), ATTENTION_VJP);
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
    Call call = call();
    call.shape = x;
    call.others[0] = g;
    call.others[1] = tangent;
    call.others[2] = tangentOfG;
    call.beta = beta;
    byKeyHeads(x.shape(), ATTENTION_VJP_TANGENT);
  }

  private void byQueries(AttentionShape s, Call.Part part) {
    long blocks = (long) s.batch() * s.heads() * Attention.blocks(s.queries());
    call().split(blocks, 8L * s.keys() * s.dim(), part);
  }

  private void byKeyHeads(AttentionShape s, Call.Part part) {
    call().split((long) s.batch() * s.keyHeads(), (long) s.queries() * s.keys() * s.dim(), part);
  }

  private void check(String kernel, Values x) {
    Shapes.home(kernel, this, x.q().buffer());
    Shapes.home(kernel, this, x.k().buffer());
    Shapes.home(kernel, this, x.v().buffer());
    Shapes.home(kernel, this, x.o().buffer());
    Shapes.home(kernel, this, x.lse());
  }

  private void check(String kernel, Gradients g) {
    Shapes.home(kernel, this, g.o().buffer());
    Shapes.home(kernel, this, g.q().buffer());
    Shapes.home(kernel, this, g.k().buffer());
    Shapes.home(kernel, this, g.v().buffer());
  }
}
