package dev.evolute.autodiff.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.evolute.autodiff.op.L2Penalty;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

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
}
