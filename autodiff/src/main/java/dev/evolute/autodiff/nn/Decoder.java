package dev.evolute.autodiff.nn;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.Initialisation.Start;
import dev.evolute.autodiff.op.Add;
import dev.evolute.autodiff.op.Attention;
import dev.evolute.autodiff.op.Embedding;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.RotaryEmbedding;
import dev.evolute.autodiff.op.RowNorm;
import dev.evolute.autodiff.op.SwiGlu;
import java.util.Iterator;
import java.util.List;

/**
 * A decoder transformer (paper 000, Table I.1): token embedding, pre-norm blocks {@code x +=
 * attention(norm(x)); x += mlp(norm(x))} with RMSNorm, causal attention with rotary positions and
 * SwiGLU, a final RMSNorm and a head, without biases. It takes ids {@code [n x t]} with t up to
 * {@code length} and gives logits {@code [n t x vocabulary]}, a row for each token, to be held
 * against the next tokens by {@code SoftmaxCrossEntropy.mean(n t).ofLabels()}.
 *
 * <p>Theta holds the embedding {@code [vocabulary x width]}; for each layer the gain of its first
 * norm, queries, keys and values {@code [3 width x width]}, the output projection, the gain of its
 * second norm, gate and value {@code [2 hidden x width]} and the way back {@code [width x hidden]};
 * the last gain, and the head {@code [vocabulary x width]} unless it is tied to the embedding. As
 * in the paper, all weights start normal of deviation 0.02, those of attention and MLP of {@code
 * 0.02 / sqrt(layers)}.
 *
 * @param vocabulary tokens
 * @param layers blocks
 * @param heads attention heads, of an even width each
 * @param width of the residual stream
 * @param hidden width between the two matrices of an MLP
 * @param length the longest sequence
 * @param tied whether the head is the embedding
 */
public record Decoder(
    int vocabulary, int layers, int heads, int width, int hidden, int length, boolean tied)
    implements Model {
  /** Tokens of GPT-2's byte-pair encoding, which the paper's initial loss of 10.8 agrees with. */
  private static final int GPT2 = 50_257;

  /**
   * Table I.1, 70M: 6 layers, 8 heads, width 512, sequences of 1024. The table leaves open the
   * width of the MLP and the head: with {@code 8/3 width}, as is usual for SwiGLU, rounded up to
   * whole vectors, and a free head, parameters are as many as the names of all three models say.
   */
  public static final Decoder PAPER_70M = new Decoder(GPT2, 6, 8, 512, 1376, 1024, false);

  /**
   * Table I.1, 160M: 12 layers, 12 heads, sequences of 2048. The table prints width 1024, which 12
   * heads do not divide and which would make 250M; 768 makes 162M.
   */
  public static final Decoder PAPER_160M = new Decoder(GPT2, 12, 12, 768, 2048, 2048, false);

  /**
   * Table I.1, 410M, with sequences of 2048. The table repeats the sizes of 70M in this row; 24
   * layers, 16 heads and width 1024, what models of this name have, make 405M.
   */
  public static final Decoder PAPER_410M = new Decoder(GPT2, 24, 16, 1024, 2736, 2048, false);

  private static final double EPS = 1e-6;
  private static final double DEVIATION = 0.02;

  /**
   * Checks them.
   *
   * @throws IllegalArgumentException if a size is below 1 or the width no multiple of twice the
   *     heads
   */
  public Decoder {
    boolean positive =
        Math.min(Math.min(vocabulary, layers), Math.min(heads, width)) > 0
            && Math.min(hidden, length) > 0;
    Layers.require(
        positive && width % (2 * heads) == 0,
        "decoder",
        "all must be at least 1, and the width a multiple of twice the heads",
        "vocabulary",
        vocabulary,
        "layers",
        layers,
        "heads",
        heads,
        "width",
        width,
        "hidden",
        hidden,
        "length",
        length);
  }

  private Parts parts() {
    Parts parts = new Parts();
    Start table = Start.normal(DEVIATION);
    Start inner = Start.normal(DEVIATION / Math.sqrt(layers));
    parts.add("embedding", vocabulary, width, table);
    for (int l = 1; l <= layers; l++) {
      String name = "layer" + l + ".";
      parts.row(name + "attention.gain", width, 1);
      parts.add(name + "attention.qkv", 3 * width, width, inner);
      parts.add(name + "attention.out", width, width, inner);
      parts.row(name + "mlp.gain", width, 1);
      parts.add(name + "mlp.in", 2 * hidden, width, inner);
      parts.add(name + "mlp.out", width, hidden, inner);
    }
    parts.row("gain", width, 1);
    if (!tied) {
      parts.add("head", vocabulary, width, table);
    }
    return parts;
  }

  @Override
  public List<Parameter> parameters() {
    return parts().parameters;
  }

  @Override
  public Initialisation start() {
    return Initialisation.each(parts().starts);
  }

  @Override
  public Value record(Graph graph, Value ids) {
    int t = ids.shape().cols();
    if (t > length) {
      throw new IllegalArgumentException(
          "decoder: sequences of "
              + t
              + " tokens in "
              + ids
              + ", the model takes up to "
              + length
              + "; cut them, or make a model for longer ones");
    }
    Iterator<Value> w = Layers.declare(this, graph).iterator();
    Value table = w.next();
    Value x = graph.apply(new Embedding(), table, ids);
    for (int l = 0; l < layers; l++) {
      Value a = graph.apply(RowNorm.rms(EPS), x, w.next());
      a = graph.apply(MatMul.LAYER, a, w.next());
      a = graph.apply(new RotaryEmbedding(t, 2 * heads, width / heads), a);
      a = graph.apply(Attention.causal(heads, t), a);
      x = graph.apply(new Add(), x, graph.apply(MatMul.LAYER, a, w.next()));
      a = graph.apply(RowNorm.rms(EPS), x, w.next());
      a = graph.apply(new SwiGlu(), graph.apply(MatMul.LAYER, a, w.next()));
      x = graph.apply(new Add(), x, graph.apply(MatMul.LAYER, a, w.next()));
    }
    x = graph.apply(RowNorm.rms(EPS), x, w.next());
    return graph.apply(MatMul.LAYER, x, tied ? table : w.next());
  }

  @Override
  public String toString() {
    return "decoder of "
        + layers
        + " layers, "
        + heads
        + " heads, width "
        + width
        + ", SwiGLU "
        + hidden
        + ", sequences up to "
        + length
        + ", vocabulary "
        + vocabulary
        + (tied ? ", tied head" : "");
  }
}
