package dev.evolute.bench;

import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The network of {@link NetworkProblem} in PyTorch's C++ library, with the same data and theta. */
final class TorchNetwork implements AutoCloseable {
  private static final int SUM = 2;

  private final Network network;
  private final ScalarType type;
  private final PointerScope memory = new PointerScope();
  private final Tensor x;
  private final Tensor y;
  private final TensorVector weights;
  private final Scalar scale;

  /**
   * @param problem with its data in place
   */
  TorchNetwork(NetworkProblem problem) {
    network = problem.network;
    type = problem.dtype == DType.F32 ? ScalarType.Float : ScalarType.Double;
    scale = new Scalar(1.0 / network.n());
    x = tensor(problem.samples, 0, network.n(), network.inputs());
    Tensor targets = tensor(problem.targets, 0, network.n(), network.outputs());
    y = network.classifies() ? targets.argmax(new LongOptional(1), false) : targets;
    weights = layers(problem.theta());
    for (long j = 0; j < weights.size(); j++) {
      weights.get(j).requires_grad_(true);
    }
  }

  /** The slices of a flat vector in the layout of theta. */
  TensorVector layers(double[] flat) {
    TensorVector layers = new TensorVector();
    int from = 0;
    for (int j = 1; j < network.widths().length; j++) {
      int rows = network.widths()[j];
      int cols = network.widths()[j - 1];
      layers.push_back(tensor(flat, from, rows, cols));
      from += rows * cols;
    }
    return layers;
  }

  private Tensor tensor(double[] flat, int from, int rows, int cols) {
    double[] part = new double[rows * cols];
    System.arraycopy(flat, from, part, 0, part.length);
    Tensor tensor = Tensor.create(part, rows, cols);
    return tensor.to(type);
  }

  /** One forward and one reverse pass; differentiable itself where that is asked for. */
  TensorVector gradient(boolean differentiable) {
    Tensor h = x;
    for (long j = 0; j < weights.size(); j++) {
      h = torch.linear(h, weights.get(j));
      if (j < weights.size() - 1) {
        h = activated(h);
      }
    }
    Tensor loss =
        network.classifies()
            ? torch.cross_entropy_loss(h, y)
            : torch.mse_loss(h, y, SUM).mul(scale);
    return torch.grad(
        new TensorVector(loss),
        weights,
        new TensorVector(),
        new BoolOptional(differentiable),
        differentiable,
        false);
  }

  private Tensor activated(Tensor h) {
    if (network.activation().kind() == Activation.Kind.IDENTITY) {
      return h;
    }
    return network.activation().kind() == Activation.Kind.RELU ? h.relu() : h.tanh();
  }

  /** The Hessian times v from a differentiable gradient, whose graph is retained. */
  TensorVector hvp(TensorVector gradient, TensorVector v) {
    return torch.grad(gradient, weights, v, new BoolOptional(true), false, false);
  }

  /** The layers in one vector, as views of it. */
  TensorVector views(Tensor flat) {
    TensorVector views = new TensorVector();
    long from = 0;
    for (long j = 0; j < weights.size(); j++) {
      long count = weights.get(j).numel();
      views.push_back(flat.narrow(0, from, count).view_as(weights.get(j)));
      from += count;
    }
    return views;
  }

  /** The layers' parts in one new vector. */
  static Tensor joined(TensorVector parts) {
    TensorVector flat = new TensorVector();
    for (long j = 0; j < parts.size(); j++) {
      flat.push_back(parts.get(j).reshape(-1));
    }
    return torch.cat(flat);
  }

  /** In the network's element type. */
  Tensor typed(Tensor tensor) {
    return tensor.to(type);
  }

  /** A gradient's parts one after the other, in the layout of theta. */
  static double[] flat(TensorVector parts, int size) {
    double[] flat = new double[size];
    int from = 0;
    for (long j = 0; j < parts.size(); j++) {
      Tensor part = parts.get(j).to(ScalarType.Double).contiguous();
      double[] copied = new double[(int) part.numel()];
      part.data_ptr_double().get(copied);
      System.arraycopy(copied, 0, flat, from, copied.length);
      from += copied.length;
    }
    return flat;
  }

  @Override
  public void close() {
    memory.close();
  }
}
