package dev.evolute.autodiff.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.op.L2Penalty;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A program that cannot have all its memory keeps none. */
class ProgramMemoryTest {
  private static Device failingAt(int allocation, Device device, List<Buffer> given) {
    return (Device)
        Proxy.newProxyInstance(
            Device.class.getClassLoader(),
            new Class<?>[] {Device.class},
            (proxy, method, arguments) -> {
              boolean allocates = method.getName().equals("allocate");
              if (allocates && given.size() == allocation) {
                throw new IllegalStateException("no memory");
              }
              try {
                Object result = method.invoke(device, arguments);
                if (allocates) {
                  given.add((Buffer) result);
                }
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void memoryTakenBeforeAFailureIsGivenBack() {
    try (Device cpu = Device.open("cpu", 1)) {
      for (int allocation = 0; allocation < 7; allocation++) {
        Graph graph = new Graph();
        Value x = graph.data("x", 4, 3);
        Value z = graph.apply(MatMul.LAYER, x, graph.parameter("w", 2, 3));
        graph.loss(new L2Penalty(1), z);
        List<Buffer> given = new ArrayList<>();
        Device device = failingAt(allocation, cpu, given);
        IllegalStateException e =
            assertThrows(
                IllegalStateException.class,
                () -> Program.compile(graph, device, DType.F64, Program.Purpose.CURVATURE));
        assertSame("no memory", e.getMessage());
        assertEquals(allocation, given.size());
        given.forEach(buffer -> assertFalse(buffer.segment().scope().isAlive()));
      }
    }
  }

  /** The promise of curvature programs, on networks of all kinds; n samples and the widths. */
  @ParameterizedTest
  @CsvSource({
    "RELU, 1000 784 50 50 10",
    "TANH, 512 784 512 512 10",
    "TANH, 64 3072 256 256 1",
    "TANH, 256 64 64 64 64 10",
    "IDENTITY, 1000 128 128 128 128 128 128 128 128 128",
    "TANH, 10 10 4000 10",
    "RELU, 128 784 1024 10"
  })
  void aHessianProductTakesAtMostTwoGradientsBesideWhatThePointKeeps(
      Activation.Kind kind, String sizes) {
    int[] shape = Arrays.stream(sizes.split(" ")).mapToInt(Integer::parseInt).toArray();
    int[] widths = Arrays.copyOfRange(shape, 1, shape.length);
    Graph graph = new Graph();
    Value x = graph.data("x", shape[0], widths[0]);
    Value z = FullyConnected.of(new Activation(kind, 0), widths).record(graph, x);
    graph.loss(
        SquaredError.mean(shape[0]), z, graph.data("y", shape[0], widths[widths.length - 1]));
    try (Device cpu = Device.open("cpu", 1)) {
      List<Buffer> given = new ArrayList<>();
      Device counting = failingAt(Integer.MAX_VALUE, cpu, given);
      try (Program gradient = Program.compile(graph, cpu, DType.F32, Program.Purpose.TRAINING);
          Program point = Program.compile(graph, counting, DType.F32, Program.Purpose.CURVATURE)) {
        point.keep();
        point.hessianPass();
        // What the loss sums up in is not counted.
        long taken = given.stream().mapToLong(buffer -> buffer.segment().byteSize()).sum();
        assertTrue(taken - Double.BYTES <= point.bytes(), taken + " of " + point.bytes());
        long beside = point.bytes() - point.primalBytes();
        assertTrue(
            beside <= 2 * gradient.bytes(), beside + " bytes, a gradient " + gradient.bytes());
      }
    }
  }
}
