package dev.evolute.autodiff.graph;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.evolute.autodiff.Network;
import dev.evolute.autodiff.Recording;
import dev.evolute.autodiff.curvature.DiagonalBlock;
import dev.evolute.autodiff.curvature.LinearMap;
import dev.evolute.autodiff.curvature.OffDiagonalBlock;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.curvature.Predictor;
import dev.evolute.autodiff.curvature.WeightedOutput;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.LinearOperator;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
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
      assertComesToAllocateNextToNothing("a residual product", program::residualPass);
    }
  }

  /** Each operator a point hands out, on vectors of its own. */
  @ParameterizedTest
  @EnumSource(DType.class)
  void warmOperatorsAllocateNextToNothing(DType dtype) {
    Network network = network();
    List<Value> parameters = network.graph().parameters();
    try (Program program = network.compile(CPU, dtype, Purpose.CURVATURE)) {
      Point point = Point.of(program);
      Predictor predictor = point.predictor(Reference.differentiated(network.graph()).getLast());
      Block first = Block.of(parameters.get(0), parameters.get(3));
      Block second = Block.range(3, 40);
      try (DiagonalBlock block = point.block(first);
          OffDiagonalBlock mixed = point.block(first, second);
          WeightedOutput weighted = predictor.weightedByLoss();
          Workspace v = new Workspace(dtype)) {
        v.product("H_ii v", block.hessian());
        v.product("(Hess phi) v", weighted.hessian());
        v.product("J J^T u", predictor.ntk());
        v.product("J v", predictor.jacobian());
        v.product("H_ij v", mixed.hessian());
        long n = program.size();
        Buffer[] parts = {v.of(n), v.of(n), v.of(n), v.of(n)};
        assertComesToAllocateNextToNothing(
            "all three", () -> point.split(parts[0], parts[1], parts[2], parts[3]));
      }
    }
  }

  /** Chunks that take turns copy and pack their samples for every product. */
  @ParameterizedTest
  @EnumSource(DType.class)
  void warmChunksAllocateNextToNothing(DType dtype) {
    SampledLoss loss =
        (graph, rows) -> {
          Value x = graph.data("x", rows, 20);
          Value z = graph.apply(MatMul.LAYER, x, graph.parameter("W", 10, 20));
          graph.loss(SquaredError.mean(500), z, graph.data("y", rows, 10));
        };
    ChunkPlan plan = ChunkPlan.of(500, 200, loss);
    try (Chunks chunks = plan.compile(CPU, dtype, plan.bytesRecomputed(dtype))) {
      assertComesToAllocateNextToNothing("a gradient of chunks", chunks::gradientPass);
      chunks.keep();
      assertComesToAllocateNextToNothing("a product of chunks", chunks::hessianPass);
    }
  }

  /** Vectors that are closed together. */
  private static final class Workspace implements AutoCloseable {
    private final DType dtype;
    private final List<Buffer> owned = new ArrayList<>();

    Workspace(DType dtype) {
      this.dtype = dtype;
    }

    Buffer of(long length) {
      owned.add(CPU.allocate(dtype, length));
      return owned.getLast();
    }

    void product(String what, LinearOperator a) {
      Buffer x = of(a.size());
      Buffer y = of(a.size());
      assertComesToAllocateNextToNothing(what, () -> a.apply(x, y));
    }

    void product(String what, LinearMap a) {
      Buffer x = of(a.columns());
      Buffer y = of(a.rows());
      assertComesToAllocateNextToNothing(what, () -> a.apply(x, y));
      assertComesToAllocateNextToNothing(what + " transposed", () -> a.applyTransposed(y, x));
    }

    @Override
    public void close() {
      owned.forEach(Buffer::close);
    }
  }
}
