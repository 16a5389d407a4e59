package dev.evolute.bench;

import dev.evolute.bench.duel.Solver;
import dev.evolute.spectral.CounterRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * What finds eigenvalues with the products of PyTorch: double backward through a gradient whose
 * graph was recorded once and is retained, by as many threads as are fastest, of one and all.
 */
abstract class PyTorchSolver extends PyTorchProblem implements Solver {
  private static final int TRIALS = 5;

  private TensorVector gradient;
  private TensorVector v;

  @Override
  final void prepareTensors() {
    gradient = network.gradient(true);
    v = network.parts(direction());
    double all = trial(threads);
    if (threads > 1 && all < trial(1)) {
      trial(threads);
    }
  }

  /** The time of a product with so many threads, and to those it is set afterwards. */
  private double trial(int count) {
    torch.set_num_threads(count);
    openblas.blas_set_num_threads(count);
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < TRIALS; i++) {
      long start = System.nanoTime();
      call();
      least = Math.min(least, System.nanoTime() - start);
    }
    return least;
  }

  @Override
  final TensorVector derivative() {
    return network.hessian(gradient, v);
  }

  /** {@code H x}, both in one vector. */
  final Tensor product(Tensor x) {
    return network.joined(network.hessian(gradient, network.parts(x)));
  }

  /** {@code ||H x - value x||} for x of unit norm. */
  final double residual(Tensor x, double value) {
    try (PointerScope scope = new PointerScope()) {
      Tensor difference = product(x).sub(x.mul(scalar(value)));
      scope.attach(difference);
      return norm(difference);
    }
  }

  static double norm(Tensor x) {
    return Math.sqrt(x.mul(x).sum().item_double());
  }

  static Scalar scalar(double value) {
    return new Scalar(value);
  }

  /** A random start {@code [P]}. */
  final double[] start(long seed) {
    double[] start = new double[network.size()];
    CounterRandom.fillGaussian(seed, START, 0, start);
    return start;
  }
}
