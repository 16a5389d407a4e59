package dev.evolute.autodiff.curvature;

import dev.evolute.autodiff.graph.Block;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.graph.Products;
import dev.evolute.spectral.LinearOperator;

/**
 * The second derivatives of the loss in some of its parameters, the others held fixed: the block
 * {@code (i, i)} of each matrix of a {@link Point}, for example of one layer. Tangents start at its
 * parameters and cotangents end there, so that what lies before them costs nothing.
 */
public final class DiagonalBlock implements AutoCloseable {
  private final Point point;
  private final Block block;
  private final Products products;
  private final Section tangent;
  private final Section product;

  DiagonalBlock(Point point, Block block) {
    this.point = point;
    this.block = block;
    Objective objective = point.objective();
    products = objective.restrict(block, block);
    tangent = new Section(objective, block, objective.tangent());
    product = new Section(objective, block, objective.product());
  }

  /** {@code v -> (Hess f)_ii v}, of the block's size. */
  public LinearOperator hessian() {
    return operator(products::hessianPass);
  }

  /** {@code v -> G_ii v}. */
  public LinearOperator gaussNewton() {
    return operator(products::gaussNewtonPass);
  }

  /** {@code v -> R_ii v}. */
  public LinearOperator residualPart() {
    return operator(products::residualPass);
  }

  private LinearOperator operator(Runnable pass) {
    return new PointOperator(
        point,
        block.size(),
        (x, y) -> {
          tangent.scatter(x);
          pass.run();
          product.gather(y);
        });
  }

  /** Frees what a block of several ranges is gathered in. */
  @Override
  public void close() {
    tangent.close();
    product.close();
  }
}
