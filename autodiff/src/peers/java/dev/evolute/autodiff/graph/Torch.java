package dev.evolute.autodiff.graph;

import dev.evolute.autodiff.op.Activate;
import dev.evolute.autodiff.op.AddRow;
import dev.evolute.autodiff.op.BinaryCrossEntropy;
import dev.evolute.autodiff.op.L2Penalty;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A graph's loss in PyTorch, whose automatic differentiation gives every derivative: products with
 * the Hessian go back through a gradient made with {@code create_graph}, those with the
 * Gauss-Newton matrix go forward by differentiating a reverse pass in its cotangent.
 */
public final class Torch implements AutoCloseable {
  private static final BoolOptional KEEP = new BoolOptional(true);

  /** Beyond it PyTorch takes softplus for the identity; exp(700) is still finite. */
  private static final Scalar SOFTPLUS_THRESHOLD = new Scalar(700.0);

  private final PointerScope memory = new PointerScope();
  private final ScalarType type;
  private final Map<Value, Tensor> values = new HashMap<>();
  private final TensorVector parameters = new TensorVector();
  private final List<Shape> shapes = new ArrayList<>();
  private final List<Value> computed;
  private final List<Value> terms;

  /** Evaluates every value of the graph. */
  public Torch(Graph graph, Map<Value, double[]> data, double[] theta, DType dtype) {
    torch.set_num_threads(1);
    // oneDNN, which takes convolutions in f32 only, gets some small images wrong: PyTorch 2.7.1 is
    // then off from itself in f64 by up to a third in Hessian products of residual networks.
    torch.globalContext().setUserEnabledMkldnn(false);
    type = dtype == DType.F32 ? ScalarType.Float : ScalarType.Double;
    data.forEach((value, elements) -> values.put(value, tensor(value.shape(), elements)));
    for (Value parameter : graph.parameters()) {
      Shape shape = parameter.shape();
      int from = (int) parameter.offset();
      double[] part = Arrays.copyOfRange(theta, from, from + (int) shape.size());
      Tensor tensor = tensor(shape, part);
      tensor.requires_grad_(true);
      values.put(parameter, tensor);
      parameters.push_back(tensor);
      shapes.add(shape);
    }
    computed = graph.computed();
    terms = graph.terms();
    evaluate();
  }

  private void evaluate() {
    for (Value value : computed) {
      List<Tensor> inputs = value.inputs().stream().map(values::get).toList();
      values.put(value, apply(value, inputs));
    }
  }

  private Tensor tensor(Shape shape, double[] elements) {
    return Tensor.create(elements, shape.rows(), shape.cols()).to(type);
  }

  private static Tensor apply(Value value, List<Tensor> inputs) {
    Op op = value.op();
    Tensor x = inputs.get(0);
    Tensor y = inputs.size() > 1 ? inputs.get(1) : null;
    if (op instanceof MatMul product) {
      Tensor a = product.transposeLeft() ? x.t() : x;
      Tensor b = product.transposeRight() ? y.t() : y;
      return a.matmul(b).mul(new Scalar(product.alpha()));
    } else if (op instanceof AddRow) {
      return x.add(y);
    } else if (op instanceof Activate activate) {
      return activation(activate.f(), x);
    }
    return op.isLoss() ? loss(op, inputs) : TorchBlocks.apply(value, inputs);
  }

  /** A term of the loss, given its inputs. */
  private static Tensor loss(Op op, List<Tensor> inputs) {
    Tensor z = inputs.get(0);
    if (op instanceof L2Penalty penalty) {
      return z.square().sum().mul(new Scalar(penalty.lambda() / 2));
    }
    Tensor y = inputs.get(1);
    Tensor each;
    double scale;
    if (op instanceof SquaredError error) {
      each = z.sub(y).square();
      scale = error.scale();
    } else if (op instanceof SoftmaxCrossEntropy entropy) {
      Tensor targets = entropy.labelled() ? distributions(y, z.size(1)).to(z.scalar_type()) : y;
      each = torch.log_softmax(z, 1).mul(targets).neg();
      scale = entropy.scale();
    } else if (op instanceof BinaryCrossEntropy entropy) {
      Tensor softplus = torch.softplus(z, new Scalar(1.0), SOFTPLUS_THRESHOLD);
      each = softplus.sub(z.mul(y));
      scale = entropy.scale();
    } else {
      throw new AssertionError("no oracle for " + op);
    }
    Tensor weighted = inputs.size() > 2 ? each.mul(inputs.get(2)) : each;
    return weighted.sum().mul(new Scalar(scale));
  }

  /** A 1 in the column of each label; rows without one where it is negative. */
  private static Tensor distributions(Tensor labels, long classes) {
    Tensor flat = labels.to(ScalarType.Double).contiguous().reshape(-1);
    double[] classOf = new double[(int) flat.numel()];
    flat.data_ptr_double().get(classOf);
    double[] rows = new double[(int) (classOf.length * classes)];
    for (int i = 0; i < classOf.length; i++) {
      if (classOf[i] >= 0) {
        rows[(int) (i * classes + classOf[i])] = 1;
      }
    }
    return Tensor.create(rows, classOf.length, classes);
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

  private Tensor loss() {
    Tensor sum = values.get(terms.get(0));
    for (Value term : terms.subList(1, terms.size())) {
      sum = sum.add(values.get(term));
    }
    return sum;
  }

  /** f(theta). */
  public double value() {
    return loss().to(ScalarType.Double).item_double();
  }

  /** {@code [P]}. */
  public double[] gradient() {
    return flat(backward(new TensorVector(loss()), parameters, new TensorVector(), false));
  }

  /** {@code (Hess f) v [P]}. */
  public double[] hessian(double[] v) {
    TensorVector gradient =
        backward(new TensorVector(loss()), parameters, new TensorVector(), true);
    return flat(backward(gradient, parameters, parts(v), false));
  }

  /** {@code J^T (Hess l) J v [P]}, a term after the other. */
  public double[] gaussNewton(double[] v) {
    double[] sum = new double[v.length];
    for (Value term : terms) {
      if (!term.differentiable()) {
        continue;
      }
      Tensor z = values.get(term.inputs().get(0));
      Tensor u = torch.zeros_like(z);
      u.requires_grad_(true);
      TensorVector pulled = backward(new TensorVector(z), parameters, new TensorVector(u), true);
      TensorVector tangent = backward(pulled, new TensorVector(u), parts(v), false);
      Tensor at = z.detach();
      at.requires_grad_(true);
      List<Tensor> inputs = new ArrayList<>(term.inputs().stream().map(values::get).toList());
      inputs.set(0, at);
      TensorVector first =
          backward(
              new TensorVector(loss(term.op(), inputs)),
              new TensorVector(at),
              new TensorVector(),
              true);
      TensorVector curved = backward(first, new TensorVector(at), tangent, false);
      double[] part = flat(backward(new TensorVector(z), parameters, curved, false));
      Arrays.setAll(sum, i -> sum[i] + part[i]);
    }
    return sum;
  }

  /**
   * The derivatives of outputs along cotangents, zero where nothing flows. Outputs that are
   * constant are left out, which PyTorch refuses.
   */
  private static TensorVector backward(
      TensorVector outputs, TensorVector inputs, TensorVector cotangents, boolean differentiable) {
    TensorVector moving = new TensorVector();
    TensorVector along = new TensorVector();
    for (long i = 0; i < outputs.size(); i++) {
      if (outputs.get(i).requires_grad()) {
        moving.push_back(outputs.get(i));
        if (!cotangents.empty()) {
          along.push_back(cotangents.get(i));
        }
      }
    }
    TensorVector derivatives = new TensorVector();
    TensorVector found =
        moving.empty() ? null : torch.grad(moving, inputs, along, KEEP, differentiable, true);
    for (long i = 0; i < inputs.size(); i++) {
      boolean flows = found != null && found.get(i).defined();
      derivatives.push_back(flows ? found.get(i) : torch.zeros_like(inputs.get(i)));
    }
    return derivatives;
  }

  /** Takes steps of PyTorch's AdamW with its own betas and eps; returns the loss before each. */
  public double[] adamW(double decay, double eta, int steps) {
    AdamWOptions options = new AdamWOptions(eta);
    options.weight_decay().put(decay);
    AdamW optimizer = new AdamW(parameters, options);
    double[] losses = new double[steps];
    for (int k = 0; k < steps; k++) {
      evaluate();
      losses[k] = value();
      optimizer.zero_grad();
      loss().backward();
      optimizer.step();
    }
    return losses;
  }

  private TensorVector parts(double[] v) {
    TensorVector parts = new TensorVector();
    int from = 0;
    for (Shape shape : shapes) {
      int to = from + (int) shape.size();
      parts.push_back(tensor(shape, Arrays.copyOfRange(v, from, to)));
      from = to;
    }
    return parts;
  }

  private double[] flat(TensorVector parts) {
    double[] flat = new double[shapes.stream().mapToInt(shape -> (int) shape.size()).sum()];
    int from = 0;
    for (long i = 0; i < parts.size(); i++) {
      Tensor part = parts.get(i).to(ScalarType.Double).contiguous();
      double[] elements = new double[(int) part.numel()];
      part.data_ptr_double().get(elements);
      System.arraycopy(elements, 0, flat, from, elements.length);
      from += elements.length;
    }
    return flat;
  }

  @Override
  public void close() {
    memory.close();
  }
}
