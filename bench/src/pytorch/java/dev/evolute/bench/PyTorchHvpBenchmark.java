package dev.evolute.bench;

import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.kernels.Buffer;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.TensorVector;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;

/**
 * Measures one Hessian-vector product of the same network in PyTorch, called from Java: double
 * backward through a gradient whose graph was recorded once and is retained.
 *
 * <p>Against: {@link HvpBenchmark}, by the faster of the two BLAS libraries PyTorch can use.
 *
 * <p>What would fool it: what would fool {@link PyTorchGradientBenchmark}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class PyTorchHvpBenchmark extends MlpProblem {
  @Param({"openblas", "mkl"})
  public String blas;

  private TorchMlp torch;
  private TensorVector gradient;
  private TensorVector v;

  @Override
  void prepare() {
    compile(Program.Purpose.CURVATURE);
    Buffer direction = zeros(program.size());
    direction.set(direction());
    Buffer product = zeros(program.size());
    Point.of(program).hessian().apply(direction, product);
    torch = new TorchMlp(this, blas);
    gradient = torch.gradient(true);
    v = torch.layers(direction());
    torch.require(product.toArray(), torch.hvp(gradient, v));
  }

  @Benchmark
  public void hvp() {
    try (PointerScope scope = new PointerScope()) {
      scope.attach(torch.hvp(gradient, v));
    }
  }
}
