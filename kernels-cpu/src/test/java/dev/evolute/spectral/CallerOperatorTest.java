package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ReadOnlyBufferException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A caller's own product or gradient under the solvers. */
class CallerOperatorTest {
  private static final Device CPU = Device.open("cpu", 1);

  /** Second differences: eigenvalues {@code 2 - 2 cos(k pi / (n + 1))}. */
  private static final int N = 40;

  private static final double LARGEST = 2 - 2 * Math.cos(N * Math.PI / (N + 1));
  private static final double SMALLEST = 2 - 2 * Math.cos(Math.PI / (N + 1));

  private static double product(double left, double middle, double right) {
    return 2 * middle - left - right;
  }

  private static final VectorFunction DOUBLES =
      VectorFunction.onDoubles(
          (x, y) -> {
            for (int i = 0; i < N; i++) {
              y[i] = product(i > 0 ? x[i - 1] : 0, x[i], i < N - 1 ? x[i + 1] : 0);
            }
          });

  private static final VectorFunction FLOATS =
      VectorFunction.onFloats(
          (x, y) -> {
            for (int i = 0; i < N; i++) {
              y[i] = (float) product(i > 0 ? x[i - 1] : 0, x[i], i < N - 1 ? x[i + 1] : 0);
            }
          });

  private static final VectorFunction FLOAT_BUFFERS =
      VectorFunction.onFloatBuffers(
          (x, y) -> {
            for (int i = 0; i < N; i++) {
              double left = i > 0 ? x.get(i - 1) : 0;
              y.put((float) product(left, x.get(i), i < N - 1 ? x.get(i + 1) : 0));
            }
          });

  private static double get(DType dtype, MemorySegment x, long i) {
    if (i < 0 || i >= N) {
      return 0;
    }
    return dtype == DType.F32
        ? x.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i)
        : x.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i);
  }

  private static VectorFunction segments(DType dtype) {
    return VectorFunction.onSegments(
        (x, y) -> {
          for (int i = 0; i < N; i++) {
            double value = product(get(dtype, x, i - 1), get(dtype, x, i), get(dtype, x, i + 1));
            if (dtype == DType.F32) {
              y.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, (float) value);
            } else {
              y.setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i, value);
            }
          }
        });
  }

  private static Map<String, VectorFunction> functions(DType dtype) {
    return dtype == DType.F64
        ? Map.of("doubles", DOUBLES, "segments", segments(dtype))
        : Map.of(
            "doubles", DOUBLES,
            "floats", FLOATS,
            "float buffers", FLOAT_BUFFERS,
            "segments", segments(dtype));
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void solversRunOnEveryKindOfMemory(DType dtype) {
    double rounding = dtype == DType.F32 ? 1e-5 : 1e-13;
    Lanczos.Options options = Lanczos.Options.defaults().withTolerance(rounding);
    functions(dtype)
        .forEach(
            (name, f) -> {
              LinearOperator a = LinearOperator.of(CPU, dtype, N, f);
              try (Extremes ends = Lanczos.extremes(a, options)) {
                assertEquals(LARGEST, ends.max().value(), 10 * rounding, name);
                assertEquals(SMALLEST, ends.min().value(), 10 * rounding, name);
              }
            });
  }

  @Test
  void memoryIsTheDevicesOwn() {
    try (Buffer x = CPU.allocate(DType.F32, 5);
        Buffer y = CPU.allocate(DType.F32, 5)) {
      VectorFunction.onSegments(
              (in, out) -> {
                assertEquals(x.segment().address(), in.address());
                assertEquals(y.segment().address(), out.address());
                assertTrue(in.isReadOnly());
              })
          .apply(x, y);
      VectorFunction.onFloatBuffers(
              (in, out) -> {
                assertThrows(ReadOnlyBufferException.class, () -> in.put(0, 1));
                assertEquals(5, in.remaining());
                out.put(2, 7);
              })
          .apply(x, y);
      assertArrayEquals(new double[] {0, 0, 7, 0, 0}, y.toArray());
    }
  }

  /** Memory out of the host's reach, as a card's is. */
  private record Far(Buffer near) implements Buffer {
    @Override
    public Device device() {
      return near.device();
    }

    @Override
    public DType dtype() {
      return near.dtype();
    }

    @Override
    public long length() {
      return near.length();
    }

    @Override
    public Buffer view(long from, long length) {
      return new Far(near.view(from, length));
    }

    @Override
    public void write(long at, double[] source, int from, int count) {
      near.write(at, source, from, count);
    }

    @Override
    public void read(long at, double[] target, int from, int count) {
      near.read(at, target, from, count);
    }

    @Override
    public MemorySegment segment() {
      throw new UnsupportedOperationException("far away");
    }

    @Override
    public boolean isOpen() {
      return near.isOpen();
    }

    @Override
    public void close() {
      near.close();
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void memoryOutOfReachIsCopiedThereAndBack(DType dtype) {
    double[] values = new double[N];
    for (int i = 0; i < N; i++) {
      values[i] = i * i;
    }
    functions(dtype)
        .forEach(
            (name, f) -> {
              try (Buffer x = CPU.allocate(dtype, N);
                  Buffer near = CPU.allocate(dtype, N);
                  Buffer far = CPU.allocate(dtype, N)) {
                x.set(values);
                f.apply(x, near);
                f.apply(new Far(x), new Far(far));
                assertEquals(-2, far.get(1), name);
                assertArrayEquals(near.toArray(), far.toArray(), name);
              }
            });
    try (Buffer x = CPU.allocate(dtype, 20_000);
        Buffer y = CPU.allocate(dtype, 20_000)) {
      for (int i = 0; i < 20_000; i++) {
        x.write(i, new double[] {i}, 0, 1);
      }
      VectorFunction.onSegments((in, out) -> out.copyFrom(in)).apply(new Far(x), new Far(y));
      assertArrayEquals(x.toArray(), y.toArray());
    }
  }

  @Test
  void mistakesAreNamed() {
    try (Buffer x = CPU.allocate(DType.F64, 4);
        Buffer y = CPU.allocate(DType.F64, 5)) {
      Exception single = assertThrows(IllegalArgumentException.class, () -> FLOATS.apply(x, x));
      assertEquals(
          "onFloats: the operator is of F64; use onDoubles or onSegments with it",
          single.getMessage());
      LinearOperator four = LinearOperator.of(CPU, DType.F64, 4, DOUBLES);
      Exception length = assertThrows(IllegalArgumentException.class, () -> four.apply(x, y));
      assertEquals(
          "operator: its dimension is 4, the vectors have 4 and 5 elements", length.getMessage());
    }
    assertThrows(
        IllegalArgumentException.class, () -> LinearOperator.of(CPU, DType.F64, 0, DOUBLES));
  }

  @Test
  void whatAProductThrowsArrivesAtTheCaller() {
    VectorFunction failing =
        VectorFunction.onDoubles(
            (x, y) -> {
              throw new IllegalStateException("out of data");
            });
    LinearOperator a = LinearOperator.of(CPU, DType.F64, 4, failing);
    Exception e =
        assertThrows(
            IllegalStateException.class, () -> Lanczos.extremes(a, Lanczos.Options.defaults()));
    assertEquals("out of data", e.getMessage());
  }
}
