package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Operands for one device and element type, all cut from one buffer at random, unaligned offsets.
 * Guards stand around them and between the rows of strided matrices: NaN in every other case, so
 * that reading one shows in a result, else a number, so that computing on one shows in the guard.
 */
public final class Workspace {
  private static final int CAPACITY = 1 << 21;
  private static final int GUARDS = 16;

  final Device device;
  final DType dtype;
  final Kernels kernels;

  /** Whether the device is slow: fewer cases and smaller ones then. */
  final boolean brief;

  /** Unit roundoff of {@link #dtype}. */
  final double eps;

  /** Unit roundoff of fp64. */
  static final double EPS64 = 0x1p-53;

  private final Buffer memory;
  private final double[] written = new double[CAPACITY];
  private final Map<Buffer, Integer> offsets = new IdentityHashMap<>();
  private final List<AutoCloseable> owned = new ArrayList<>();
  private Random random;
  private double guard;
  private int used;

  Workspace(Device device, DType dtype) {
    this(device, dtype, false);
  }

  Workspace(Device device, DType dtype, boolean brief) {
    this.brief = brief;
    this.device = device;
    this.dtype = dtype;
    this.kernels = device.kernels(dtype);
    this.eps = dtype == DType.F32 ? 0x1p-24 : EPS64;
    this.memory = device.allocate(dtype, CAPACITY);
    start(0);
  }

  void free() {
    start(0);
    memory.close();
  }

  /** How many of that many random cases are tried. */
  int cases(int all) {
    return brief ? Math.ceilDiv(all, 10) : all;
  }

  /** The lengths that are tried: on a slow device some of the short and none of the long ones. */
  int[] lengths(int... all) {
    return Arrays.stream(all)
        .filter(n -> !brief || n < 5000 && (n < 8 || n > 200 || n % 16 < 2))
        .toArray();
  }

  /** The shapes that are tried: on a slow device none with many elements or multiplications. */
  int[][] shapes(int[]... all) {
    return Arrays.stream(all)
        .filter(s -> !brief || Arrays.stream(s).asLongStream().reduce(1, (a, b) -> a * b) < most(s))
        .toArray(int[][]::new);
  }

  private static long most(int[] shape) {
    return shape.length < 3 ? 10_000 : 200_000;
  }

  /** Closed when the next operands are taken. */
  <T extends AutoCloseable> T own(T resource) {
    owned.add(resource);
    return resource;
  }

  /** A new fp64 scalar for a result. */
  Buffer scalar() {
    return own(device.allocate(DType.F64, 1));
  }

  /** What a kernel gives on fresh operands. */
  double[] evaluate(long seed, Function<Workspace, KernelCalls.Prepared> call) {
    start(seed);
    KernelCalls.Prepared prepared = call.apply(this);
    prepared.run().run();
    return prepared.values();
  }

  @Override
  public String toString() {
    return device.name() + " x" + device.threads() + " " + dtype;
  }

  /** Forgets all operands and seeds what follows. */
  void start(long seed) {
    random = new Random(seed);
    guard = seed % 2 == 0 ? Double.NaN : 12345.5;
    for (AutoCloseable resource : owned) {
      try {
        resource.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    owned.clear();
    offsets.clear();
    used = 0;
  }

  /** An integer in {@code [0, most]}. */
  int upTo(int most) {
    return random.nextInt(most + 1);
  }

  boolean coin() {
    return random.nextBoolean();
  }

  /** A scalar factor: 0, 1, -1 or any number. */
  double factor() {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> 1;
      case 2 -> -1;
      default -> round(random.nextGaussian());
    };
  }

  /** The nearest number of this type. */
  double round(double value) {
    return dtype == DType.F32 ? (float) value : value;
  }

  /** Gaussian numbers of this type. */
  double[] gaussians(int n) {
    // Millions of them are drawn, which from Random takes half of the time of some tests.
    SplittableRandom fast = new SplittableRandom(random.nextLong());
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = round(fast.nextGaussian());
    }
    return values;
  }

  /** A new vector with these values, rounded to this type. */
  Buffer vector(double... values) {
    int from = used + 1 + random.nextInt(GUARDS);
    int end = from + values.length + GUARDS;
    for (int i = used; i < end; i++) {
      boolean inside = i >= from && i < from + values.length;
      written[i] = round(inside ? values[i - from] : guard);
    }
    memory.write(used, written, used, end - used);
    used = end;
    Buffer vector = memory.view(from, values.length);
    offsets.put(vector, from);
    return vector;
  }

  /** A new dense matrix with these values row by row. */
  Matrix dense(int rows, int cols, double... values) {
    return matrix(rows, cols, 0, false, values);
  }

  /** A new matrix with these values row by row and {@code gap} guards between its stored rows. */
  Matrix matrix(int rows, int cols, int gap, boolean transposed, double... values) {
    int storedRows = transposed ? cols : rows;
    int storedCols = transposed ? rows : cols;
    int stride = storedCols + gap;
    boolean empty = rows == 0 || cols == 0;
    double[] stored = new double[empty ? 0 : (storedRows - 1) * stride + storedCols];
    Arrays.fill(stored, guard);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        stored[transposed ? j * stride + i : i * stride + j] = values[i * cols + j];
      }
    }
    Matrix matrix = Matrix.of(vector(stored), storedRows, storedCols, stride);
    return transposed ? matrix.t() : matrix;
  }

  /** The elements of a matrix row by row. */
  static double[] values(Matrix x) {
    double[] stored = x.buffer().toArray();
    double[] values = new double[x.rows() * x.cols()];
    for (int i = 0; i < x.rows(); i++) {
      for (int j = 0; j < x.cols(); j++) {
        values[i * x.cols() + j] = stored[position(x, i, j)];
      }
    }
    return values;
  }

  private static int position(Matrix x, int i, int j) {
    return x.transposed() ? j * x.stride() + i : i * x.stride() + j;
  }

  /** Everything but the elements of the given outputs is as it was written: inputs and guards. */
  void nothingChangedBut(String what, Object... outputs) {
    BitSet open = new BitSet(used);
    for (Object output : outputs) {
      if (output instanceof Matrix x) {
        int from = offsets.get(x.buffer());
        for (int i = 0; i < x.rows(); i++) {
          for (int j = 0; j < x.cols(); j++) {
            open.set(from + position(x, i, j));
          }
        }
      } else if (output instanceof Buffer x) {
        int from = offsets.get(x);
        open.set(from, from + (int) x.length());
      }
    }
    double[] now = new double[used];
    memory.read(0, now, 0, used);
    for (int i = 0; i < used; i++) {
      if (!open.get(i) && Double.doubleToLongBits(now[i]) != Double.doubleToLongBits(written[i])) {
        fail(
            what
                + ": element "
                + i
                + " beside the output was "
                + written[i]
                + ", now "
                + now[i]
                + "; operands start at "
                + offsets.values());
      }
    }
  }
}
