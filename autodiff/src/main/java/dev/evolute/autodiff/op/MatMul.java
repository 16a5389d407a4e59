package dev.evolute.autodiff.op;

import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Operand;
import dev.evolute.kernels.Shapes;
import java.util.List;

/**
 * {@code C = alpha A B} with {@code A = op(x) [m x k]}, {@code B = op(y) [k x n]}, each input
 * transposed or not.
 *
 * <pre>
 *   vjp         dA = alpha dC B^T                   dB = alpha A^T dC
 *   jvp         C' = alpha (A' B + A B')
 *   vjpTangent  dA' = alpha (dC' B^T + dC B'^T)     dB' = alpha (A^T dC' + A'^T dC)
 * </pre>
 *
 * @param transposeLeft whether A is the transpose of the first input
 * @param transposeRight whether B is the transpose of the second input
 * @param alpha the factor
 */
public record MatMul(boolean transposeLeft, boolean transposeRight, double alpha) implements Op {
  /** {@code x w^T}: a layer with weights {@code w [out x in]} on samples in rows. */
  public static final MatMul LAYER = new MatMul(false, true);

  /**
   * Of any factor.
   *
   * @throws IllegalArgumentException if it is not finite
   */
  public MatMul {
    if (!Double.isFinite(alpha)) {
      throw new IllegalArgumentException("matmul: alpha is " + alpha + "; it must be finite");
    }
  }

  /** With the factor 1. */
  public MatMul(boolean transposeLeft, boolean transposeRight) {
    this(transposeLeft, transposeRight, 1);
  }

  /** {@link #LAYER} times alpha. */
  public static MatMul layer(double alpha) {
    return new MatMul(false, true, alpha);
  }

  @Override
  public String name() {
    return "matmul";
  }

  @Override
  public boolean actsOnRows() {
    return !transposeLeft;
  }

  @Override
  public Shape shape(List<Value> inputs) {
    Shape x = inputs.get(0).shape();
    Shape y = inputs.get(1).shape();
    Shape a = transposeLeft ? new Shape(x.cols(), x.rows()) : x;
    Shape b = transposeRight ? new Shape(y.cols(), y.rows()) : y;
    Shapes.inner(name(), a, a.cols(), b, b.rows());
    return new Shape(a.rows(), b.cols());
  }

  @Override
  public boolean readsInputs() {
    return true;
  }

  @Override
  public long packed(List<Value> inputs) {
    for (int i = 0; i < 2; i++) {
      if (inputs.get(i).isData()) {
        return inputs.get(i).shape().size() * (inputs.get(1 - i).differentiable() ? 2 : 1);
      }
    }
    return 0;
  }

  /** Operands 0 and 1: A and B of the forward product; 2 and 3: A^T and B^T of the reverse ones. */
  @Override
  public void bind(Node n) {
    Matrix a = left(n.in(0));
    Matrix b = right(n.in(1));
    boolean leftFixed = n.isData(0);
    boolean rightFixed = n.isData(1) && !leftFixed;
    Operand forwardA = leftFixed ? n.pack(a.t()).t() : a;
    Operand forwardB = rightFixed ? n.pack(b) : b;
    Operand reverseA = leftFixed && n.adjoint().wants(1) ? n.pack(a).t() : a.t();
    Operand reverseB = rightFixed && n.adjoint().wants(0) ? n.pack(b.t()) : b.t();
    n.operands(forwardA, forwardB, reverseA, reverseB);
  }

  private Matrix left(Matrix x) {
    return transposeLeft ? x.t() : x;
  }

  private Matrix right(Matrix y) {
    return transposeRight ? y.t() : y;
  }

  @Override
  public void forward(Node n) {
    n.kernels().gemm(alpha, n.operand(0), n.operand(1), 0, n.out());
  }

  @Override
  public void vjp(Node n, Adjoint d) {
    Kernels k = n.kernels();
    if (d.wants(0)) {
      k.gemm(alpha, d.out(), n.operand(3), d.beta(0), left(d.in(0)));
    }
    if (d.wants(1)) {
      k.gemm(alpha, n.operand(2), d.out(), d.beta(1), right(d.in(1)));
    }
  }

  @Override
  public void jvp(Node n) {
    Matrix da = n.tangentIn(0) == null ? null : left(n.tangentIn(0));
    Matrix db = n.tangentIn(1) == null ? null : right(n.tangentIn(1));
    sum(n, da, n.operand(1), n.operand(0), db, 0, n.tangentOut());
  }

  @Override
  public void vjpTangent(Node n, Adjoint tangent) {
    Matrix dc = n.adjoint().out();
    if (tangent.wants(0)) {
      Matrix db = n.tangentIn(1) == null ? null : right(n.tangentIn(1)).t();
      sum(n, tangent.out(), n.operand(3), dc, db, tangent.beta(0), left(tangent.in(0)));
    }
    if (tangent.wants(1)) {
      Matrix da = n.tangentIn(0) == null ? null : left(n.tangentIn(0)).t();
      sum(n, da, dc, n.operand(2), tangent.out(), tangent.beta(1), right(tangent.in(1)));
    }
  }

  /** {@code z = alpha (a b + c d) + beta z} in one pass; a or d is null where its product is 0. */
  private void sum(Node n, Matrix a, Operand b, Operand c, Matrix d, double beta, Matrix z) {
    Kernels k = n.kernels();
    if (a != null && d != null) {
      k.gemmPair(alpha, a, b, c, d, beta, z, null);
    } else if (a != null) {
      k.gemm(alpha, a, b, beta, z);
    } else {
      k.gemm(alpha, c, d, beta, z);
    }
  }

  /** Outer products of rows: {@code dB_r = alpha a_r^T dc_r}, transposed where y is. */
  @Override
  public void vjpRows(Node n, int from, Matrix gradients, long at) {
    int k = n.in(0).cols();
    int m = n.out().cols();
    Buffer a = n.in(0).buffer().view((long) from * k, (long) gradients.rows() * k);
    Buffer dc = n.adjoint().out().buffer().view((long) from * m, (long) gradients.rows() * m);
    Buffer target = gradients.buffer().view(at, gradients.buffer().length() - at);
    int rows = transposeRight ? m : k;
    int cols = transposeRight ? k : m;
    n.kernels()
        .gemmBatch(
            gradients.rows(),
            alpha,
            Matrix.of(transposeRight ? dc : a, rows, 1),
            rows,
            Matrix.of(transposeRight ? a : dc, 1, cols),
            cols,
            1,
            Matrix.of(target, rows, cols),
            gradients.cols());
  }
}
