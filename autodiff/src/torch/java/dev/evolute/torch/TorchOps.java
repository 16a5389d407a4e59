package dev.evolute.torch;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.Activate;
import dev.evolute.autodiff.op.AddRow;
import dev.evolute.autodiff.op.BinaryCrossEntropy;
import dev.evolute.autodiff.op.Convolution;
import dev.evolute.autodiff.op.L2Penalty;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.ConvolutionShape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The operations of one graph in PyTorch: dense layers, activations and losses here. */
final class TorchOps {
  /** Beyond it PyTorch takes softplus for the identity; exp(700) is still finite. */
  private static final Scalar SOFTPLUS_THRESHOLD = new Scalar(700.0);

  private static final int SUM = 2;

  private final TorchBlocks blocks;

  /** Labels as whole numbers, made once. */
  private final Map<Value, Tensor> labels = new HashMap<>();

  /** Weights that nothing but convolutions read, and the shape of one of them. */
  private final Map<Value, ConvolutionShape> filters = new HashMap<>();

  TorchOps(Graph graph, ScalarType type) {
    blocks = new TorchBlocks(type);
    for (Value value : graph.computed()) {
      if (value.op() instanceof Convolution convolution
          && value.inputs().get(1).isParameter()
          && !TorchBlocks.isProduct(convolution.shape())) {
        filters.put(value.inputs().get(1), convolution.shape());
      }
    }
    for (Value value : graph.computed()) {
      for (int i = 0; i < value.inputs().size(); i++) {
        if (i != 1 || !(value.op() instanceof Convolution)) {
          filters.remove(value.inputs().get(i));
        }
      }
    }
  }

  /** A parameter in the form in which PyTorch is fastest with it, from our rows. */
  Tensor fromRows(Value parameter, Tensor rows) {
    ConvolutionShape shape = filters.get(parameter);
    return shape == null
        ? rows
        : TorchBlocks.filters(shape, rows).contiguous(MemoryFormat.ChannelsLast);
  }

  /** The way back. */
  Tensor toRows(Value parameter, Tensor tensor) {
    return filters.containsKey(parameter)
        ? tensor.permute(2, 3, 1, 0).reshape(parameter.shape().rows(), parameter.shape().cols())
        : tensor;
  }

  /** A dense layer with its bias is one operation in PyTorch. */
  private static boolean isBiasOfLayer(Value value) {
    return value.op() instanceof AddRow && MatMul.LAYER.equals(value.inputs().get(0).op());
  }

  /** What {@link #apply} has to be given. */
  List<Value> reads(Value value) {
    if (isBiasOfLayer(value)) {
      List<Value> layer = value.inputs().get(0).inputs();
      return List.of(layer.get(0), layer.get(1), value.inputs().get(1));
    }
    return value.inputs();
  }

  /**
   * A computed value.
   *
   * @param twice whether it has to be differentiable twice
   */
  Tensor apply(Value value, List<Tensor> inputs, boolean twice) {
    Op op = value.op();
    Tensor x = inputs.get(0);
    Tensor y = inputs.size() > 1 ? inputs.get(1) : null;
    if (isBiasOfLayer(value)) {
      return torch.linear(x, y, new TensorOptional(inputs.get(2).reshape(-1)));
    } else if (op.equals(MatMul.LAYER)) {
      return torch.linear(x, y);
    } else if (op instanceof MatMul product) {
      Tensor a = product.transposeLeft() ? x.t() : x;
      Tensor b = product.transposeRight() ? y.t() : y;
      return a.matmul(b).mul(new Scalar(product.alpha()));
    } else if (op instanceof AddRow) {
      return x.add(y);
    } else if (op instanceof Activate activate) {
      return activation(activate.f(), x);
    }
    return op.isLoss() ? loss(value, inputs) : blocks.apply(value, inputs, twice);
  }

  /** A term of the loss, given its inputs. */
  private Tensor loss(Value term, List<Tensor> inputs) {
    Op op = term.op();
    Tensor z = inputs.get(0);
    if (op instanceof L2Penalty penalty) {
      return z.square().sum().mul(new Scalar(penalty.lambda() / 2));
    }
    Tensor y = inputs.get(1);
    Tensor weights = inputs.size() > 2 ? inputs.get(2) : null;
    if (op instanceof SquaredError error) {
      return weights == null
          ? torch.mse_loss(z, y, SUM).mul(new Scalar(error.scale()))
          : summed(z.sub(y).square(), weights, error.scale());
    } else if (op instanceof SoftmaxCrossEntropy entropy) {
      return crossEntropy(term, entropy, z, y, weights);
    } else if (op instanceof BinaryCrossEntropy entropy) {
      Tensor softplus = torch.softplus(z, new Scalar(1.0), SOFTPLUS_THRESHOLD);
      return summed(softplus.sub(z.mul(y)), weights, entropy.scale());
    }
    throw new AssertionError("no oracle for " + op);
  }

  private Tensor crossEntropy(
      Value term, SoftmaxCrossEntropy op, Tensor z, Tensor y, Tensor weights) {
    if (!op.labelled()) {
      return summed(torch.log_softmax(z, 1).mul(y).neg(), weights, op.scale());
    }
    // Negative labels, which say that there is none, are one number here.
    Tensor classes =
        labels.computeIfAbsent(
            term,
            t -> TorchBlocks.held(y.reshape(-1).to(ScalarType.Long).clamp_min(new Scalar(-1L))));
    if (weights == null) {
      return torch
          .cross_entropy_loss(z, classes, new TensorOptional(), SUM, -1, 0)
          .mul(new Scalar(op.scale()));
    }
    Tensor each = torch.cross_entropy_loss(z, classes, new TensorOptional(), 0, -1, 0);
    return summed(each.reshape(-1, 1), weights, op.scale());
  }

  private static Tensor summed(Tensor each, Tensor weights, double scale) {
    return (weights == null ? each : each.mul(weights)).sum().mul(new Scalar(scale));
  }

  private static Tensor activation(Activation f, Tensor z) {
    return switch (f.kind()) {
      case IDENTITY -> z;
      case RELU -> z.relu();
      case LEAKY_RELU -> torch.leaky_relu(z, new Scalar(f.slope()));
      case TANH -> z.tanh();
      case SIGMOID -> z.sigmoid();
      case SOFTPLUS -> torch.softplus(z, new Scalar(1.0), SOFTPLUS_THRESHOLD);
      case GELU -> torch.gelu(z);
      case SILU -> torch.silu(z);
      case GELU_TANH -> torch.gelu(z, "tanh");
      case EXP -> z.exp();
      case EXPM1 -> z.expm1();
      case LOG -> z.log();
      case LOG1P -> z.log1p();
      case ERF -> z.erf();
      case SQRT -> z.sqrt();
      case RECIPROCAL -> z.reciprocal();
    };
  }
}
