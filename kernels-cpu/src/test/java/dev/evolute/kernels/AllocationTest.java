package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A warmed kernel on one thread allocates nothing that grows with its operands. Until the JIT has
 * compiled it, vectors are objects: each kernel is called in batches until one batch is free of
 * allocation.
 */
final class AllocationTest {
  private static final int CALLS = 200;

  /** The JIT works beside the test, so its bound is a time. */
  private static final long PATIENCE_NANOS = 5_000_000_000L;

  /**
   * The closure that hands a range to the workers may be an object; nothing that grows with n may.
   */
  private static final long SLACK = CALLS * 64;

  @ParameterizedTest
  @EnumSource
  void warmedKernelsDoNotAllocate(DType dtype) {
    try (Device cpu = Device.open("cpu", 1);
        Buffer x = cpu.allocate(dtype, 64 * 64);
        Buffer y = cpu.allocate(dtype, 64 * 64);
        Buffer z = cpu.allocate(dtype, 64 * 64);
        Buffer row = cpu.allocate(dtype, 64);
        Buffer scalar = cpu.allocate(DType.F64, 1)) {
      Kernels k = cpu.kernels(dtype);
      k.fill(0.01, x);
      k.fill(0.5, y);
      Matrix a = Matrix.of(x, 64, 64);
      Matrix b = Matrix.of(y, 64, 64);
      Matrix c = Matrix.of(z, 64, 64);
      double[] coefficients = new double[64];
      Map<String, Runnable> calls = new LinkedHashMap<>();
      try (PackedMatrix packed = k.pack(b)) {
        calls.put("gemm", () -> k.gemm(1, a, b, 0, c));
        calls.put("gemm transposed", () -> k.gemm(1, a.t(), b.t(), 1, c.t()));
        calls.put("gemm packed right", () -> k.gemm(1, a, packed, 0, c));
        calls.put("gemm packed left", () -> k.gemm(1, packed.t(), a, 0, c));
        calls.put("refresh", packed::refresh);
        calls.put("fill", () -> k.fill(0, z));
        calls.put("copy", () -> k.copy(x, z));
        calls.put("axpby", () -> k.axpby(0.5, x, 0.5, z));
        calls.put("mul", () -> k.mul(x, y, 0.5, z));
        calls.put("mulAdd", () -> k.mulAdd(x, y, y, x, 0.5, z));
        calls.put("dot", () -> k.dot(x, y));
        calls.put("dot on the device", () -> k.dot(1, x, y, scalar));
        calls.put("nrm2", () -> k.nrm2(x));
        calls.put("dots", () -> k.dots(a, row, coefficients));
        calls.put("combine", () -> k.combine(coefficients, a, row));
        calls.put("addRow", () -> k.addRow(a, row, c));
        calls.put("columnSums", () -> k.columnSums(a, 0, row));
        for (Activation.Kind kind : Activation.Kind.values()) {
          Activation f = new Activation(kind, 0.1);
          calls.put("" + kind, () -> k.activation(f, x, z, y, null));
          calls.put(kind + " with curvature", () -> k.activation(f, x, z, null, y));
        }
        calls.put("softmaxCrossEntropy", () -> k.softmaxCrossEntropy(1, a, b, c, scalar));
        calls.put("softmaxTangent", () -> k.softmaxTangent(1, a, b, 0, c));
        List<Executable> facts = new ArrayList<>();
        calls.forEach((name, call) -> facts.add(() -> assertComesToAllocateNothing(name, call)));
        assertAll(facts);
      }
    }
  }

  private static void assertComesToAllocateNothing(String name, Runnable call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (least > SLACK && System.nanoTime() < end) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        call.run();
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertTrue(least <= SLACK, name + ": " + least / CALLS + " bytes a call, even after warming");
  }
}
