package dev.evolute.app.study.twolayer;

import dev.evolute.app.study.Dense;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.BinaryCrossEntropy;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;

/**
 * The curvature of the loss along its gradient by Hessian-vector products of a recorded network,
 * which knows nothing of the closed forms it is held against.
 */
final class HessianCheck implements AutoCloseable {
  private final Program program;
  private final Value x;
  private final Value y;
  private final Buffer hg;

  /**
   * A network for problems of one shape.
   *
   * @param shape a problem of that shape, kind and penalty
   * @param width of the weights
   */
  HessianCheck(Device device, Problem shape, int width) {
    Graph graph = new Graph();
    x = graph.data("x", shape.samples(), shape.n());
    y = graph.data("y", shape.samples(), shape.m());
    Value w1 = graph.parameter("W1", shape.n(), width);
    Value w2 = graph.parameter("W2", shape.m(), width);
    Value w = graph.apply(MatMul.LAYER, w1, w2);
    Value z = graph.apply(new MatMul(false, false), x, w);
    switch (shape.kind()) {
      case SQUARED -> graph.loss(SquaredError.halfSum(), z, y);
      case LOGISTIC -> graph.loss(BinaryCrossEntropy.sum(), z, y);
      case SOFTMAX -> graph.loss(SoftmaxCrossEntropy.sum(), z, y);
    }
    if (shape.penalty() > 0) {
      // Data start at zero.
      Value zero = graph.data("zero", shape.n(), shape.m());
      graph.loss(new SquaredError(0.5 * shape.penalty()), w, zero);
    }
    program = Program.compile(graph, device, DType.F64, Program.Purpose.CURVATURE);
    hg = device.allocate(DType.F64, program.size());
  }

  /**
   * {@code <g, H g> / <g, g>} at {@code theta - eta share g} for each share, g the gradient at
   * theta.
   */
  double[] along(Problem problem, double[] theta, double eta, double... shares) {
    program.set(x, problem.x());
    program.set(y, problem.y());
    program.theta().set(theta);
    program.gradientPass();
    double[] g = program.gradient().toArray();
    double square = Dense.dot(g, 0, g, 0, g.length);
    double[] curvature = new double[shares.length];
    try (Buffer direction = program.device().allocate(DType.F64, g.length)) {
      direction.set(g);
      for (int i = 0; i < shares.length; i++) {
        double[] moved = theta.clone();
        for (int j = 0; j < moved.length; j++) {
          moved[j] -= eta * shares[i] * g[j];
        }
        program.theta().set(moved);
        Point.of(program).hessian().apply(direction, hg);
        curvature[i] = program.kernels().dot(direction, hg) / square;
      }
    }
    return curvature;
  }

  @Override
  public void close() {
    hg.close();
    program.close();
  }
}
