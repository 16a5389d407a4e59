package dev.evolute.app.study.gdvsflow;

import dev.evolute.autodiff.nn.Model;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * What gradient flow conserves (paper 002, section 5 and appendix G): for linear networks all
 * {@code W_{j+1}^T W_{j+1} - W_j W_j^T}, for homogeneous ones {@code ||W_{j+1}||_F^2 -
 * ||W_j||_F^2}.
 */
final class Balance {
  private Balance() {}

  /** The conserved quantities of a linear network at theta, one after the other. */
  static double[] matrices(Model model, double[] theta) {
    List<DMatrixRMaj> w = Chain.of(model, theta).weights();
    double[] all = {};
    for (int j = 0; j + 1 < w.size(); j++) {
      DMatrixRMaj difference = CommonOps_DDRM.multTransA(w.get(j + 1), w.get(j + 1), null);
      CommonOps_DDRM.multAddTransB(-1, w.get(j), w.get(j), difference);
      int at = all.length;
      all = Arrays.copyOf(all, at + difference.data.length);
      System.arraycopy(difference.data, 0, all, at, difference.data.length);
    }
    return all;
  }

  /** The conserved quantities of a homogeneous network without biases at theta. */
  static double[] norms(Model model, double[] theta) {
    double[] squares = model.parameters().stream().mapToDouble(p -> 0).toArray();
    int at = 0;
    for (int j = 0; j < squares.length; j++) {
      long end = at + model.parameters().get(j).size();
      for (; at < end; at++) {
        squares[j] += theta[at] * theta[at];
      }
    }
    double[] all = new double[squares.length - 1];
    for (int j = 0; j < all.length; j++) {
      all[j] = squares[j + 1] - squares[j];
    }
    return all;
  }

  /** Those that the flow conserves for this network; none if the theory does not cover it. */
  static double[] of(Network network, Model model, double[] theta) {
    return switch (network) {
      case LINEAR -> matrices(model, theta);
      case RELU, CONV_ADAPTED -> norms(model, theta);
      case CONV -> new double[0];
    };
  }
}
