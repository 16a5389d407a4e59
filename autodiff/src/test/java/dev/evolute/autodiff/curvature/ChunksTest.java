package dev.evolute.autodiff.curvature;

import static dev.evolute.autodiff.Dense.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.graph.Block;
import dev.evolute.autodiff.graph.Block.Range;
import dev.evolute.autodiff.graph.ChunkPlan;
import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.graph.SampledLoss;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.Activate;
import dev.evolute.autodiff.op.AddRow;
import dev.evolute.autodiff.op.L2Penalty;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.LinearOperator;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** However samples are cut into chunks, the loss is that of one program over all of them. */
class ChunksTest {
  private static final Device CPU = Device.open("cpu", 1);
  private static final int SAMPLES = 13;

  /** Two layers behind fixed features, two losses, weights of samples, and penalties. */
  private static void record(Graph graph, int rows, int samples) {
    Value x = graph.data("x", rows, 4);
    Value fixed = graph.data("fixed", 4, 4);
    Value y = graph.data("y", rows, 3);
    Value target = graph.data("target", rows, 5);
    Value weights = graph.data("weights", rows, 1);
    Value first = graph.parameter("W1", 5, 4);
    Value bias = graph.parameter("b1", 1, 5);
    Value second = graph.parameter("W2", 3, 5);
    Value features = graph.apply(new MatMul(false, false), x, fixed);
    Value a = graph.apply(MatMul.LAYER, features, first);
    a = graph.apply(new Activate(Activation.TANH), graph.apply(new AddRow(), a, bias));
    graph.loss(new L2Penalty(0.3), second);
    graph.loss(SoftmaxCrossEntropy.mean(samples), graph.apply(MatMul.LAYER, a, second), y);
    graph.loss(SquaredError.halfMean(samples).withWeights(), a, target, weights);
    // The product of two parameters is in no sample either.
    graph.loss(
        new SquaredError(0.1), graph.apply(MatMul.LAYER, second, second), graph.data("gram", 3, 3));
  }

  private static final SampledLoss LOSS = (graph, rows) -> record(graph, rows, SAMPLES);

  private static Map<String, double[]> data(Random random) {
    Map<String, double[]> data = new HashMap<>();
    data.put("x", Dense.normal(random, SAMPLES * 4));
    data.put("fixed", Dense.normal(random, 16));
    data.put("target", Dense.normal(random, SAMPLES * 5));
    data.put("weights", random.doubles(SAMPLES, 0, 3).toArray());
    data.put("gram", Dense.normal(random, 9));
    double[] y = new double[SAMPLES * 3];
    for (int i = 0; i < SAMPLES; i++) {
      y[3 * i + random.nextInt(3)] = 1;
    }
    data.put("y", y);
    return data;
  }

  private static Program whole(DType dtype, Map<String, double[]> data, double[] theta) {
    Graph graph = new Graph();
    record(graph, SAMPLES, SAMPLES);
    Program program = Program.compile(graph, CPU, dtype, Purpose.CURVATURE);
    graph.data().forEach(value -> program.set(value, data.get(value.name())));
    program.theta().set(theta);
    return program;
  }

  private static Chunks chunks(
      int rows, DType dtype, boolean kept, Map<String, double[]> data, double[] theta) {
    ChunkPlan plan = ChunkPlan.of(SAMPLES, rows, LOSS);
    long budget = kept ? plan.bytesKept(dtype) : plan.bytesRecomputed(dtype);
    Chunks chunks = plan.compile(CPU, dtype, budget);
    data.forEach(chunks::set);
    chunks.theta().set(theta);
    return chunks;
  }

  @ParameterizedTest
  @CsvSource({
    "1, true",
    "1, false",
    "2, true",
    "2, false",
    "4, false",
    "5, true",
    "5, false",
    "6, true",
    "12, false",
    "13, true",
    "40, false"
  })
  void aSplitChangesNothingBeyondRounding(int rows, boolean kept) {
    for (DType dtype : DType.values()) {
      Random random = new Random(rows);
      Map<String, double[]> data = data(random);
      double[] theta = Dense.normal(random, 40);
      double[] v = Dense.normal(random, 40);
      double tolerance = dtype == DType.F64 ? 1e-13 : 2e-5;
      try (Program program = whole(dtype, data, theta);
          Chunks chunks = chunks(rows, dtype, kept, data, theta)) {
        double value = program.value();
        assertEquals(value, chunks.value(), tolerance * value);
        program.gradientPass();
        chunks.gradientPass();
        assertEquals(value, chunks.loss(), tolerance * value);
        assertClose(
            program.gradient().toArray(), chunks.gradient().toArray(), tolerance, "gradient");
        Point one = Point.of(program);
        Point many = Point.of(chunks);
        assertEquals(one.loss(), many.loss(), tolerance * value);
        assertClose(one.gradient().toArray(), many.gradient().toArray(), tolerance, "gradient");
        double[] hessian = Dense.apply(one.hessian(), v);
        assertClose(hessian, Dense.apply(many.hessian(), v), tolerance, "H v");
        double[] gaussNewton = Dense.apply(one.gaussNewton(), v);
        assertClose(gaussNewton, Dense.apply(many.gaussNewton(), v), tolerance, "G v");
        double[] residual = Dense.apply(one.residualPart(), v);
        assertClose(residual, Dense.apply(many.residualPart(), v), tolerance, "R v");
        double[][] parts = split(many, v);
        assertClose(hessian, parts[0], 10 * tolerance, "H v of the split");
        assertClose(gaussNewton, parts[1], tolerance, "G v of the split");
        assertClose(residual, parts[2], tolerance, "R v of the split");
        assertArrayEquals(program.theta().toArray(), chunks.theta().toArray());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"5, true", "5, false", "6, true", "12, false"})
  void aShortLastChunkLeavesTheEndsOfTheSpectrumWhereTheyAre(int rows, boolean kept) {
    Random random = new Random(7);
    Map<String, double[]> data = data(random);
    double[] theta = Dense.normal(random, 40);
    Lanczos.Options exact = Lanczos.Options.defaults().withTolerance(1e-10);
    try (Program program = whole(DType.F64, data, theta);
        Chunks chunks = chunks(rows, DType.F64, kept, data, theta);
        Extremes one = Lanczos.extremes(Point.of(program).hessian(), exact);
        Extremes many = Lanczos.extremes(Point.of(chunks).hessian(), exact)) {
      assertTrue(one.min().value() < 0 && 0 < one.max().value());
      assertTrue(many.min().converged() && many.max().converged());
      double tolerance = 1e-12 * one.max().value();
      assertEquals(one.min().value(), many.min().value(), tolerance);
      assertEquals(one.max().value(), many.max().value(), tolerance);
    }
  }

  /** Two layers with one output, and a penalty that has no sample in it. */
  private static final SampledLoss ONE_OUTPUT =
      (graph, rows) -> {
        Value a = graph.apply(MatMul.LAYER, graph.data("x", rows, 4), graph.parameter("W1", 5, 4));
        a = graph.apply(new Activate(Activation.TANH), a);
        Value second = graph.parameter("W2", 3, 5);
        graph.loss(new L2Penalty(0.3), second);
        Value z = graph.apply(MatMul.LAYER, a, second);
        graph.loss(SoftmaxCrossEntropy.mean(SAMPLES), z, graph.data("y", rows, 3));
      };

  @ParameterizedTest
  @CsvSource({"1, true", "1, false", "5, true", "5, false", "6, false", "13, true"})
  void theOutputOfAllSamplesHasTheJacobianOfOneProgram(int rows, boolean kept) {
    for (DType dtype : DType.values()) {
      Random random = new Random(rows);
      Map<String, double[]> data = data(random);
      double[] theta = Dense.normal(random, 35);
      double[] u = Dense.normal(random, 3 * SAMPLES);
      ChunkPlan plan = ChunkPlan.of(SAMPLES, rows, ONE_OUTPUT);
      double tolerance = dtype == DType.F64 ? 1e-13 : 2e-5;
      Graph graph = new Graph();
      ONE_OUTPUT.record(graph, SAMPLES);
      try (Program program = Program.compile(graph, CPU, dtype, Purpose.CURVATURE);
          Chunks chunks =
              plan.compile(
                  CPU, dtype, kept ? plan.bytesKept(dtype) : plan.bytesRecomputed(dtype))) {
        program.graph().data().forEach(value -> program.set(value, data.get(value.name())));
        List.of("x", "y").forEach(name -> chunks.set(name, data.get(name)));
        program.theta().set(theta);
        chunks.theta().set(theta);
        Point one = Point.of(program);
        Point many = Point.of(chunks);
        LinearMap expected = one.predictor().jacobian();
        assertEquals(35, many.jacobian().columns());
        for (LinearMap jacobian : List.of(one.jacobian(), many.jacobian())) {
          assertEquals(3 * SAMPLES, jacobian.rows());
          assertClose(Dense.apply(expected, theta), Dense.apply(jacobian, theta), tolerance, "J v");
          assertClose(
              Dense.applyTransposed(expected, u),
              Dense.applyTransposed(jacobian, u),
              tolerance,
              "J^T u");
        }
        double[] kernel = Dense.apply(one.predictor().ntk(), u);
        assertClose(kernel, Dense.apply(one.ntk(), u), tolerance, "J J^T u");
        assertClose(kernel, Dense.apply(many.ntk(), u), tolerance, "J J^T u");
        double max = NtkSpectrum.of(one.predictor()).max().value();
        assertEquals(max, NtkSpectrum.of(many).max().value(), tolerance * max);
        LinearOperator left = many.ntk();
        chunks.value();
        assertThrows(IllegalStateException.class, () -> Dense.apply(left, u));
        assertThrows(IllegalStateException.class, () -> chunks.outputPasses().vjpPass(null));
        assertThrows(IllegalStateException.class, () -> chunks.outputPasses().jvpPass(null));
      }
    }
  }

  @Test
  void aLossOfSeveralValuesHasNoOutput() {
    Random random = new Random(8);
    try (Chunks chunks = chunks(5, DType.F64, true, data(random), Dense.normal(random, 40))) {
      Point point = Point.of(chunks);
      assertThrows(IllegalStateException.class, point::jacobian);
    }
  }

  private static double[][] split(Point point, double[] v) {
    DType dtype = point.objective().dtype();
    try (Buffer x = CPU.allocate(dtype, v.length);
        Buffer h = CPU.allocate(dtype, v.length);
        Buffer g = CPU.allocate(dtype, v.length);
        Buffer r = CPU.allocate(dtype, v.length)) {
      x.set(v);
      point.split(x, h, g, r);
      return new double[][] {h.toArray(), g.toArray(), r.toArray()};
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void blocksOfChunksArePartsOfTheWhole(boolean kept) {
    Random random = new Random(3);
    Map<String, double[]> data = data(random);
    double[] theta = Dense.normal(random, 40);
    Block rows = new Block(List.of(new Range(2, 7), new Range(30, 5)));
    Block columns = Block.range(20, 5);
    try (Program program = whole(DType.F64, data, theta);
        Chunks chunks = chunks(4, DType.F64, kept, data, theta)) {
      Point one = Point.of(program);
      Point many = Point.of(chunks);
      try (DiagonalBlock expected = one.block(rows);
          DiagonalBlock block = many.block(rows)) {
        double[][] hessian = Dense.materialise(expected.hessian());
        assertClose(hessian, Dense.materialise(block.hessian()), 1e-13, "H_ii");
      }
      try (OffDiagonalBlock expected = one.block(rows, columns);
          OffDiagonalBlock block = many.block(rows, columns)) {
        double[][] gaussNewton = Dense.materialise(expected.gaussNewton());
        assertClose(gaussNewton, Dense.materialise(block.gaussNewton()), 1e-13, "G_ij");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void keptAndRecomputedChunksGiveTheSameBits(DType dtype) {
    Random random = new Random(4);
    Map<String, double[]> data = data(random);
    double[] theta = Dense.normal(random, 40);
    double[] v = Dense.normal(random, 40);
    try (Chunks kept = chunks(5, dtype, true, data, theta);
        Chunks recomputed = chunks(5, dtype, false, data, theta)) {
      assertTrue(kept.keepsAll());
      assertFalse(recomputed.keepsAll());
      Point one = Point.of(kept);
      Point other = Point.of(recomputed);
      assertEquals(one.loss(), other.loss());
      assertArrayEquals(one.gradient().toArray(), other.gradient().toArray());
      for (int repeat = 0; repeat < 2; repeat++) {
        assertArrayEquals(Dense.apply(one.hessian(), v), Dense.apply(other.hessian(), v));
        assertArrayEquals(Dense.apply(one.gaussNewton(), v), Dense.apply(other.gaussNewton(), v));
      }
      assertArrayEquals(one.gradient().toArray(), other.gradient().toArray());
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void severalVectorsGiveTheProductsOfEach(DType dtype) {
    Random random = new Random(6);
    Map<String, double[]> data = data(random);
    double[] theta = Dense.normal(random, 40);
    double[] v = Dense.normal(random, 3 * 40);
    try (Program program = whole(dtype, data, theta);
        Chunks kept = chunks(5, dtype, true, data, theta);
        Chunks recomputed = chunks(5, dtype, false, data, theta);
        Buffer x = CPU.allocate(dtype, v.length);
        Buffer y = CPU.allocate(dtype, v.length)) {
      x.set(v);
      for (Objective objective : List.of(program, kept, recomputed)) {
        Point point = Point.of(objective);
        for (LinearOperator a :
            List.of(point.hessian(), point.gaussNewton(), point.residualPart())) {
          y.set(Dense.normal(random, v.length));
          a.apply(Matrix.of(x, 3, 40), Matrix.of(y, 3, 40));
          for (int j = 0; j < 3; j++) {
            double[] alone = Dense.apply(a, Arrays.copyOfRange(v, 40 * j, 40 * j + 40));
            assertArrayEquals(alone, y.view(40 * j, 40).toArray());
          }
        }
        refuses(
            "products: vectors are [2 x 60]; a dense [2 x 40] is needed",
            () -> point.hessian().apply(Matrix.of(x, 2, 60), Matrix.of(y, 2, 60)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void samplesCanBeSetPieceByPiece(boolean kept) {
    Random random = new Random(5);
    Map<String, double[]> data = data(random);
    double[] theta = Dense.normal(random, 40);
    try (Chunks all = chunks(4, DType.F64, kept, data, theta);
        Chunks pieces = chunks(4, DType.F64, kept, data(random), theta)) {
      Point left = Point.of(pieces);
      data.forEach(
          (name, values) -> {
            if (values.length % SAMPLES != 0) {
              pieces.set(name, values);
              return;
            }
            int cols = values.length / SAMPLES;
            for (int from = 0; from < SAMPLES; from += 3) {
              int to = Math.min(SAMPLES, from + 3);
              pieces.setRows(name, from, Arrays.copyOfRange(values, from * cols, to * cols));
            }
          });
      assertThrows(IllegalStateException.class, left::gradient);
      assertThrows(IllegalStateException.class, pieces::hessianPass);
      assertEquals(all.value(), pieces.value());
      all.gradientPass();
      pieces.gradientPass();
      assertArrayEquals(all.gradient().toArray(), pieces.gradient().toArray());
    }
  }

  /** A sample of weight 0 is none: padding a chunk with such changes nothing. */
  @Test
  void samplesOfWeightZeroDoNotCount() {
    SampledLoss loss =
        (graph, rows) -> {
          Value z = graph.apply(MatMul.LAYER, graph.data("x", rows, 2), graph.parameter("W", 1, 2));
          Value y = graph.data("y", rows, 1);
          graph.loss(SquaredError.sum().withWeights(), z, y, graph.data("w", rows, 1));
        };
    try (Chunks exact = ChunkPlan.of(3, 2, loss).compile(CPU, DType.F64);
        Chunks padded = ChunkPlan.of(4, 2, loss).compile(CPU, DType.F64)) {
      exact.set("x", new double[] {1, 2, 3, 4, 5, 6});
      exact.set("y", new double[] {1, 0, 2});
      exact.set("w", new double[] {1, 2, 3});
      padded.set("x", new double[] {1, 2, 3, 4, 5, 6, 70, -80});
      padded.set("y", new double[] {1, 0, 2, 9});
      padded.set("w", new double[] {1, 2, 3, 0});
      exact.theta().set(0.5, -1);
      padded.theta().set(0.5, -1);
      assertEquals(exact.value(), padded.value());
      // 1 (-1.5 - 1)^2 + 2 (-2.5)^2 + 3 (-3.5 - 2)^2
      assertEquals(6.25 + 12.5 + 90.75, exact.value(), 1e-13);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void estimatesAreWhatIsTakenButForPadding(DType dtype) {
    SampledLoss wide =
        (graph, rows) -> {
          Value x = graph.data("x", rows, 100);
          Value a = graph.apply(MatMul.LAYER, x, graph.parameter("W1", 60, 100));
          a = graph.apply(new Activate(Activation.GELU), a);
          Value w = graph.parameter("W2", 10, 60);
          graph.loss(new L2Penalty(0.1), w);
          Value z = graph.apply(MatMul.LAYER, a, w);
          graph.loss(SoftmaxCrossEntropy.mean(1000), z, graph.data("y", rows, 10));
        };
    for (int rows : new int[] {64, 200, 999, 1000}) {
      ChunkPlan plan = ChunkPlan.of(1000, rows, wide);
      assertEquals((1000 + rows - 1) / rows, plan.chunks());
      assertTrue(plan.bytesRecomputed(dtype) <= plan.bytesKept(dtype));
      try (Chunks kept = plan.compile(CPU, dtype);
          Chunks recomputed = plan.compile(CPU, dtype, plan.bytesRecomputed(dtype))) {
        assertBetween(plan.bytesKept(dtype), kept.bytes());
        assertBetween(plan.bytesRecomputed(dtype), recomputed.bytes());
      }
    }
    Graph graph = new Graph();
    wide.record(graph, 500);
    for (Purpose purpose : Purpose.values()) {
      try (Program program = Program.compile(graph, CPU, dtype, purpose)) {
        assertBetween(Program.estimate(graph, dtype, purpose), program.bytes());
      }
    }
  }

  private static void assertBetween(long estimate, long bytes) {
    assertTrue(
        estimate <= bytes && bytes <= 1.1 * estimate,
        bytes + " bytes where " + estimate + " were estimated");
  }

  private static void refuses(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  @Test
  void whatCannotFitIsRefusedWithItsBytes() {
    ChunkPlan plan = ChunkPlan.of(SAMPLES, 4, LOSS);
    long bytes = plan.bytesRecomputed(DType.F32);
    refuses(
        "chunks: 13 samples, 4 at a time, takes "
            + bytes
            + " bytes, there are 1000; take fewer at a time",
        () -> plan.compile(CPU, DType.F32, 1000));
  }

  @Test
  void lossesThatAreNoSumOverSamplesAreRefused() {
    refuses(
        "chunks: 0 samples in chunks of 4; both must be at least 1",
        () -> ChunkPlan.of(0, 4, LOSS));
    refuses(
        "chunks: no term of the loss has samples in it; record data with the rows asked for",
        () -> ChunkPlan.of(9, 4, (graph, rows) -> record(graph, 9, 9)));
    refuses(
        "chunks: parameters are [W [4 x 2]] for 4 rows and [W [1 x 2]] for 1; they must not depend"
            + " on the rows",
        () ->
            ChunkPlan.of(
                9,
                4,
                (graph, rows) -> graph.loss(new L2Penalty(1), graph.parameter("W", rows, 2))));
    refuses(
        "chunks: data x [2 x 4] have 4 samples; samples must stand in rows",
        () ->
            ChunkPlan.of(
                9,
                4,
                (graph, rows) -> {
                  Value w = graph.parameter("W", 3, 2);
                  Value x = graph.data("x", 2, rows);
                  graph.loss(new L2Penalty(1), graph.apply(new MatMul(false, false), w, x));
                }));
  }

  @Test
  void dataThatDoNotFitAreRefused() {
    try (Chunks chunks = ChunkPlan.of(SAMPLES, 4, LOSS).compile(CPU, DType.F64)) {
      refuses("set: x takes 52 values, 51 given", () -> chunks.set("x", new double[51]));
      refuses(
          "set: 8 values of x from sample 12 on; rows of 4 for some of 13 samples are needed",
          () -> chunks.setRows("x", 12, new double[8]));
      assertTrue(
          assertThrows(IllegalArgumentException.class, () -> chunks.set("z", new double[1]))
              .getMessage()
              .startsWith("set: there are no data z; there are [x [4 x 4], fixed [4 x 4], "));
      Point point = Point.of(chunks);
      assertThrows(IllegalStateException.class, point::predictor);
    }
  }
}
