package dev.evolute.autodiff.curvature;

import dev.evolute.autodiff.graph.Block;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.graph.Products;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.function.Consumer;

/**
 * The block {@code (i, j)} of each matrix of a {@link Point}: how the derivatives in the parameters
 * i change along the parameters j. Both blocks may share parameters.
 */
public final class OffDiagonalBlock implements AutoCloseable {
  private final Point point;
  private final Side rows;
  private final Side columns;

  /** One block as what moves and as what is derived for, and the products towards it. */
  private record Side(Block block, Section tangent, Section product, Products towards) {
    static Side of(Objective objective, Block block, Block from) {
      return new Side(
          block,
          new Section(objective, block, objective.tangent()),
          new Section(objective, block, objective.product()),
          objective.restrict(block, from));
    }

    void close() {
      tangent.close();
      product.close();
    }
  }

  OffDiagonalBlock(Point point, Block rows, Block columns) {
    this.point = point;
    this.rows = Side.of(point.objective(), rows, columns);
    this.columns = Side.of(point.objective(), columns, rows);
  }

  /** {@code (Hess f)_ij}; its transpose is {@code (Hess f)_ji}. */
  public LinearMap hessian() {
    return new Map(Products::hessianPass);
  }

  /** {@code G_ij}. */
  public LinearMap gaussNewton() {
    return new Map(Products::gaussNewtonPass);
  }

  /** {@code R_ij}. */
  public LinearMap residualPart() {
    return new Map(Products::residualPass);
  }

  /** Frees what blocks of several ranges are gathered in. */
  @Override
  public void close() {
    rows.close();
    columns.close();
  }

  private final class Map implements LinearMap {
    private final Consumer<Products> pass;

    Map(Consumer<Products> pass) {
      this.pass = pass;
    }

    @Override
    public long rows() {
      return rows.block.size();
    }

    @Override
    public long columns() {
      return columns.block.size();
    }

    @Override
    public Device device() {
      return point.objective().device();
    }

    @Override
    public DType dtype() {
      return point.objective().dtype();
    }

    @Override
    public void apply(Buffer x, Buffer y) {
      run(columns, x, rows, y);
    }

    @Override
    public void applyTransposed(Buffer x, Buffer y) {
      run(rows, x, columns, y);
    }

    private void run(Side from, Buffer x, Side to, Buffer y) {
      point.current();
      from.tangent.scatter(x);
      pass.accept(to.towards);
      to.product.gather(y);
    }
  }
}
