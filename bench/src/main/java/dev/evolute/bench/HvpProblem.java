package dev.evolute.bench;

import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.kernels.Buffer;
import dev.evolute.spectral.LinearOperator;

/** One Hessian-vector product at a kept point. */
abstract class HvpProblem extends NetworkProblem {
  LinearOperator hessian;
  Buffer v;
  private Buffer product;

  @Override
  void prepareNetwork() {
    compile(Program.Purpose.CURVATURE);
    hessian = Point.of(program).hessian();
    v = zeros(program.size());
    v.set(direction());
    product = zeros(program.size());
  }

  @Override
  public void call() {
    hessian.apply(v, product);
  }

  @Override
  double[] result() {
    return product.toArray();
  }

  @Override
  public long memory() {
    return program.bytes();
  }
}
