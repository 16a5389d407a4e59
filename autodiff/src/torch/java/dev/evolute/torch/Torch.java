package dev.evolute.torch;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A graph's loss in PyTorch, whose automatic differentiation gives every derivative: products with
 * the Hessian go back through a gradient made with {@code create_graph}, those with the
 * Gauss-Newton matrix go forward by differentiating a reverse pass in its cotangent. Tests hold
 * ours against it, and benchmarks are measured beside it: each operation is PyTorch's own fused one
 * where it has one that can be differentiated as often as is asked for.
 */
public final class Torch implements AutoCloseable {
  private static final BoolOptional KEEP = new BoolOptional(true);

  private final PointerScope memory = new PointerScope();
  private final Graph graph;
  private final ScalarType type;
  private final TorchOps ops;

  /** Data and parameters. */
  private final Map<Value, Tensor> given = new HashMap<>();

  private final TensorVector parameters = new TensorVector();

  /** All values where they were asked for one by one. */
  private final Map<Value, Tensor> values = new HashMap<>();

  /** The loss of the last {@link #gradient(boolean)}. */
  private Tensor loss;

  /**
   * Keeps to the threads that PyTorch is set to, and to oneDNN or not, as it is set.
   *
   * @param data values row by row
   * @param theta {@code [P]}
   */
  public Torch(Graph graph, Map<Value, double[]> data, double[] theta, DType dtype) {
    this.graph = graph;
    type = dtype == DType.F32 ? ScalarType.Float : ScalarType.Double;
    ops = new TorchOps(graph, type);
    data.forEach(
        (value, elements) ->
            given.put(
                value,
                Tensor.create(elements, value.shape().rows(), value.shape().cols()).to(type)));
    TensorVector parts = parts(theta);
    for (long i = 0; i < parts.size(); i++) {
      Tensor parameter = parts.get(i);
      parameter.requires_grad_(true);
      parameters.push_back(parameter);
      given.put(graph.parameters().get((int) i), parameter);
    }
  }

  // Vectors in the layout of theta.

  /** P. */
  public int size() {
    return (int) graph.size();
  }

  /** The parameters' parts of a flat vector {@code [P]}, as PyTorch has parameters. */
  public TensorVector parts(double[] flat) {
    TensorVector parts = new TensorVector();
    for (Value p : graph.parameters()) {
      int from = (int) p.offset();
      double[] part = Arrays.copyOfRange(flat, from, from + (int) p.shape().size());
      Tensor rows = Tensor.create(part, p.shape().rows(), p.shape().cols()).to(type);
      parts.push_back(ops.fromRows(p, rows));
    }
    return parts;
  }

  /** The same of a tensor, where they can be as views of it. */
  public TensorVector parts(Tensor flat) {
    TensorVector parts = new TensorVector();
    for (Value p : graph.parameters()) {
      Tensor part = flat.narrow(0, p.offset(), p.shape().size());
      parts.push_back(ops.fromRows(p, part.view(p.shape().rows(), p.shape().cols())));
    }
    return parts;
  }

  /** Parts in one new tensor {@code [P]}. */
  public Tensor joined(TensorVector parts) {
    TensorVector flat = new TensorVector();
    for (long i = 0; i < parts.size(); i++) {
      flat.push_back(ops.toRows(graph.parameters().get((int) i), parts.get(i)).reshape(-1));
    }
    return torch.cat(flat);
  }

  /** Parts one after the other, {@code [P]}. */
  public double[] flat(TensorVector parts) {
    Tensor joined = joined(parts).to(ScalarType.Double);
    double[] flat = new double[(int) joined.numel()];
    joined.data_ptr_double().get(flat);
    return flat;
  }

  /** In the element type of the graph. */
  public Tensor typed(Tensor tensor) {
    return tensor.to(type);
  }

  TensorVector parameters() {
    return parameters;
  }

  // Passes.

  /**
   * Forward and reverse; returns the derivatives of the parameters. What PyTorch does not need for
   * the reverse pass is freed on the way.
   *
   * @param differentiable whether {@link #hessian(TensorVector, TensorVector)} will go back through
   *     it
   */
  @SuppressWarnings("try")
  public TensorVector gradient(boolean differentiable) {
    PointerScope outer = PointerScope.getInnerScope();
    try (PointerScope forward = new PointerScope()) {
      loss = loss(differentiable, new HashMap<>(given));
      outer.attach(loss);
    }
    return backward(new TensorVector(loss), parameters, new TensorVector(), differentiable, false);
  }

  /** The Hessian's product with v, from a differentiable gradient, whose graph is retained. */
  public TensorVector hessian(TensorVector gradient, TensorVector v) {
    return backward(gradient, parameters, v, false, true);
  }

  /** The loss of the last {@link #gradient(boolean)}. */
  public double lastLoss() {
    return loss.to(ScalarType.Double).item_double();
  }

  /** The loss; all values on the way are left in a map that holds data and parameters. */
  private Tensor loss(boolean twice, Map<Value, Tensor> values) {
    Tensor sum = null;
    for (Value term : graph.terms()) {
      Tensor each = value(term, twice, values);
      sum = sum == null ? each : sum.add(each);
    }
    return sum;
  }

  private Tensor value(Value value, boolean twice, Map<Value, Tensor> values) {
    Tensor known = values.get(value);
    if (known == null) {
      List<Value> inputs = ops.reads(value);
      List<Tensor> in = inputs.stream().map(input -> value(input, twice, values)).toList();
      known = ops.apply(value, in, twice);
      values.put(value, known);
    }
    return known;
  }

  /** All values, once. */
  private Tensor kept() {
    if (values.isEmpty()) {
      values.putAll(given);
      loss = loss(true, values);
    }
    return loss;
  }

  /** f(theta). */
  public double value() {
    return kept().to(ScalarType.Double).item_double();
  }

  /** {@code [P]}. */
  public double[] gradient() {
    return flat(backward(new TensorVector(kept()), parameters, new TensorVector(), false, true));
  }

  /** {@code (Hess f) v [P]}. */
  public double[] hessian(double[] v) {
    TensorVector gradient =
        backward(new TensorVector(kept()), parameters, new TensorVector(), true, true);
    return flat(hessian(gradient, parts(v)));
  }

  /** {@code J^T (Hess l) J v [P]}, a term after the other. */
  public double[] gaussNewton(double[] v) {
    kept();
    double[] sum = new double[v.length];
    for (Value term : graph.terms()) {
      if (!term.differentiable()) {
        continue;
      }
      Tensor z = values.get(term.inputs().get(0));
      Tensor u = torch.zeros_like(z);
      u.requires_grad_(true);
      TensorVector pulled =
          backward(new TensorVector(z), parameters, new TensorVector(u), true, true);
      TensorVector tangent = backward(pulled, new TensorVector(u), parts(v), false, true);
      Tensor at = z.detach();
      at.requires_grad_(true);
      List<Tensor> inputs = new ArrayList<>(term.inputs().stream().map(values::get).toList());
      inputs.set(0, at);
      Tensor alone = ops.apply(term, inputs, true);
      TensorVector first =
          backward(new TensorVector(alone), new TensorVector(at), new TensorVector(), true, true);
      TensorVector curved = backward(first, new TensorVector(at), tangent, false, true);
      double[] part = flat(backward(new TensorVector(z), parameters, curved, false, true));
      Arrays.setAll(sum, i -> sum[i] + part[i]);
    }
    return sum;
  }

  /**
   * The derivatives of outputs along cotangents, zero where nothing flows. Outputs that are
   * constant are left out, which PyTorch refuses.
   *
   * @param differentiable whether these are differentiated in turn
   * @param again whether outputs are differentiated once more
   */
  private static TensorVector backward(
      TensorVector outputs,
      TensorVector inputs,
      TensorVector cotangents,
      boolean differentiable,
      boolean again) {
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
    BoolOptional keep = differentiable || again ? KEEP : new BoolOptional(false);
    TensorVector derivatives = new TensorVector();
    TensorVector found =
        moving.empty() ? null : torch.grad(moving, inputs, along, keep, differentiable, true);
    for (long i = 0; i < inputs.size(); i++) {
      boolean flows = found != null && found.get(i).defined();
      derivatives.push_back(flows ? found.get(i) : torch.zeros_like(inputs.get(i)));
    }
    return derivatives;
  }

  /** Takes steps of AdamW; returns the loss before each. */
  public double[] adamW(double decay, double eta, int steps) {
    TorchAdamW optimizer = new TorchAdamW(this, decay);
    return IntStream.range(0, steps).mapToDouble(k -> optimizer.step(eta)).toArray();
  }

  @Override
  public void close() {
    memory.close();
  }
}
