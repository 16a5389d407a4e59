package dev.evolute.autodiff.graph;

/** One of the three {@link Products}. */
public enum Curvature {
  /** {@code Hess f}. */
  HESSIAN,
  /** {@code G = J^T (Hess l) J}. */
  GAUSS_NEWTON,
  /** {@code R = Hess f - G}. */
  RESIDUAL;

  /** Runs its pass. */
  public void run(Products products) {
    switch (this) {
      case HESSIAN -> products.hessianPass();
      case GAUSS_NEWTON -> products.gaussNewtonPass();
      case RESIDUAL -> products.residualPass();
    }
  }
}
