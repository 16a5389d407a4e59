package dev.evolute.app.profile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.Initialisation;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceUnavailableException;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A timed device computes as the one it times, and accounts for all of its kernels. */
class TimedDeviceTest {
  private static final int SAMPLES = 8;
  private static final int INPUTS = 6;
  private static final int HIDDEN = 5;
  private static final int CLASSES = 3;

  private static Device open(String name) {
    try {
      return Device.open(name, 1);
    } catch (DeviceUnavailableException e) {
      return abort(e.getMessage());
    }
  }

  private static Program program(Device device) {
    Graph graph = new Graph();
    Value x = graph.data("x", SAMPLES, INPUTS);
    Value y = graph.data("y", SAMPLES, CLASSES);
    Value z = FullyConnected.of(Activation.TANH, INPUTS, HIDDEN, CLASSES).record(graph, x);
    graph.loss(SoftmaxCrossEntropy.mean(SAMPLES), z, y);
    Program program = Program.compile(graph, device, DType.F32, Program.Purpose.CURVATURE);
    program.set(x, new Random(1).doubles(SAMPLES * INPUTS, -1, 1).toArray());
    Initialisation.xavierUniform().fill(program, 1);
    program.keep();
    program.tangent().set(new Random(2).doubles(program.size()).toArray());
    return program;
  }

  /** A gradient and a product in phases of their names. */
  private static void passes(TimedDevice device, Program program) {
    device.timeline().phase("gradient", program::gradientPass);
    program.keep();
    device.timeline().phase("product", program::hessianPass);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "cuda:software"})
  void resultsAreTheSameAndAllKernelsAreThere(String name) {
    double[] expected;
    try (Device device = open(name);
        Program program = program(device)) {
      program.hessianPass();
      expected = program.product().toArray();
    }
    try (TimedDevice device = new TimedDevice(open(name));
        Program program = program(device)) {
      Timeline timeline = device.timeline();
      assertTrue(timeline.calls().isEmpty(), "outside of phases nothing is recorded");
      passes(device, program);
      assertArrayEquals(expected, program.product().toArray());
      double flops = 0;
      for (KernelCall call : timeline.calls()) {
        flops += call.phase().equals("gradient") ? call.flops() : 0;
        assertTrue(call.launches() >= (name.equals("cpu") ? 0 : 1), call.toString());
        assertTrue(call.bytes() > 0 && call.nanos() >= 0, call.toString());
      }
      // Forward, weight gradients, and the gradient of the hidden layer.
      int layers = INPUTS * HIDDEN + HIDDEN * CLASSES;
      assertEquals(2.0 * SAMPLES * (2 * layers + HIDDEN * CLASSES), flops);
      assertSums(timeline);
    }
  }

  /** Calls lie one after the other in their phases, and rows of the table are their sums. */
  private static void assertSums(Timeline timeline) {
    assertEquals(2, timeline.phases().size());
    for (Timeline.Phase phase : timeline.phases()) {
      List<KernelCall> calls =
          timeline.calls().stream().filter(c -> c.phase().equals(phase.name())).toList();
      assertTrue(calls.size() > 3, phase.toString());
      long end = phase.start();
      for (KernelCall call : calls) {
        assertTrue(call.start() >= end, call.toString());
        end = call.start() + call.nanos();
      }
      assertTrue(end <= phase.start() + phase.nanos(), phase.toString());
    }
    for (List<KernelTable.Row> rows :
        List.of(KernelTable.byKernel(timeline), KernelTable.byShape(timeline))) {
      assertEquals(timeline.calls().size(), rows.stream().mapToLong(KernelTable.Row::calls).sum());
      assertEquals(
          timeline.calls().stream().mapToDouble(KernelCall::seconds).sum(),
          rows.stream().mapToDouble(KernelTable.Row::seconds).sum(),
          1e-12);
      assertEquals(
          timeline.calls().stream().mapToDouble(KernelCall::flops).sum(),
          rows.stream().mapToDouble(KernelTable.Row::flops).sum());
      assertEquals(
          timeline.calls().stream().mapToLong(KernelCall::launches).sum(),
          rows.stream().mapToLong(KernelTable.Row::launches).sum());
      for (int i = 1; i < rows.size(); i++) {
        assertTrue(rows.get(i - 1).seconds() >= rows.get(i).seconds());
      }
    }
  }

  @Test
  void anErrorOfAKernelComesAsItIs() {
    try (TimedDevice device = new TimedDevice(open("cpu"));
        Buffer x = device.allocate(DType.F32, 3);
        Buffer y = device.allocate(DType.F32, 4)) {
      Runnable wrong = () -> device.kernels(DType.F32).copy(x, y);
      String said =
          assertThrows(IllegalArgumentException.class, () -> device.timeline().phase("copy", wrong))
              .getMessage();
      assertTrue(said.startsWith("copy: one vector has 3 elements"), said);
      assertEquals(0, device.timeline().calls().size());
    }
  }

  @Test
  void theTraceHasTheFieldsOfItsFormat() throws IOException {
    try (TimedDevice device = new TimedDevice(open("cpu"));
        Program program = program(device)) {
      passes(device, program);
      JsonNode events =
          new ObjectMapper()
              .readTree(Trace.json(device.timeline(), "a \"device\""))
              .get("traceEvents");
      int kernels = 0;
      for (JsonNode event : events) {
        assertTrue(event.get("name").isTextual() && event.get("pid").isInt(), event.toString());
        if (event.get("ph").asText().equals("M")) {
          assertTrue(event.get("args").get("name").isTextual(), event.toString());
          continue;
        }
        assertEquals("X", event.get("ph").asText());
        assertTrue(event.get("tid").isInt() && event.get("cat").isTextual(), event.toString());
        assertTrue(event.get("ts").asDouble() >= 0, event.toString());
        assertTrue(event.get("dur").asDouble() >= 0, event.toString());
        kernels += event.get("cat").asText().equals("kernel") ? 1 : 0;
      }
      assertEquals(device.timeline().calls().size(), kernels);
      assertEquals("a \"device\"", events.get(0).get("args").get("name").asText());
      KernelCall first = device.timeline().calls().get(0);
      JsonNode shown = events.get(3 + device.timeline().phases().size());
      assertEquals(first.kernel(), shown.get("name").asText());
      assertEquals(1e-3 * first.nanos(), shown.get("dur").asDouble());
      assertEquals(first.flops(), shown.get("args").get("flops").asDouble());
    }
  }

  @Test
  void aRooflineIsTheLowerOfItsTwoParts() {
    Roofline roof = new Roofline(100, 10, 0);
    assertEquals(20, roof.attainable(2));
    assertEquals(100, roof.attainable(50));
    assertEquals(3, roof.seconds(300, 5));
    assertEquals(4, roof.seconds(300, 40));
    KernelTable.Row row = new KernelTable.Row("gemm", 2, 6, 300, 40, 0);
    assertEquals(4.0 / 6, row.ofRoofline(roof), 1e-15);
  }
}
