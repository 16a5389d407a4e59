package dev.evolute.bench;

import dev.evolute.kernels.Buffer;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What BLAS calls level 1, and the matrix-vector product: one or two operations for each element
 * read, so that beyond the caches memory decides.
 *
 * <pre>
 *   dot    &lt;x, y&gt;          axpy   y = alpha x + y
 *   nrm2   ||x||           gemv   y = A x,  A [n / 1000 x 1000];  gemvt  y = A' x
 * </pre>
 */
public abstract class VectorProblem extends DuelProblem {
  /** Columns of the matrix. */
  static final int COLS = 1000;

  private static final int SAMPLES = 17;

  /** With alternating signs, y stays where it was. */
  static final double ALPHA = 1e-3;

  /** The operations, with how many times an element of the first operand is moved. */
  public enum Operation {
    DOT(2),
    AXPY(3),
    NRM2(1),
    GEMV(1),
    GEMVT(1);

    /** Vectors that are read or written in one call. */
    final int moves;

    Operation(int moves) {
      this.moves = moves;
    }
  }

  @Param({"1000", "50000", "16000000"})
  public int length;

  @Param public Operation operation;

  /** Elements {@code [n]}; of the matrix for a matrix-vector product. */
  Buffer x;

  /** Elements {@code [n]}; the shorter vectors of a matrix-vector product at its start. */
  Buffer y;

  Buffer z;

  /** What a reduction returned last. */
  double returned;

  private int calls;

  @Override
  final boolean choose(String what) {
    String[] words = what.split(" ");
    operation = Operation.valueOf(words[0].toUpperCase(Locale.ROOT));
    length = Integer.parseInt(words[1]);
    return true;
  }

  final int rows() {
    return length / COLS;
  }

  @Override
  final void prepare() {
    boolean matrix = operation == Operation.GEMV || operation == Operation.GEMVT;
    x = repeated(length, 1);
    y = repeated(matrix ? Math.max(rows(), COLS) : length, 2);
    z = zeros(matrix ? Math.max(rows(), COLS) : 0);
    prepareOperation();
    calls = 0;
    double[] expected = expected();
    call();
    Agreement.require(operation.name(), dtype, expected, actual());
  }

  /** Binds the library. */
  abstract void prepareOperation();

  /** Alternates, so that y neither grows nor dies out. */
  final double alpha() {
    return (calls++ & 1) == 0 ? ALPHA : -ALPHA;
  }

  /** In double: a sum beside {@code ||x|| ||y||}, to which it is good, or some elements. */
  private double[] expected() {
    switch (operation) {
      case AXPY:
        return sample(length, i -> ALPHA * x.get(i) + y.get(i));
      case GEMV:
        return sample(rows(), i -> sum(COLS, j -> x.get(i * COLS + j) * y.get(j)));
      case GEMVT:
        return sample(COLS, j -> sum(rows(), i -> x.get(i * COLS + j) * y.get(i)));
      case DOT:
        return new double[] {length, product(y)};
      default:
        return new double[] {Math.sqrt(length), Math.sqrt(product(x))};
    }
  }

  private double[] actual() {
    switch (operation) {
      case AXPY:
        return sample(length, y::get);
      case GEMV:
        return sample(rows(), z::get);
      case GEMVT:
        return sample(COLS, z::get);
      default:
        return new double[] {operation == Operation.DOT ? length : Math.sqrt(length), returned};
    }
  }

  /** {@code <x, v>}. */
  private double product(Buffer v) {
    double[] a = new double[COLS];
    double[] b = new double[COLS];
    double sum = 0;
    for (int from = 0; from < length; from += COLS) {
      int count = Math.min(COLS, length - from);
      x.read(from, a, 0, count);
      v.read(from, b, 0, count);
      for (int i = 0; i < count; i++) {
        sum += a[i] * b[i];
      }
    }
    return sum;
  }

  private static double sum(int count, IntToDoubleFunction term) {
    return IntStream.range(0, count).mapToDouble(term).sum();
  }

  private static double[] sample(int count, IntToDoubleFunction element) {
    return IntStream.range(0, SAMPLES)
        .mapToDouble(i -> element.applyAsDouble((int) ((long) i * (count - 1) / (SAMPLES - 1))))
        .toArray();
  }

  /** Bytes read and written, without those that a processor reads before it overwrites them. */
  @Override
  public final double work() {
    return 1e-9 * operation.moves * length * dtype.bytes();
  }

  /** Bytes moved, in 10^9: JMH reports it as a rate. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Work {
    public double gbytes;

    void add(VectorProblem problem) {
      gbytes += problem.work();
    }
  }
}
