package dev.evolute.bench;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.Attention;
import dev.evolute.autodiff.op.Convolution;
import dev.evolute.autodiff.op.MatMul;

/**
 * Multiply-adds that derivatives of a graph take at least: those of its products, which are all
 * bilinear. A product of two values that both depend on parameters has two of its size in a reverse
 * pass; a Hessian-vector product at a kept point has two in its tangents and four in their reverse
 * pass. Of those with data each pass has one.
 */
final class Arithmetic {
  private Arithmetic() {}

  /** GFLOP of a value and its gradient. */
  static double gradient(Graph graph) {
    return gflop(graph, 3, 2);
  }

  /** GFLOP of a Hessian-vector product at a kept point. */
  static double hvp(Graph graph) {
    return gflop(graph, 6, 2);
  }

  private static double gflop(Graph graph, int both, int one) {
    double sum = 0;
    for (Value value : graph.computed()) {
      boolean data = value.inputs().stream().anyMatch(input -> !input.differentiable());
      sum += 2e-9 * multiplyAdds(value) * (data ? one : both);
    }
    return sum;
  }

  /** Of the forward pass. */
  private static double multiplyAdds(Value value) {
    double size = value.shape().size();
    if (value.op() instanceof MatMul product) {
      Value left = value.inputs().get(0);
      return size * (product.transposeLeft() ? left.shape().rows() : left.shape().cols());
    } else if (value.op() instanceof Convolution convolution) {
      return size * convolution.shape().patch();
    } else if (value.op() instanceof Attention attention) {
      // Scores and their products with values; half of them where later rows are not seen.
      double seen = attention.causal() ? 0.5 * (attention.length() + 1) : attention.length();
      return 2 * size * seen;
    }
    return 0;
  }
}
