package dev.evolute.autodiff.graph;

import dev.evolute.autodiff.op.Activate;
import dev.evolute.autodiff.op.AddRow;
import dev.evolute.autodiff.op.BinaryCrossEntropy;
import dev.evolute.autodiff.op.L2Penalty;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph's loss by plain loops in double, one value after the other, sharing nothing with the
 * compiled program.
 */
public final class Reference {
  private final Map<Value, double[]> values;
  private double loss;
  private double margin = Double.POSITIVE_INFINITY;

  private Reference(Map<Value, double[]> data) {
    values = new HashMap<>(data);
  }

  /** Evaluates every value of the graph. */
  public static Reference of(Graph graph, Map<Value, double[]> data, double[] theta) {
    Reference reference = new Reference(data);
    for (Value parameter : graph.parameters()) {
      int from = (int) parameter.offset();
      int to = from + (int) parameter.shape().size();
      reference.values.put(parameter, Arrays.copyOfRange(theta, from, to));
    }
    graph.computed().forEach(reference::evaluate);
    return reference;
  }

  public double loss() {
    return loss;
  }

  /** Smallest distance of an element from the kink of the ReLU it enters. */
  public double margin() {
    return margin;
  }

  public double[] value(Value value) {
    return values.get(value);
  }

  /** What the terms of the loss are given, one behind the other. */
  public static double[] outputs(Graph graph, Map<Value, double[]> data, double[] theta) {
    Reference at = of(graph, data, theta);
    return graph.terms().stream()
        .flatMapToDouble(term -> Arrays.stream(at.value(term.inputs().get(0))))
        .toArray();
  }

  /** Hessian of the loss with respect to {@link #outputs}: one block a term. */
  public double[][] lossHessian(Graph graph) {
    int size = graph.terms().stream().mapToInt(t -> (int) t.inputs().get(0).shape().size()).sum();
    double[][] hessian = new double[size][size];
    int at = 0;
    for (Value term : graph.terms()) {
      double[] z = values.get(term.inputs().get(0));
      int cols = term.inputs().get(0).shape().cols();
      for (int i = 0; i < z.length; i++) {
        double weight = weight(term, i / cols);
        if (term.op() instanceof SquaredError error) {
          hessian[at + i][at + i] = 2 * error.scale() * weight;
        } else if (term.op() instanceof L2Penalty penalty) {
          hessian[at + i][at + i] = penalty.lambda();
        } else if (term.op() instanceof BinaryCrossEntropy entropy) {
          double p = 1 / (1 + Math.exp(-z[i]));
          hessian[at + i][at + i] = entropy.scale() * weight * p * (1 - p);
        } else if (term.op() instanceof SoftmaxCrossEntropy entropy) {
          double scale = entropy.scale() * weight;
          int row = i / cols * cols;
          double sum = 0;
          for (int j = row; j < row + cols; j++) {
            sum += Math.exp(z[j]);
          }
          double p = Math.exp(z[i]) / sum;
          for (int j = row; j < row + cols; j++) {
            hessian[at + i][at + j] = -scale * p * Math.exp(z[j]) / sum;
          }
          hessian[at + i][at + i] += scale * p;
        }
      }
      at += z.length;
    }
    return hessian;
  }

  /** The weight of a sample in a term of the loss. */
  private double weight(Value term, int sample) {
    if (term.op() instanceof SoftmaxCrossEntropy entropy
        && entropy.labelled()
        && values.get(term.inputs().get(1))[sample] < 0) {
      return 0;
    }
    return term.inputs().size() < 3 ? 1 : values.get(term.inputs().get(2))[sample];
  }

  /** The values that depend on a parameter and that the loss depends on, in recorded order. */
  public static List<Value> differentiated(Graph graph) {
    Set<Value> needed = new HashSet<>(graph.terms());
    List<Value> found = new ArrayList<>();
    for (Value value : graph.computed().reversed()) {
      if (needed.contains(value)) {
        needed.addAll(value.inputs());
        if (value.differentiable() && !value.op().isLoss()) {
          found.add(value);
        }
      }
    }
    return found.reversed();
  }

  /** How many operations were recorded, terms of the loss included. */
  public static int operations(Graph graph) {
    return graph.computed().size();
  }

  private void evaluate(Value value) {
    List<Value> inputs = value.inputs();
    double[] x = values.get(inputs.get(0));
    double[] y = inputs.size() > 1 ? values.get(inputs.get(1)) : null;
    Op op = value.op();
    int cols = inputs.get(0).shape().cols();
    if (op instanceof MatMul product) {
      values.put(value, matmul(product, value.shape(), inputs, x, y));
    } else if (op instanceof AddRow) {
      double[] out = x.clone();
      for (int i = 0; i < out.length; i++) {
        out[i] += y[i % cols];
      }
      values.put(value, out);
    } else if (op instanceof Activate activate) {
      values.put(value, Arrays.stream(x).map(z -> activation(activate.f(), z)).toArray());
    } else if (op instanceof SquaredError error) {
      for (int i = 0; i < x.length; i++) {
        loss += error.scale() * weight(value, i / cols) * (x[i] - y[i]) * (x[i] - y[i]);
      }
    } else if (op instanceof L2Penalty penalty) {
      for (double w : x) {
        loss += penalty.lambda() / 2 * w * w;
      }
    } else if (op instanceof BinaryCrossEntropy entropy) {
      for (int i = 0; i < x.length; i++) {
        double p = 1 / (1 + Math.exp(-x[i]));
        double miss = -(y[i] * Math.log(p) + (1 - y[i]) * Math.log(1 - p));
        loss += entropy.scale() * weight(value, i / cols) * miss;
      }
    } else if (op instanceof SoftmaxCrossEntropy entropy) {
      for (int row = 0; row < x.length; row += cols) {
        double sum = 0;
        double hit = 0;
        for (int j = row; j < row + cols; j++) {
          sum += Math.exp(x[j]);
          hit += entropy.labelled() ? 0 : y[j] * x[j];
        }
        if (entropy.labelled()) {
          int label = (int) y[row / cols];
          if (label < 0) {
            continue;
          }
          hit = x[row + label];
        }
        loss += entropy.scale() * weight(value, row / cols) * (Math.log(sum) - hit);
      }
    } else {
      BlockReference block = new BlockReference(value, inputs.stream().map(values::get).toList());
      values.put(value, block.evaluate());
      margin = Math.min(margin, block.margin);
    }
  }

  private static double[] matmul(
      MatMul product, Shape shape, List<Value> inputs, double[] x, double[] y) {
    Shape left = inputs.get(0).shape();
    Shape right = inputs.get(1).shape();
    int inner = product.transposeLeft() ? left.rows() : left.cols();
    double[] out = new double[(int) shape.size()];
    for (int i = 0; i < shape.rows(); i++) {
      for (int j = 0; j < shape.cols(); j++) {
        for (int k = 0; k < inner; k++) {
          double a = product.transposeLeft() ? x[k * left.cols() + i] : x[i * left.cols() + k];
          double b = product.transposeRight() ? y[j * right.cols() + k] : y[k * right.cols() + j];
          out[i * shape.cols() + j] += product.alpha() * a * b;
        }
      }
    }
    return out;
  }

  private double activation(Activation f, double z) {
    if (f.kind() == Activation.Kind.RELU || f.kind() == Activation.Kind.LEAKY_RELU) {
      margin = Math.min(margin, Math.abs(z));
    }
    return switch (f.kind()) {
      case IDENTITY -> z;
      case RELU -> Math.max(z, 0);
      case LEAKY_RELU -> z > 0 ? z : f.slope() * z;
      case TANH -> Math.tanh(z);
      case SIGMOID -> 1 / (1 + Math.exp(-z));
      case SOFTPLUS -> Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
      case GELU -> z * normalDistribution(z);
      case SILU -> z / (1 + Math.exp(-z));
      case GELU_TANH -> z / (1 + Math.exp(-Math.sqrt(8 / Math.PI) * (z + 0.044715 * z * z * z)));
      case EXP -> Math.exp(z);
      case EXPM1 -> Math.expm1(z);
      case LOG -> Math.log(z);
      case LOG1P -> Math.log1p(z);
      case ERF -> 2 * normalDistribution(z * Math.sqrt(2)) - 1;
      case SQRT -> Math.sqrt(z);
      case RECIPROCAL -> 1 / z;
    };
  }

  /** {@code 1/2 + pdf(z) (z + z^3/3 + z^5/15 + ...)}: the series has no cancellation. */
  private static double normalDistribution(double z) {
    double term = z;
    double sum = z;
    for (int k = 3; Math.abs(term) > 1e-18 * Math.abs(sum); k += 2) {
      term *= z * z / k;
      sum += term;
    }
    return 0.5 + sum * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
  }
}
