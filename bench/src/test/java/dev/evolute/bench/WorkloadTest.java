package dev.evolute.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Value;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of cases, the data behind them, and the arithmetic they take. */
class WorkloadTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "784-50-50-10 relu cross-entropy n20 digits",
        "6-5-3 tanh cross-entropy n7",
        "6-5-3 linear squared n9",
        "mnist-cnn:tutorial n2",
        "resnet:1:64 n2",
        "vit-tiny n1",
        "decoder:2-2-8-6 n3"
      })
  void dataFitTheGraph(String name) {
    Workload workload = Workload.parse(name);
    for (Workload form : new Workload[] {workload, workload.compressed()}) {
      Map<String, double[]> data = form.data();
      for (Value value : form.graph().data()) {
        assertEquals(value.shape().size(), data.get(value.name()).length, value.toString());
      }
    }
  }

  @Test
  void aNameThereIsNotIsAnsweredWithTwoThereAre() {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Workload.parse("resnet"));
    assertTrue(
        refused.getMessage().contains("'resnet' given; '784-50-50-10 relu"), refused::getMessage);
  }

  @Test
  void classesAreThoseOfTheLargestTarget() {
    double[] classes = Workload.parse("6-5-3 tanh cross-entropy n50").data().get("y");
    double[] targets = Measured.gaussian(150, 2);
    for (int i = 0; i < 50; i++) {
      double largest = Arrays.stream(targets, 3 * i, 3 * i + 3).max().orElseThrow();
      assertEquals(largest, targets[3 * i + (int) classes[i]], "sample " + i);
    }
  }

  /** A layer on data has two products in a gradient and two in a product, others three and six. */
  @Test
  void arithmeticOfDenseLayersHasAClosedForm() {
    Graph graph = Workload.parse("784-50-40-10 relu cross-entropy n100").graph();
    double first = 784 * 50;
    double others = 50 * 40 + 40 * 10;
    assertEquals(2e-7 * (2 * first + 3 * others), Arithmetic.gradient(graph), 1e-12);
    assertEquals(2e-7 * (2 * first + 6 * others), Arithmetic.hvp(graph), 1e-12);
  }

  /** Token by token 12 widths squared and the head, and two products with the rows seen so far. */
  @Test
  void arithmeticOfADecoderHasAClosedForm() {
    Graph graph = Workload.parse("decoder:3-2-96-10 n2").graph();
    double dense = 20 * (3 * (4 * 96 * 96 + 3 * 96 * 256) + 96 * 256);
    double attention = 3 * 2 * 2 * 96 * (10 * 11 / 2);
    assertEquals(6e-9 * (dense + attention), Arithmetic.gradient(graph), 1e-12);
    assertEquals(12e-9 * (dense + attention), Arithmetic.hvp(graph), 1e-12);
  }

  /** 28 x 28 pixels with 25 taps of one channel, then 10 x 10 with 150 taps, then three layers. */
  @Test
  void arithmeticOfConvolutionsHasAClosedForm() {
    Graph graph = Workload.parse("mnist-cnn:tutorial n4").graph();
    double first = 4 * 784 * 6 * 25;
    double others = 4 * (100 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10);
    assertEquals(2e-9 * (2 * first + 3 * others), Arithmetic.gradient(graph), 1e-12);
  }
}
