package dev.evolute.autodiff.nn;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.Initialisation.Start;
import dev.evolute.autodiff.op.AddRow;
import dev.evolute.autodiff.op.Convolution;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.MaxPool;
import dev.evolute.autodiff.op.Reshape;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.ConvolutionShape;
import dev.evolute.kernels.PoolingShape;
import java.util.Iterator;
import java.util.List;

/**
 * The convolutional networks of paper 002, Figure 3, on images that are 32 x 32 when padded: 5 x 5
 * convolutions to 6 and 16 channels, each with ReLU and halved in both directions, then dense
 * layers 400-120-84-classes with ReLU between. The one of PyTorch's tutorial has biases and halves
 * by max pooling. The adapted one, which the paper's theory covers, has none and keeps the top-left
 * entry of each 2 x 2 window, which is a convolution of stride 2; for 1 channel and 10 classes it
 * has 61,470 parameters.
 *
 * <p>Images stand in rows, pixel by pixel with their channels together. Weights of convolutions are
 * {@code [kh kw c x f]}, of dense layers {@code [out x in]}.
 *
 * @param side pixels in either direction: 32, or 28 with a padding of 2
 * @param channels of the input
 * @param classes outputs
 * @param tutorial whether it has biases and max pooling
 */
public record LeNet(int side, int channels, int classes, boolean tutorial) implements Model {
  private static final int KERNEL = 5;
  private static final int PADDED = 32;
  private static final int FLAT = 400;
  private static final List<Integer> DENSE = List.of(FLAT, 120, 84);

  /**
   * Checks them.
   *
   * @throws IllegalArgumentException if the side is odd or above 32, or there is no channel or
   *     class
   */
  public LeNet {
    if (side < 1 || side > PADDED || side % 2 != 0 || channels < 1 || classes < 1) {
      throw new IllegalArgumentException(
          "LeNet: images of "
              + side
              + " x "
              + side
              + " with "
              + channels
              + " channels in "
              + classes
              + " classes; an even side up to 32 and at least one of each are needed");
    }
  }

  /** With biases and max pooling, on MNIST. */
  public static LeNet ofTutorial() {
    return new LeNet(28, 1, 10, true);
  }

  /** Without biases, subsampling, on MNIST. */
  public static LeNet adapted() {
    return new LeNet(28, 1, 10, false);
  }

  /** Inputs an image. */
  public int inputs() {
    return side * side * channels;
  }

  private Parts parts() {
    Parts parts = new Parts();
    int[] widths = {channels, 6, 16};
    for (int j = 1; j <= 2; j++) {
      int patch = KERNEL * KERNEL * widths[j - 1];
      Start start = Start.uniform(1 / Math.sqrt(patch));
      parts.add("W" + j, patch, widths[j], start);
      if (tutorial) {
        parts.add("b" + j, 1, widths[j], start);
      }
    }
    for (int j = 0; j < DENSE.size(); j++) {
      int in = DENSE.get(j);
      int out = j + 1 < DENSE.size() ? DENSE.get(j + 1) : classes;
      parts.add("W" + (j + 3), out, in, Start.uniform(Math.sqrt(6.0 / (in + out))));
      if (tutorial) {
        parts.add("b" + (j + 3), 1, out, Start.uniform(1 / Math.sqrt(in)));
      }
    }
    return parts;
  }

  @Override
  public List<Parameter> parameters() {
    return parts().parameters;
  }

  /**
   * Dense weights as Glorot and Bengio, everything else as libraries: so the paper's code has it.
   */
  @Override
  public Initialisation start() {
    return Initialisation.each(parts().starts);
  }

  @Override
  public Value record(Graph graph, Value x) {
    Iterator<Value> w = Layers.declare(this, graph).iterator();
    int n = x.shape().rows();
    Value a =
        halved(
            graph,
            x,
            w,
            ConvolutionShape.of(n, side, side, channels, 6, KERNEL)
                .withPadding((PADDED - side) / 2));
    a = halved(graph, a, w, ConvolutionShape.of(n, 14, 14, 6, 16, KERNEL));
    a = graph.apply(new Reshape(n), a);
    for (int j = 0; j < DENSE.size(); j++) {
      a = graph.apply(MatMul.LAYER, j == 0 ? a : relu(graph, a), w.next());
      a = tutorial ? graph.apply(new AddRow(), a, w.next()) : a;
    }
    return a;
  }

  /** Convolution, ReLU and every other pixel, or the largest of four. */
  private Value halved(Graph graph, Value x, Iterator<Value> w, ConvolutionShape s) {
    if (!tutorial) {
      return relu(graph, graph.apply(new Convolution(s.withStride(2), false), x, w.next()));
    }
    Value y = relu(graph, graph.apply(new Convolution(s, true), x, w.next(), w.next()));
    return graph.apply(
        new MaxPool(PoolingShape.of(s.batch(), s.outputHeight(), s.outputWidth(), s.filters(), 2)),
        y);
  }

  private static Value relu(Graph graph, Value x) {
    return Layers.activate(graph, Activation.RELU, x);
  }

  @Override
  public String toString() {
    return "LeNet "
        + side
        + "x"
        + side
        + "x"
        + channels
        + "-6-16-120-84-"
        + classes
        + (tutorial ? ", biases, max pooling" : ", no biases, subsampling");
  }
}
