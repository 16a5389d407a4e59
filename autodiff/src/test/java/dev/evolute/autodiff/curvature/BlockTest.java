package dev.evolute.autodiff.curvature;

import static dev.evolute.autodiff.Dense.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.Network;
import dev.evolute.autodiff.Networks;
import dev.evolute.autodiff.Recording;
import dev.evolute.autodiff.graph.Adjoint;
import dev.evolute.autodiff.graph.Block;
import dev.evolute.autodiff.graph.Block.Range;
import dev.evolute.autodiff.graph.Node;
import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.graph.Shape;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Blocks are parts of the whole matrices, and pay for what they look at alone. */
class BlockTest {
  private static final Device CPU = Device.open("cpu", 1);
  private static final List<Network> ALL = Networks.all();

  static List<Network> all() {
    return ALL;
  }

  /** Every parameter alone, and random sets of ranges. */
  private static List<Block> blocks(Network network, Random random) {
    List<Block> blocks = new ArrayList<>();
    network.graph().parameters().forEach(p -> blocks.add(Block.of(p)));
    int size = network.theta().length;
    for (int k = 0; k < 3; k++) {
      List<Range> ranges = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        if (random.nextInt(3) == 0) {
          ranges.add(new Range(i, 1));
        }
      }
      if (!ranges.isEmpty()) {
        blocks.add(new Block(ranges));
      }
    }
    return blocks;
  }

  private static int[] indices(Block block) {
    return block.ranges().stream()
        .flatMapToInt(r -> IntStream.range((int) r.from(), (int) (r.from() + r.length())))
        .toArray();
  }

  private static double[][] part(double[][] a, Block rows, Block columns) {
    int[] i = indices(rows);
    int[] j = indices(columns);
    double[][] part = new double[i.length][j.length];
    for (int r = 0; r < i.length; r++) {
      for (int s = 0; s < j.length; s++) {
        part[r][s] = a[i[r]][j[s]];
      }
    }
    return part;
  }

  private static void assertPart(
      double[][] whole, Block rows, Block columns, double[][] found, String what) {
    double scale = Dense.norm(Dense.flat(whole));
    double[] error = Dense.flat(Dense.combine(1, part(whole, rows, columns), -1, found));
    assertEquals(0, Dense.norm(error), 1e-13 * scale, what + " in " + rows + " and " + columns);
  }

  @ParameterizedTest
  @MethodSource("all")
  void blocksArePartsOfTheWhole(Network network) {
    Random random = new Random(1);
    try (Program program = network.curvature(CPU)) {
      Point point = Point.of(program);
      double[][] hessian = Dense.materialise(point.hessian());
      double[][] gaussNewton = Dense.materialise(point.gaussNewton());
      double[][] residual = Dense.materialise(point.residualPart());
      List<Block> blocks = blocks(network, random);
      for (Block rows : blocks) {
        program.tangent().set(Dense.normal(random, network.theta().length));
        program.product().set(Dense.normal(random, network.theta().length));
        try (DiagonalBlock block = point.block(rows)) {
          assertPart(hessian, rows, rows, Dense.materialise(block.hessian()), "H");
          assertPart(gaussNewton, rows, rows, Dense.materialise(block.gaussNewton()), "G");
          assertPart(residual, rows, rows, Dense.materialise(block.residualPart()), "R");
        }
        Block columns = blocks.get(random.nextInt(blocks.size()));
        try (OffDiagonalBlock block = point.block(rows, columns)) {
          assertPart(hessian, rows, columns, Dense.materialise(block.hessian()), "H");
          assertPart(hessian, rows, columns, Dense.materialiseTransposed(block.hessian()), "H^T");
          assertPart(gaussNewton, rows, columns, Dense.materialise(block.gaussNewton()), "G");
          assertPart(
              residual, rows, columns, Dense.materialiseTransposed(block.residualPart()), "R^T");
        }
      }
      assertArrayEquals(network.theta(), program.theta().toArray());
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void singlePrecisionAgreesWithDouble(Network network) {
    try (Program wide = network.curvature(CPU);
        Program narrow = network.compile(CPU, DType.F32, Purpose.CURVATURE)) {
      Point exact = Point.of(wide);
      Point rounded = Point.of(narrow);
      double[][] whole = Dense.materialise(exact.hessian());
      for (Block rows : blocks(network, new Random(2))) {
        try (DiagonalBlock block = rounded.block(rows)) {
          double[][] found = Dense.materialise(block.hessian());
          double[] error = Dense.flat(Dense.combine(1, part(whole, rows, rows), -1, found));
          assertEquals(0, Dense.norm(error), 2e-4 * Dense.norm(Dense.flat(whole)));
        }
      }
    }
  }

  /** {@code y = x}, counting what is asked of it. */
  private static final class Counting implements Op {
    int jvps;
    int vjps;
    int vjpTangents;

    @Override
    public int arity() {
      return 1;
    }

    @Override
    public String name() {
      return "counting";
    }

    @Override
    public Shape shape(List<Value> inputs) {
      return inputs.get(0).shape();
    }

    @Override
    public void forward(Node n) {
      n.kernels().copy(n.in(0).buffer(), n.out().buffer());
    }

    @Override
    public void vjp(Node n, Adjoint d) {
      vjps++;
      n.kernels().axpby(1, d.out().buffer(), d.beta(0), d.inBuffer(0));
    }

    @Override
    public void jvp(Node n) {
      jvps++;
      n.kernels().copy(n.tangentIn(0).buffer(), n.tangentOut().buffer());
    }

    @Override
    public void vjpTangent(Node n, Adjoint tangent) {
      vjpTangents++;
      n.kernels().axpby(1, tangent.out().buffer(), tangent.beta(0), tangent.inBuffer(0));
    }

    int[] countsOf(Runnable call) {
      jvps = 0;
      vjps = 0;
      vjpTangents = 0;
      call.run();
      return new int[] {jvps, vjps, vjpTangents};
    }
  }

  /** Three layers with a counter between the first and the second. */
  @Test
  void noPassGoesWhereNothingIsAskedFor() {
    Counting counter = new Counting();
    Recording r = new Recording(3);
    Value first = r.parameter(4, 3);
    Value a = r.apply(counter, r.layer(r.data(5, 3), first));
    Value second = r.parameter(4, 4);
    Value third = r.parameter(2, 4);
    Value z = r.layer(r.layer(a, second), third);
    r.graph.loss(SquaredError.halfSum(), z, r.data(5, 2));
    Network network = new Network("counted", r.graph, r.done("").data(), r.done("").theta(), true);
    try (Program program = network.curvature(CPU)) {
      Point point = Point.of(program);
      try (DiagonalBlock one = point.block(Block.of(first));
          DiagonalBlock upper = point.block(Block.of(second, third));
          OffDiagonalBlock mixed = point.block(Block.of(first), Block.of(third))) {
        double[] v = Dense.normal(new Random(4), 24);
        int[] untouched = counter.countsOf(() -> Dense.apply(upper.hessian(), v));
        assertArrayEquals(new int[] {0, 0, 0}, untouched, "upper layers");
        int[] through = counter.countsOf(() -> Dense.apply(one.hessian(), new double[12]));
        assertArrayEquals(new int[] {1, 0, 1}, through, "first layer");
        int[] down = counter.countsOf(() -> Dense.apply(mixed.hessian(), new double[8]));
        assertArrayEquals(new int[] {0, 1, 0}, down, "from third to first");
        int[] up = counter.countsOf(() -> Dense.applyTransposed(mixed.hessian(), new double[12]));
        assertArrayEquals(new int[] {1, 0, 0}, up, "from first to third");
      }
    }
  }

  @Test
  void neighboursAreOneRange() {
    Recording r = new Recording(5);
    Value w = r.parameter(2, 3);
    Value b = r.parameter(1, 2);
    Value v = r.parameter(2, 2);
    assertEquals(List.of(new Range(0, 8)), Block.of(b, w).ranges());
    assertEquals(List.of(new Range(0, 6), new Range(8, 4)), Block.of(v, w).ranges());
    assertEquals(10, Block.of(v, w).size());
  }

  @Test
  void blocksThatAreNoneAreRefused() {
    Recording r = new Recording(6);
    Value w = r.parameter(2, 3);
    Value x = r.data(4, 3);
    r.squaredError(1, r.layer(x, w));
    refuses("block: no parameters given; name at least one", Block::of);
    refuses("block: x0 [4 x 3] is not a parameter", () -> Block.of(x));
    refuses("block: element 0 of theta is given twice", () -> Block.of(w, w));
    refuses(
        "block: 0 elements from 2 on; at least one, from 0 or later, is needed",
        () -> Block.range(2, 0));
    try (Program program = r.done("").curvature(CPU)) {
      Point point = Point.of(program);
      refuses(
          "block: element 6 is beyond theta, which has 6", () -> point.block(Block.range(5, 2)));
    }
  }

  private static void refuses(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  @Test
  void leftPointGivesNoMoreBlocks() {
    Recording r = new Recording(7);
    Value w = r.parameter(2, 3);
    r.squaredError(1, r.layer(r.data(4, 3), w));
    try (Program program = r.done("").curvature(CPU);
        DiagonalBlock block = Point.of(program).block(Block.of(w));
        OffDiagonalBlock mixed = Point.of(program).block(Block.of(w), Block.range(1, 2))) {
      assertClose(
          Dense.materialise(mixed.hessian()),
          Dense.materialiseTransposed(mixed.hessian()),
          1e-14,
          "transpose");
      program.value();
      assertThrows(IllegalStateException.class, () -> Dense.apply(block.hessian(), new double[6]));
      assertThrows(IllegalStateException.class, () -> Dense.apply(mixed.hessian(), new double[2]));
    }
  }
}
