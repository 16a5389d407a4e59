package dev.evolute.autodiff.nn;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.Initialisation.Start;
import dev.evolute.autodiff.op.Add;
import dev.evolute.autodiff.op.AddRow;
import dev.evolute.autodiff.op.AveragePool;
import dev.evolute.autodiff.op.BatchNorm;
import dev.evolute.autodiff.op.Convolution;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.ConvolutionShape;
import dev.evolute.kernels.PoolingShape;
import java.util.Iterator;
import java.util.List;

/**
 * A residual network of bottleneck blocks with batch norm (He et al. 2016) in the form for small
 * images (paper 000, ImageNet32): a 3 x 3 convolution of stride 1 in front, no pooling after it.
 * Stage s of blocks has convolutions 1 x 1, 3 x 3 and 1 x 1 of {@code width 2^s} channels, four
 * times as many at its end; from the second stage on its first 3 x 3 convolution has stride 2.
 * Global average pooling and a dense layer end it.
 *
 * <p>Images stand in rows, pixel by pixel with their channels together; weights of convolutions are
 * {@code [kh kw c x f]}. Convolutions start normal of deviation {@code sqrt(2 / (kh kw f))} (He et
 * al. 2015, fan out), batch norms as the identity, the dense layer as libraries have it; the paper
 * names no other start.
 *
 * @param side pixels in either direction
 * @param channels of the input
 * @param blocks blocks in each stage
 * @param width channels of the first stage's bottleneck
 * @param classes outputs
 * @param training whether batch norms use the statistics of the batch
 */
public record ResNet(
    int side, int channels, List<Integer> blocks, int width, int classes, boolean training)
    implements Model {
  private static final int EXPANSION = 4;

  /**
   * Checks them.
   *
   * @throws IllegalArgumentException if a size is below 1 or there is no block
   */
  public ResNet {
    blocks = List.copyOf(blocks);
    boolean positive =
        Math.min(Math.min(side, channels), Math.min(width, classes)) > 0
            && !blocks.isEmpty()
            && blocks.stream().allMatch(b -> b > 0);
    Layers.require(
        positive,
        "ResNet",
        "all must be at least 1",
        "side",
        side,
        "channels",
        channels,
        "blocks",
        blocks,
        "width",
        width,
        "classes",
        classes);
  }

  /** ResNet-50 for images of 32 x 32 pixels in three colours. */
  public static ResNet resNet50(int classes) {
    return new ResNet(32, 3, List.of(3, 4, 6, 3), 64, classes, true);
  }

  @Override
  public ResNet evaluation() {
    return new ResNet(side, channels, blocks, width, classes, false);
  }

  private Parts parts() {
    Parts parts = new Parts();
    convolution(parts, "stem", 3, channels, width);
    int in = width;
    for (int s = 0; s < blocks.size(); s++) {
      int narrow = width << s;
      for (int b = 0; b < blocks.get(s); b++) {
        String name = "stage" + (s + 1) + "." + (b + 1) + ".";
        int out = EXPANSION * narrow;
        convolution(parts, name + "reduce", 1, in, narrow);
        convolution(parts, name + "spatial", 3, narrow, narrow);
        convolution(parts, name + "expand", 1, narrow, out);
        if (projects(s, b, in)) {
          convolution(parts, name + "shortcut", 1, in, out);
        }
        in = out;
      }
    }
    Start start = Start.uniform(1 / Math.sqrt(in));
    parts.add("head", classes, in, start);
    parts.add("head.bias", 1, classes, start);
    return parts;
  }

  private static void convolution(Parts parts, String name, int kernel, int in, int out) {
    int area = kernel * kernel;
    parts.add(name, area * in, out, Start.normal(Math.sqrt(2.0 / (area * out))));
    parts.row(name + ".scale", out, 1);
    parts.row(name + ".bias", out, 0);
  }

  private static int stride(int stage, int block) {
    return stage > 0 && block == 0 ? 2 : 1;
  }

  /** Whether what goes around a block has to change its shape. */
  private boolean projects(int stage, int block, int in) {
    return stride(stage, block) > 1 || in != EXPANSION * (width << stage);
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
  public Value record(Graph graph, Value x) {
    Iterator<Value> w = Layers.declare(this, graph).iterator();
    int n = x.shape().rows();
    int at = side;
    int in = width;
    Value a = relu(graph, convolve(graph, x, w, shape(n, at, channels, in, 3, 1)));
    for (int s = 0; s < blocks.size(); s++) {
      int narrow = width << s;
      int out = EXPANSION * narrow;
      for (int b = 0; b < blocks.get(s); b++) {
        int stride = stride(s, b);
        ConvolutionShape spatial = shape(n, at, narrow, narrow, 3, stride);
        int to = spatial.outputHeight();
        Value y = convolve(graph, a, w, shape(n, at, in, narrow, 1, 1));
        y = convolve(graph, relu(graph, y), w, spatial);
        y = convolve(graph, relu(graph, y), w, shape(n, to, narrow, out, 1, 1));
        if (projects(s, b, in)) {
          a = convolve(graph, a, w, shape(n, at, in, out, 1, stride));
        }
        a = relu(graph, graph.apply(new Add(), a, y));
        in = out;
        at = to;
      }
    }
    a = graph.apply(new AveragePool(PoolingShape.global(n, at, at, in)), a);
    a = graph.apply(MatMul.LAYER, a, w.next());
    return graph.apply(new AddRow(), a, w.next());
  }

  /** Padded to keep the size where the stride is 1. */
  private static ConvolutionShape shape(int n, int side, int in, int out, int kernel, int stride) {
    return new ConvolutionShape(n, side, side, in, out, kernel, kernel, stride, kernel / 2, 1);
  }

  /** Convolution and batch norm. */
  private Value convolve(Graph graph, Value x, Iterator<Value> w, ConvolutionShape s) {
    Value y = graph.apply(new Convolution(s, false), x, w.next());
    return graph.apply(new BatchNorm(training), y, w.next(), w.next());
  }

  private static Value relu(Graph graph, Value x) {
    return Layers.activate(graph, Activation.RELU, x);
  }

  @Override
  public String toString() {
    return "residual network "
        + side
        + "x"
        + side
        + "x"
        + channels
        + ", bottleneck blocks "
        + blocks
        + " of width "
        + width
        + ", "
        + classes
        + " classes"
        + (training ? "" : ", evaluation");
  }
}
