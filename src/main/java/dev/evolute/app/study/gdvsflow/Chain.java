package dev.evolute.app.study.gdvsflow;

import dev.evolute.autodiff.nn.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;

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
