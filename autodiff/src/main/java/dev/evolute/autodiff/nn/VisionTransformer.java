package dev.evolute.autodiff.nn;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.Initialisation.Start;
import dev.evolute.autodiff.op.Activate;
import dev.evolute.autodiff.op.Add;
import dev.evolute.autodiff.op.AddPositions;
import dev.evolute.autodiff.op.AddRow;
import dev.evolute.autodiff.op.Attention;
import dev.evolute.autodiff.op.ClassToken;
import dev.evolute.autodiff.op.Convolution;
import dev.evolute.autodiff.op.DropPath;
import dev.evolute.autodiff.op.FirstRows;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.RowNorm;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.ConvolutionShape;
import java.util.Iterator;
import java.util.List;

/**
 * A vision transformer (Dosovitskiy et al. 2021; paper 000, Table I.2): patches embedded by a
 * matrix, a class token in front, learned positions, pre-norm blocks with LayerNorm, attention over
 * all tokens and a GELU MLP, and a head on the class token. In training each branch of a block
 * passes a {@link DropPath} whose rate rises evenly from 0 in the first layer to {@code dropPath}
 * in the last; its mask is data named {@code layer3.mlp.mask}, which {@link #draw} sets.
 *
 * <p>Images stand in rows, pixel by pixel with their channels together. All weights, class token
 * and positions start normal of deviation 0.02, biases at 0, norms at (1, 0), as in the paper.
 *
 * @param side pixels in either direction, a multiple of {@code patch}
 * @param channels of the input
 * @param patch pixels of a patch in either direction
 * @param width of the residual stream
 * @param layers blocks
 * @param heads attention heads, a divisor of {@code width}
 * @param ratio width of the MLP over {@code width}
 * @param classes outputs
 * @param dropPath rate of the last layer, from 0 to below 1; in evaluation 0
 */
public record VisionTransformer(
    int side,
    int channels,
    int patch,
    int width,
    int layers,
    int heads,
    int ratio,
    int classes,
    double dropPath)
    implements Model {
  private static final double EPS = 1e-6;
  private static final Start NORMAL = Start.normal(0.02);
  private static final String MASK = ".mask";

  /**
   * Checks them.
   *
   * @throws IllegalArgumentException if a size is below 1, patches do not fill the side, heads not
   *     the width, or the rate is not in [0, 1)
   */
  public VisionTransformer {
    boolean positive =
        Math.min(Math.min(Math.min(side, channels), Math.min(patch, width)), layers) > 0
            && Math.min(Math.min(heads, ratio), classes) > 0;
    boolean whole = positive && side % patch == 0 && width % heads == 0;
    Layers.require(
        whole && dropPath >= 0 && dropPath < 1,
        "vision transformer",
        "sizes must be at least 1, patches fill the side, heads the width, and the rate is from 0 to"
            + " below 1",
        "side",
        side,
        "channels",
        channels,
        "patch",
        patch,
        "width",
        width,
        "layers",
        layers,
        "heads",
        heads,
        "ratio",
        ratio,
        "classes",
        classes,
        "drop path",
        dropPath);
  }

  /**
   * ViT-Tiny of Table I.2 on images of 32 x 32 pixels in three colours: patches of 4, width 192, 12
   * layers, 3 heads (the table prints 8 as well, which do not make ViT-Tiny), MLP ratio 3, drop
   * path up to 0.1.
   */
  public static VisionTransformer tiny(int classes) {
    return new VisionTransformer(32, 3, 4, 192, 12, 3, 3, classes, 0.1);
  }

  @Override
  public VisionTransformer evaluation() {
    return new VisionTransformer(side, channels, patch, width, layers, heads, ratio, classes, 0);
  }

  /** Patches an image. */
  public int patches() {
    return (side / patch) * (side / patch);
  }

  private Parts parts() {
    Parts parts = new Parts();
    parts.add("patches", patch * patch * channels, width, NORMAL);
    parts.row("patches.bias", width, 0);
    parts.add("token", 1, width, NORMAL);
    parts.add("positions", patches() + 1, width, NORMAL);
    for (int l = 1; l <= layers; l++) {
      String name = "layer" + l + ".";
      norm(parts, name + "attention.");
      dense(parts, name + "attention.qkv", 3 * width, width);
      dense(parts, name + "attention.out", width, width);
      norm(parts, name + "mlp.");
      dense(parts, name + "mlp.in", ratio * width, width);
      dense(parts, name + "mlp.out", width, ratio * width);
    }
    norm(parts, "");
    dense(parts, "head", classes, width);
    return parts;
  }

  private void norm(Parts parts, String name) {
    parts.row(name + "gain", width, 1);
    parts.row(name + "shift", width, 0);
  }

  private static void dense(Parts parts, String name, int out, int in) {
    parts.add(name, out, in, NORMAL);
    parts.row(name + ".bias", out, 0);
  }

  @Override
  public List<Parameter> parameters() {
    return parts().parameters;
  }

  @Override
  public Initialisation start() {
    return Initialisation.each(parts().starts);
  }

  /** Drop path rate of layer l, from 0 on. */
  private double rate(int l) {
    return layers == 1 ? dropPath : dropPath * l / (layers - 1);
  }

  @Override
  public Value record(Graph graph, Value x) {
    Iterator<Value> w = Layers.declare(this, graph).iterator();
    int n = x.shape().rows();
    ConvolutionShape shape =
        ConvolutionShape.of(n, side, side, channels, width, patch).withStride(patch);
    Value a = graph.apply(new Convolution(shape, true), x, w.next(), w.next());
    a = graph.apply(new ClassToken(patches()), a, w.next());
    a = graph.apply(new AddPositions(), a, w.next());
    int t = patches() + 1;
    for (int l = 0; l < layers; l++) {
      String name = "layer" + (l + 1);
      Value y = dense(graph, norm(graph, a, w), w);
      y = dense(graph, graph.apply(Attention.full(heads, t), y), w);
      a = graph.apply(new Add(), a, dropped(graph, y, n, rate(l), name + ".attention"));
      y = graph.apply(new Activate(Activation.GELU), dense(graph, norm(graph, a, w), w));
      y = dense(graph, y, w);
      a = graph.apply(new Add(), a, dropped(graph, y, n, rate(l), name + ".mlp"));
    }
    return dense(graph, graph.apply(new FirstRows(t), norm(graph, a, w)), w);
  }

  private static Value norm(Graph graph, Value x, Iterator<Value> w) {
    return graph.apply(RowNorm.layer(EPS), x, w.next(), w.next());
  }

  private static Value dense(Graph graph, Value x, Iterator<Value> w) {
    return graph.apply(new AddRow(), graph.apply(MatMul.LAYER, x, w.next()), w.next());
  }

  private static Value dropped(Graph graph, Value x, int n, double rate, String name) {
    return rate == 0 ? x : graph.apply(new DropPath(), x, graph.data(name + MASK, n, 1));
  }

  /** One mask a branch: of step s, stream {@code 2 layers s + branch}. */
  @Override
  public void draw(Program program, long seed, long step) {
    for (Value data : program.graph().data()) {
      if (data.name().startsWith("layer") && data.name().endsWith(MASK)) {
        String[] name = data.name().split("\\.");
        int l = Integer.parseInt(name[0].substring("layer".length())) - 1;
        long stream = 2 * (layers * step + l) + (name[1].equals("mlp") ? 1 : 0);
        int n = data.shape().rows();
        program.set(data, DropPath.mask(n, rate(l), seed, stream));
      }
    }
  }

  @Override
  public String toString() {
    return "vision transformer "
        + side
        + "x"
        + side
        + "x"
        + channels
        + ", patches of "
        + patch
        + ", width "
        + width
        + ", "
        + layers
        + " layers, "
        + heads
        + " heads, MLP ratio "
        + ratio
        + ", "
        + classes
        + " classes"
        + (dropPath > 0 ? ", drop path " + dropPath : "");
  }
}
