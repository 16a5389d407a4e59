package dev.evolute.autodiff.graph;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.evolute.autodiff.Network;
import dev.evolute.autodiff.Recording;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A compiled program runs without garbage. Until the JIT has compiled the kernels, vectors are
 * objects: each pass is called in batches until one batch is free of them.
 */
class AllocationTest {
  private static final Device CPU = Device.open("cpu", 1);
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int CALLS = 50;

  /** 1 KiB a call. */
  private static final long SLACK = CALLS * 1024L;

  /** The JIT works beside the test, so its bound is a time. */
  private static final long PATIENCE_NANOS = 30_000_000_000L;

  private static Network network() {
    Recording r = new Recording(1);
    Value x = r.data(256, 20);
    Value a = r.activate(Activation.TANH, r.bias(r.layer(x, r.parameter(16, 20))));
    a = r.activate(Activation.RELU, r.bias(r.layer(a, r.parameter(16, 16))));
    Value w = r.parameter(10, 16);
    r.parameter(3, 3);
    r.crossEntropy(r.layer(a, w));
    r.squaredError(0.5, a);
    r.penalty(0.1, w);
    return r.done("every kind of node");
  }

  private static void assertComesToAllocateNextToNothing(String what, Runnable call) {
    long least = Long.MAX_VALUE;
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (least >= SLACK && System.nanoTime() < end) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int k = 0; k < CALLS; k++) {
        call.run();
      }
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    assertTrue(
        least < SLACK, what + " allocates " + least / CALLS + " bytes a call, even after warming");
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void warmPassesAllocateNextToNothing(DType dtype) {
    try (Program program = network().compile(CPU, dtype, Purpose.CURVATURE)) {
      assertComesToAllocateNextToNothing("a gradient", program::gradientPass);
      assertComesToAllocateNextToNothing("a value", program::value);
      program.keep();
      assertComesToAllocateNextToNothing("a Hessian-vector product", program::hessianPass);
      assertComesToAllocateNextToNothing("a Gauss-Newton product", program::gaussNewtonPass);
    }
  }
}
