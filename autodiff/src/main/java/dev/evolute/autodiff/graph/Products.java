package dev.evolute.autodiff.graph;

/**
 * Products with second derivatives at a kept point: v is written to {@link Objective#tangent()},
 * the result read from {@link Objective#product()}. For the loss {@code f = l(z(theta))}, J the
 * Jacobian of the values z that its terms are given,
 *
 * <pre>
 *   Hess f = J^T (Hess l) J + sum_k (dl/dz_k) Hess z_k = Gauss-Newton + residual part
 * </pre>
 *
 * Every term of the loss counts with its full Hessian, a penalty too.
 */
public interface Products {
  /** {@code (Hess f) v}. */
  void hessianPass();

  /** {@code J^T (Hess l) J v}. */
  void gaussNewtonPass();

  /**
   * {@code sum_k (dl/dz_k) (Hess z_k) v}, by a reverse pass of its own: where the Hessian is almost
   * the Gauss-Newton matrix, the difference of two products would be rounding.
   */
  void residualPass();
}
