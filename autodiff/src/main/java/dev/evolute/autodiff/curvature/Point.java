package dev.evolute.autodiff.curvature;

import dev.evolute.autodiff.graph.Program;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.LinearOperator;

/**
 * The loss f at the theta a program had when the point was made. Everything primal is computed once
 * and kept in the program; each product after that runs tangents only. The point ends with the next
 * pass of the program or the next data set on it; until then theta must stay as it is.
 */
public final class Point {
  private final Program program;
  private final long serial;
  private final double loss;

  private Point(Program program) {
    this.program = program;
    program.keep();
    serial = program.moves();
    loss = program.loss();
  }

  /**
   * Makes the point at the program's present theta: one forward and one reverse pass.
   *
   * @throws IllegalStateException if the program was compiled for training only
   */
  public static Point of(Program program) {
    return new Point(program);
  }

  /** f(theta). */
  public double loss() {
    return loss;
  }

  /** {@code grad f(theta) [P]}, a buffer of the program. */
  public Buffer gradient() {
    current();
    return program.gradient();
  }

  /** {@code v -> Hess f(theta) v}, exact (Pearlmutter's R-operator). */
  public LinearOperator hessian() {
    return new Product(program::hessianPass);
  }

  /**
   * {@code v -> J^T (Hess l) J v}: the Hessian without the curvature of the network itself,
   * positive semidefinite for convex losses l.
   */
  public LinearOperator gaussNewton() {
    return new Product(program::gaussNewtonPass);
  }

  private void current() {
    if (program.moves() != serial) {
      throw new IllegalStateException(
          "point: the program has moved on to another point; make a new Point there");
    }
  }

  private final class Product implements LinearOperator {
    private final Runnable pass;

    Product(Runnable pass) {
      this.pass = pass;
    }

    @Override
    public long size() {
      return program.size();
    }

    @Override
    public Device device() {
      return program.device();
    }

    @Override
    public DType dtype() {
      return program.dtype();
    }

    @Override
    public void apply(Buffer x, Buffer y) {
      current();
      program.kernels().copy(x, program.tangent());
      pass.run();
      program.kernels().copy(program.product(), y);
    }
  }
}
