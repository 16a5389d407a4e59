package dev.evolute.app.study.gdvsflow;

import dev.evolute.autodiff.nn.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.mult.VectorVectorMult_DDRM;

/**
 * The matrices of a linear network, {@code W_1 [d_1 x d_0], ..., W_n [d_n x d_{n-1}]} (paper 002,
 * equation 10), in the order of theta.
 */
record Chain(List<DMatrixRMaj> weights) {
  Chain {
    weights = List.copyOf(weights);
  }

  /** The parameters of a model without biases; copies. */
  static Chain of(Model model, double[] theta) {
    List<DMatrixRMaj> weights = new ArrayList<>();
    int at = 0;
    for (Model.Parameter p : model.parameters()) {
      int end = at + (int) p.size();
      weights.add(new DMatrixRMaj(p.rows(), p.cols(), true, Arrays.copyOfRange(theta, at, end)));
      at = end;
    }
    return new Chain(weights);
  }

  /** Number of layers n. */
  int depth() {
    return weights.size();
  }

  /** {@code W_j}, counted from 1. */
  DMatrixRMaj layer(int j) {
    return weights.get(j - 1);
  }

  /** {@code W_to ... W_from}, the identity where {@code to < from}. */
  DMatrixRMaj product(int to, int from) {
    if (to < from) {
      return CommonOps_DDRM.identity(
          from <= depth() ? layer(from).numCols : layer(depth()).numRows);
    }
    DMatrixRMaj product = layer(from).copy();
    for (int j = from + 1; j <= to; j++) {
      product = CommonOps_DDRM.mult(layer(j), product, null);
    }
    return product;
  }

  /** {@code W_n ... W_1 [d_n x d_0]}. */
  DMatrixRMaj endToEnd() {
    return product(depth(), 1);
  }

  /**
   * The gradient of {@code phi(W_n ... W_1)}: {@code W_{n:j+1}^T grad phi W_{j-1:1}^T} by layer.
   *
   * @param slope {@code grad phi [d_n x d_0]} at the end-to-end matrix
   */
  Chain gradient(DMatrixRMaj slope) {
    List<DMatrixRMaj> gradient = new ArrayList<>();
    for (int j = 1; j <= depth(); j++) {
      DMatrixRMaj left = CommonOps_DDRM.multTransA(product(depth(), j + 1), slope, null);
      gradient.add(CommonOps_DDRM.multTransB(left, product(j - 1, 1), null));
    }
    return new Chain(gradient);
  }

  /**
   * (12): {@code u^T H u} of {@code phi(W_n ... W_1)} for {@code phi(W) = ||W - Lambda||_F^2 / 2},
   * written out: {@code ||D_1||_F^2 + 2 <grad phi, D_2>} with {@code D_1 = sum_j W_{n:j+1} U_j
   * W_{j-1:1}} and {@code D_2 = sum_{j<j'} W_{n:j'+1} U_j' W_{j'-1:j+1} U_j W_{j-1:1}}.
   *
   * @param u a direction, by layer
   */
  double secondOrder(Chain u, DMatrixRMaj slope) {
    DMatrixRMaj first = new DMatrixRMaj(slope.numRows, slope.numCols);
    DMatrixRMaj second = new DMatrixRMaj(slope.numRows, slope.numCols);
    for (int j = 1; j <= depth(); j++) {
      DMatrixRMaj moved = CommonOps_DDRM.mult(u.layer(j), product(j - 1, 1), null);
      CommonOps_DDRM.addEquals(first, CommonOps_DDRM.mult(product(depth(), j + 1), moved, null));
      for (int k = j + 1; k <= depth(); k++) {
        DMatrixRMaj twice = CommonOps_DDRM.mult(product(k - 1, j + 1), moved, null);
        twice = CommonOps_DDRM.mult(u.layer(k), twice, null);
        CommonOps_DDRM.addEquals(second, CommonOps_DDRM.mult(product(depth(), k + 1), twice, null));
      }
    }
    return inner(first, first) + 2 * inner(slope, second);
  }

  /** {@code <A, B> = trace(A^T B)}. */
  static double inner(DMatrixRMaj a, DMatrixRMaj b) {
    return VectorVectorMult_DDRM.innerProd(a, b);
  }

  /** Matrices of the same shapes from other weights, row by row. */
  Chain with(double[] theta) {
    List<DMatrixRMaj> other = new ArrayList<>();
    int at = 0;
    for (DMatrixRMaj w : weights) {
      int end = at + w.getNumElements();
      other.add(new DMatrixRMaj(w.numRows, w.numCols, true, Arrays.copyOfRange(theta, at, end)));
      at = end;
    }
    return new Chain(other);
  }

  /** Theta: all weights, one after the other, row by row. */
  double[] theta() {
    double[] theta = new double[weights.stream().mapToInt(DMatrixRMaj::getNumElements).sum()];
    int at = 0;
    for (DMatrixRMaj w : weights) {
      System.arraycopy(w.data, 0, theta, at, w.getNumElements());
      at += w.getNumElements();
    }
    return theta;
  }

  /** Frobenius norms of the layers. */
  double[] norms() {
    return weights.stream().mapToDouble(NormOps_DDRM::normF).toArray();
  }
}
