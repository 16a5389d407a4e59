package dev.evolute.autodiff.nn;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Activation;
import dev.evolute.spectral.CounterRandom;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * A deep linear network {@code h(x) = W_n ... W_1 x} (paper 002, section 3.2) on samples in rows.
 * Theta holds {@code W_1 [d_1 x d_0], ..., W_n [d_n x d_{n-1}]}. Paper 000 counts from the output:
 * its {@code W_i} is {@code W_{n+1-i}} here. {@link Initialisation#xavierUniform} and, near zero,
 * {@link Initialisation#gaussian} say how it may start, and {@link #balanced}.
 *
 * @param widths {@code d_0, d_1, ..., d_n}: at least an input and an output
 */
public record DeepLinear(List<Integer> widths) implements Model {
  /** Stream of the end-to-end matrix; those below belong to parameters. */
  private static final long END_TO_END = 1L << 32;

  /**
   * Copies and checks the widths.
   *
   * @throws IllegalArgumentException if they are fewer than two or one is below 1
   */
  public DeepLinear {
    widths = Layers.checked(widths);
  }

  /** The network of these widths, from the input to the output. */
  public static DeepLinear of(int... widths) {
    return new DeepLinear(Arrays.stream(widths).boxed().toList());
  }

  /** Number of layers n. */
  public int depth() {
    return widths.size() - 1;
  }

  private FullyConnected layers() {
    return new FullyConnected(widths, Activation.IDENTITY, false);
  }

  @Override
  public List<Parameter> parameters() {
    return layers().parameters();
  }

  @Override
  public Value record(Graph graph, Value x) {
    return layers().record(graph, x);
  }

  /**
   * Balanced weights (paper 002, procedure 13) with the end-to-end matrix A: with the thin singular
   * value decomposition {@code A = U S V^T}, {@code W_n = U S^{1/n}}, {@code W_j = S^{1/n}}
   * between, {@code W_1 = S^{1/n} V^T}, each in the top left corner of zeros. Then {@code W_n ...
   * W_1 = A} and {@code W_{j+1}^T W_{j+1} = W_j W_j^T}. Where a layer is narrower than the rank of
   * A, the largest singular values stay.
   *
   * @param objective that this model was recorded for
   * @param a {@code [d_n x d_0]}, row by row
   */
  public void balanced(Objective objective, double[] a) {
    int outputs = widths.get(depth());
    int inputs = widths.get(0);
    if (a.length != outputs * inputs) {
      throw new IllegalArgumentException(
          "balanced: the end-to-end matrix is ["
              + outputs
              + " x "
              + inputs
              + "], "
              + a.length
              + " values given");
    }
    if (depth() == 1) {
      write(objective, 1, a);
      return;
    }
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(outputs, inputs, true, true, true);
    if (!svd.decompose(new DMatrixRMaj(outputs, inputs, true, a))) {
      throw new ArithmeticException(
          "balanced: the end-to-end matrix has no singular values; is each entry finite?");
    }
    DMatrixRMaj u = svd.getU(null, false);
    DMatrixRMaj v = svd.getV(null, false);
    double[] s = svd.getSingularValues();
    SingularOps_DDRM.descendingOrder(u, false, s, s.length, v, false);
    int rank = widths.stream().mapToInt(d -> d).min().orElseThrow();
    for (int j = 1; j <= depth(); j++) {
      DMatrixRMaj w = new DMatrixRMaj(widths.get(j), widths.get(j - 1));
      for (int k = 0; k < rank; k++) {
        double root = StrictMath.pow(s[k], 1.0 / depth());
        if (j == depth()) {
          for (int i = 0; i < outputs; i++) {
            w.set(i, k, u.get(i, k) * root);
          }
        } else if (j == 1) {
          for (int i = 0; i < inputs; i++) {
            w.set(k, i, root * v.get(i, k));
          }
        } else {
          w.set(k, k, root);
        }
      }
      write(objective, j, w.data);
    }
  }

  /** {@link #balanced(Objective, double[])} with entries of A normal of the given deviation. */
  public void balanced(Objective objective, long seed, double deviation) {
    double[] a = new double[widths.get(depth()) * widths.get(0)];
    CounterRandom.fillGaussian(seed, END_TO_END, 0, a);
    for (int i = 0; i < a.length; i++) {
      a[i] *= deviation;
    }
    balanced(objective, a);
  }

  /** The end-to-end matrix {@code W_n ... W_1 [d_n x d_0]} at theta, row by row. */
  public double[] endToEnd(Program program) {
    DMatrixRMaj product = weights(program, 1);
    for (int j = 2; j <= depth(); j++) {
      product = CommonOps_DDRM.mult(weights(program, j), product, null);
    }
    return product.data;
  }

  /** {@code max_j ||W_{j+1}^T W_{j+1} - W_j W_j^T||_F} at theta: 0 where balanced. */
  public double imbalance(Program program) {
    double most = 0;
    for (int j = 1; j < depth(); j++) {
      DMatrixRMaj below = weights(program, j);
      DMatrixRMaj above = weights(program, j + 1);
      DMatrixRMaj difference = CommonOps_DDRM.multTransA(above, above, null);
      CommonOps_DDRM.multAddTransB(-1, below, below, difference);
      most = Math.max(most, NormOps_DDRM.normF(difference));
    }
    return most;
  }

  private static void write(Objective objective, int layer, double[] w) {
    objective.theta().write(objective.parameters().get(layer - 1).offset(), w, 0, w.length);
  }

  private static DMatrixRMaj weights(Program program, int layer) {
    Value w = program.parameters().get(layer - 1);
    double[] values = program.parameter(w).buffer().toArray();
    return new DMatrixRMaj(w.shape().rows(), w.shape().cols(), true, values);
  }

  @Override
  public String toString() {
    return "deep linear " + Layers.joined(widths);
  }
}
