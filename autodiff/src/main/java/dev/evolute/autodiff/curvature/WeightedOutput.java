package dev.evolute.autodiff.curvature;

import dev.evolute.autodiff.graph.Functional;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.LinearOperator;

/**
 * {@code phi(theta) = <u, f(theta; X)>} for a network's output {@code f [n x c]} and weights {@code
 * u [n c]}: with one weight 1 and the others 0 the output itself for one sample (the predictor of
 * paper 001), with {@code u = dl/df} the loss to first order. Holds a cotangent for each value of
 * the network, to be closed.
 */
public final class WeightedOutput implements AutoCloseable {
  private final Point point;
  private final Program program;
  private final Functional functional;
  private final int samples;

  WeightedOutput(Predictor predictor, Buffer u) {
    point = predictor.point();
    program = point.program();
    samples = predictor.output().shape().rows();
    functional = program.functional(predictor.output());
    try {
      weigh(u);
    } catch (RuntimeException e) {
      functional.close();
      throw e;
    }
  }

  /** Takes other weights: one reverse pass. */
  public void weigh(Buffer u) {
    point.current();
    program.kernels().copy(u, functional.weights());
    functional.keep();
  }

  /** {@code v -> sum_k u_k (Hess f_k) v}, of dimension P. */
  public LinearOperator hessian() {
    return new PointOperator(
        point,
        program.size(),
        (x, y) -> {
          program.kernels().copy(x, program.tangent());
          functional.hessianPass();
          program.kernels().copy(program.product(), y);
        });
  }

  /** {@code y = J^T u [P]}, the sum of the gradients of all samples. */
  public void gradient(Buffer y) {
    point.current();
    functional.gradientPass();
    program.kernels().copy(program.product(), y);
  }

  /** {@code y = J^T u / n [P]}, the mean of the gradients of the n samples. */
  public void meanGradient(Buffer y) {
    gradient(y);
    program.kernels().axpby(1.0 / samples, y, 0, y);
  }

  /**
   * The gradients of single samples, {@code grad <u_i, f(theta; x_i)>} for {@code i = from, from +
   * 1, ...}, as many as {@code gradients} has rows; so memory is bounded by taking them block by
   * block. In a network of row-wise operations they are outer products of what is kept, with no
   * pass at all; otherwise each is a reverse pass.
   *
   * @param gradients {@code [samples x P]}, dense, written
   */
  public void sampleGradients(int from, Matrix gradients) {
    point.current();
    if (from < 0 || gradients.rows() > samples - from || gradients.cols() != program.size()) {
      throw new IllegalArgumentException(
          "sample gradients: "
              + gradients
              + " from sample "
              + from
              + " on; there are "
              + samples
              + " samples with "
              + program.size()
              + " parameters");
    }
    if (!gradients.dense()) {
      throw new IllegalArgumentException(
          "sample gradients: " + gradients + " is not dense; take a matrix without stride");
    }
    functional.rowGradients(from, gradients);
  }

  /** Frees the cotangents. */
  @Override
  public void close() {
    functional.close();
  }
}
