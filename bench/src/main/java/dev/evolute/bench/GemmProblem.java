package dev.evolute.bench;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Precision;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * {@code C = op(A) op(B)} with {@code C [m x n]} and inner size k, all operands dense and 64-byte
 * aligned off the heap; or a batch of such products, one after the other in memory.
 */
public abstract class GemmProblem extends DuelProblem {
  private static final Pattern SHAPE =
      Pattern.compile(
          "(?:(F32_SPLIT6|F32_SPLIT3|BF16) )?(?:(\\d+)\\*)?(\\d+)x(\\d+)x(\\d+) ([nt])([nt])");

  /**
   * {@code m x n x k} as BLAS has it, then n or t for A and for B, before them the size of a batch,
   * and before that how f32 is split on a matrix unit, as in {@code F32_SPLIT6 64x64x64 nn}. The
   * last three are the products of a layer with weights {@code [50 x 784]} on 1000 samples:
   * forward, a thin inner size, weight gradient.
   */
  @Param({
    "64x64x64 nn",
    "256x256x256 nn",
    "1024x1024x1024 nn",
    "64*128x128x64 nn",
    "1000x50x784 nt",
    "1000x784x50 nt",
    "50x784x1000 tn"
  })
  public String shape;

  /** What our products may trade; peers do theirs in f32. */
  Precision precision;

  int batch;
  int m;
  int n;
  int k;
  boolean transposeA;
  boolean transposeB;

  /** All A, one after the other; likewise B and C. */
  Buffer aMemory;

  Buffer bMemory;
  Buffer cMemory;
  private double gflop;

  @Override
  final void prepare() {
    Matcher parts = SHAPE.matcher(shape);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "shape: '" + shape + "' given, '64x64x64 nn' is how one reads");
    }
    precision =
        switch (parts.group(1)) {
          case null -> Precision.F32;
          case "F32_SPLIT6" -> Precision.BF16X6;
          case "F32_SPLIT3" -> Precision.BF16X3;
          default -> Precision.BF16;
        };
    batch = parts.group(2) == null ? 1 : Integer.parseInt(parts.group(2));
    m = Integer.parseInt(parts.group(3));
    n = Integer.parseInt(parts.group(4));
    k = Integer.parseInt(parts.group(5));
    transposeA = parts.group(6).equals("t");
    transposeB = parts.group(7).equals("t");
    gflop = 2e-9 * batch * m * n * k;
    aMemory = random((long) batch * m * k, 1);
    bMemory = random((long) batch * k * n, 2);
    cMemory = zeros((long) batch * m * n);
    prepareProduct();
    product();
    Agreement.requireProduct(this);
  }

  /** Binds the library, and copies the operands where it cannot use them in place. */
  abstract void prepareProduct();

  /** {@code C = op(A) op(B)}, for each of a batch. */
  abstract void product();

  /** All C. */
  double[] result() {
    return cMemory.toArray();
  }

  /** {@code op(A) [m x k]} at the start of a buffer, a transposed view where the shape says so. */
  final Matrix a(Buffer memory) {
    return transposeA ? Matrix.of(memory, k, m).t() : Matrix.of(memory, m, k);
  }

  /** {@code op(B) [k x n]}, likewise. */
  final Matrix b(Buffer memory) {
    return transposeB ? Matrix.of(memory, n, k).t() : Matrix.of(memory, k, n);
  }

  @Override
  final boolean choose(String what) {
    shape = what;
    return true;
  }

  @Override
  public final void call() {
    product();
  }

  @Override
  public final double work() {
    return gflop;
  }

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
