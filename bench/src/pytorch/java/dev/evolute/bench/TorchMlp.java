package dev.evolute.bench;

import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The network of {@link MlpProblem} in PyTorch's C++ library, with the same data and theta. */
final class TorchMlp {
  private final MlpProblem problem;
  private final Tensor x;
  private final Tensor y;
  private final TensorVector weights;
  private final Scalar scale = new Scalar(1.0 / MlpProblem.SAMPLES);

  /**
   * @param problem compiled, with its data in place
   * @param blas the library PyTorch multiplies with: {@code openblas} or {@code mkl}
   */
  TorchMlp(MlpProblem problem, String blas) {
    this.problem = problem;
    // Read when PyTorch is loaded, which is once in a JVM.
    System.setProperty("org.bytedeco.openblas.load", blas);
    torch.set_num_threads(problem.threads);
    // PyTorch's own setting does not reach the BLAS below it: with one thread asked for, that took
    // two.
    openblas.blas_set_num_threads(problem.threads);
    x = tensor(problem.samples, 0, MlpProblem.SAMPLES, MlpProblem.inputs());
    y = tensor(problem.targets, 0, MlpProblem.SAMPLES, MlpProblem.outputs());
    weights = layers(problem.program.theta().toArray());
    for (long j = 0; j < weights.size(); j++) {
      weights.get(j).requires_grad_(true);
    }
  }

  /** The slices of a flat vector in the layout of theta. */
  TensorVector layers(double[] flat) {
    TensorVector layers = new TensorVector();
    int from = 0;
    for (int j = 1; j <= MlpProblem.layers(); j++) {
      int rows = MlpProblem.width(j);
      int cols = MlpProblem.width(j - 1);
      layers.push_back(tensor(flat, from, rows, cols));
      from += rows * cols;
    }
    return layers;
  }

  private Tensor tensor(double[] flat, int from, int rows, int cols) {
    double[] part = new double[rows * cols];
    System.arraycopy(flat, from, part, 0, part.length);
    Tensor tensor = Tensor.create(part, rows, cols);
    return tensor.to(problem.dtype == DType.F32 ? ScalarType.Float : ScalarType.Double);
  }

  /** One forward and one reverse pass; differentiable itself where that is asked for. */
  TensorVector gradient(boolean differentiable) {
    Tensor h = x;
    for (long j = 0; j < weights.size(); j++) {
      h = h.matmul(weights.get(j).t());
      if (j < weights.size() - 1 && problem.activation == Activation.Kind.RELU) {
        h = h.relu();
      }
    }
    Tensor loss = h.sub(y).square().sum().mul(scale);
    return torch.grad(
        new TensorVector(loss),
        weights,
        new TensorVector(),
        new BoolOptional(differentiable),
        differentiable,
        false);
  }

  /** The Hessian times v from a differentiable gradient, whose graph is retained. */
  TensorVector hvp(TensorVector gradient, TensorVector v) {
    return torch.grad(gradient, weights, v, new BoolOptional(true), false, false);
  }

  /**
   * @throws IllegalStateException if a result of PyTorch's is not ours
   */
  void require(double[] ours, TensorVector theirs) {
    double[] flat = new double[ours.length];
    int from = 0;
    for (long j = 0; j < theirs.size(); j++) {
      Tensor part = theirs.get(j).to(ScalarType.Double).contiguous();
      DoublePointer values = part.data_ptr_double();
      values.get(flat, from, (int) part.numel());
      from += (int) part.numel();
    }
    Agreement.require("PyTorch", problem.dtype, ours, flat);
  }
}
