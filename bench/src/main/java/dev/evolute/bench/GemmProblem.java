package dev.evolute.bench;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * {@code C = op(A) op(B)} with {@code C [m x n]} and inner size k, all operands dense and 64-byte
 * aligned off the heap. The grid of shapes stands here, once, for us and for every peer.
 */
public abstract class GemmProblem extends Measured {
  /**
   * {@code m x n x k} as BLAS has it, then n or t for A and for B. The last three are the products
   * of a layer with weights {@code [50 x 784]} on 1000 samples: forward, a thin inner size, weight
   * gradient.
   */
  @Param({
    "64x64x64 nn",
    "256x256x256 nn",
    "1024x1024x1024 nn",
    "1000x50x784 nt",
    "1000x784x50 nt",
    "50x784x1000 tn"
  })
  public String shape;

  int m;
  int n;
  int k;
  boolean transposeA;
  boolean transposeB;
  Buffer aMemory;
  Buffer bMemory;
  Buffer cMemory;

  /** {@code [m x k]}, a transposed view where the shape says so. */
  Matrix a;

  /** {@code [k x n]}, likewise. */
  Matrix b;

  Matrix c;
  private double gflop;

  @Override
  final void prepare() {
    String[] parts = shape.split("[x ]");
    m = Integer.parseInt(parts[0]);
    n = Integer.parseInt(parts[1]);
    k = Integer.parseInt(parts[2]);
    transposeA = parts[3].charAt(0) == 't';
    transposeB = parts[3].charAt(1) == 't';
    gflop = 2e-9 * m * n * k;
    aMemory = random((long) m * k, 1);
    bMemory = random((long) k * n, 2);
    cMemory = zeros((long) m * n);
    a = transposeA ? Matrix.of(aMemory, k, m).t() : Matrix.of(aMemory, m, k);
    b = transposeB ? Matrix.of(bMemory, n, k).t() : Matrix.of(bMemory, k, n);
    c = Matrix.of(cMemory, m, n);
    prepareProduct();
  }

  /** Packs, or binds the library. */
  abstract void prepareProduct();

  /** Products done, in 10^9 floating-point operations: JMH reports it as a rate, in GFLOP/s. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Work {
    public double gflop;

    void add(GemmProblem problem) {
      gflop += problem.gflop;
    }
  }
}
