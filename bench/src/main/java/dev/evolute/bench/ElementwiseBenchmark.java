package dev.evolute.bench;

import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Matrix;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Measures the kernels that touch each element a few times: vectors, reductions, activations with
 * their derivatives, and softmax cross-entropy; in 10^9 elements a second.
 *
 * <p>Against: each other and the machine. {@link #axpby} reads two elements and writes one with
 * next to no arithmetic, so at the large length it is the memory bandwidth, and the others can be
 * read as fractions of it; at the small length, one activation of 1000 samples x 50 units, all is
 * in the second-level cache and arithmetic decides.
 *
 * <p>What would fool it: pages of the large length that the system backs with small pages in one
 * fork and with huge ones in another; an activation with branches would depend on the data, which
 * are standard normal here, as they are in a network at its start.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class ElementwiseBenchmark extends Measured {
  private static final int CLASSES = 10;

  @Param({"50000", "5000000"})
  public int length;

  private Buffer x;
  private Buffer y;
  private Buffer value;
  private Buffer first;
  private Buffer second;
  private Buffer loss;
  private Matrix logits;
  private Matrix targets;
  private Matrix probabilities;

  @Override
  void prepare() {
    x = random(length, 1);
    y = random(length, 2);
    value = zeros(length);
    first = zeros(length);
    second = zeros(length);
    loss = own(device.allocate(DType.F64, 1));
    int rows = length / CLASSES;
    Buffer uniform = zeros(length);
    kernels.fill(1.0 / CLASSES, uniform);
    logits = Matrix.of(x, rows, CLASSES);
    targets = Matrix.of(uniform, rows, CLASSES);
    probabilities = Matrix.of(value, rows, CLASSES);
  }

  /** Elements done, in 10^9: JMH reports it as a rate. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Work {
    public double gelements;

    void add(int elements) {
      gelements += 1e-9 * elements;
    }
  }

  /** {@code y = 1.5 x + 0.5 y}, which settles at {@code 3 x} and neither grows nor dies out. */
  @Benchmark
  public void axpby(Work work) {
    kernels.axpby(1.5, x, 0.5, y);
    work.add(length);
  }

  @Benchmark
  public void mul(Work work) {
    kernels.mul(x, y, 0, value);
    work.add(length);
  }

  @Benchmark
  public double dot(Work work) {
    work.add(length);
    return kernels.dot(x, y);
  }

  /** Value and first derivative: the forward pass of a training step. */
  @Benchmark
  public void tanh(Work work) {
    kernels.activation(Activation.TANH, x, value, first, null);
    work.add(length);
  }

  /** Value and both derivatives: a point that is kept for Hessian-vector products. */
  @Benchmark
  public void tanhSecond(Work work) {
    kernels.activation(Activation.TANH, x, value, first, second);
    work.add(length);
  }

  /** As {@link #tanh}. */
  @Benchmark
  public void gelu(Work work) {
    kernels.activation(Activation.GELU, x, value, first, null);
    work.add(length);
  }

  /** As {@link #tanhSecond}. */
  @Benchmark
  public void geluSecond(Work work) {
    kernels.activation(Activation.GELU, x, value, first, second);
    work.add(length);
  }

  /** Ten classes: rows much shorter than the vectors of a wide machine. */
  @Benchmark
  public void softmaxCrossEntropy(Work work) {
    kernels.softmaxCrossEntropy(1, logits, targets, probabilities, loss);
    work.add(length);
  }
}
