package dev.evolute.autodiff.curvature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.Eigenvalues;
import dev.evolute.autodiff.Network;
import dev.evolute.autodiff.Networks;
import dev.evolute.autodiff.Recording;
import dev.evolute.autodiff.graph.Block;
import dev.evolute.autodiff.graph.Curvature;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.Extremes;
import dev.evolute.spectral.Lanczos;
import dev.evolute.spectral.SpectralNorm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Norms and ends of blocks against the dense eigensolver on the whole matrix, cut up. */
class BlockNormsTest {
  private static final Device CPU = Device.open("cpu", 1);
  private static final Lanczos.Options SHARP = Lanczos.Options.defaults().withTolerance(1e-9);

  private static Network network(Activation f) {
    Recording r = new Recording(3);
    FullyConnected model = FullyConnected.of(f, 5, 6, 4, 3).withBias();
    Value z = r.model(model, r.data(20, 5));
    r.graph.loss(SoftmaxCrossEntropy.mean(20), z, r.labels(20, 3));
    return r.done("");
  }

  /** Weights and bias of each layer, the last layer in two ranges that are no neighbours. */
  private static List<Block> layers(Network network) {
    List<Value> p = network.graph().parameters();
    return List.of(Block.of(p.get(0), p.get(1)), Block.of(p.get(2)), Block.of(p.get(3), p.get(5)));
  }

  private static double[][] part(double[][] a, Block rows, Block columns) {
    int[] i = indices(rows);
    int[] j = indices(columns);
    return Arrays.stream(i)
        .mapToObj(r -> Arrays.stream(j).mapToDouble(c -> a[r][c]).toArray())
        .toArray(double[][]::new);
  }

  private static int[] indices(Block block) {
    return block.ranges().stream()
        .flatMapToInt(r -> IntStream.range((int) r.from(), (int) (r.from() + r.length())))
        .toArray();
  }

  private static double norm(double[][] a) {
    double[] squares = Eigenvalues.of(Dense.times(Dense.transpose(a), a));
    return Math.sqrt(Math.max(0, squares[squares.length - 1]));
  }

  private static double[][] dense(Point point, Curvature which) {
    return Dense.materialise(
        switch (which) {
          case HESSIAN -> point.hessian();
          case GAUSS_NEWTON -> point.gaussNewton();
          case RESIDUAL -> point.residualPart();
        });
  }

  static List<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (Activation f : List.of(Activation.TANH, Activation.RELU, Activation.GELU)) {
      cases.add(Arguments.of(f, DType.F64, 1e-8));
      cases.add(Arguments.of(f, DType.F32, 1e-4));
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void normsAndEndsAreThoseOfTheDenseBlocks(Activation f, DType dtype, double tolerance) {
    Network network = network(f);
    List<Block> blocks = layers(network);
    try (Program wide = network.curvature(CPU);
        Program program = network.compile(CPU, dtype, Purpose.CURVATURE)) {
      for (Curvature which : Curvature.values()) {
        double[][] truth = dense(Point.of(wide), which);
        double whole = norm(truth);
        Lanczos.Options options = dtype == DType.F64 ? SHARP : SHARP.withTolerance(1e-5);
        BlockNorms found = BlockNorms.of(Point.of(program), which, blocks, options);
        int products = 0;
        for (int i = 0; i < blocks.size(); i++) {
          double[] eigenvalues = Eigenvalues.of(part(truth, blocks.get(i), blocks.get(i)));
          Extremes ends = found.diagonal().get(i);
          String what = which + " " + i;
          assertEquals(eigenvalues[0], ends.min().value(), tolerance * whole, what);
          assertEquals(
              eigenvalues[eigenvalues.length - 1], ends.max().value(), tolerance * whole, what);
          assertNull(ends.max().vector());
          products += ends.products();
          for (int j = 0; j < blocks.size(); j++) {
            SpectralNorm norm = found.norms().get(i).get(j);
            double expected = norm(part(truth, blocks.get(i), blocks.get(j)));
            assertEquals(expected, norm.value(), tolerance * whole, what + " " + j);
            assertEquals(norm.value(), found.values()[i][j]);
            assertSame(norm, found.norms().get(j).get(i));
            products += j < i ? 2 * norm.products() : 0;
          }
        }
        assertEquals(products, found.products());
      }
    }
  }

  /** Each value is that of a unit vector: it never exceeds the norm, however early a run stops. */
  @Test
  void earlyValuesAreLowerBoundsWithinTheirResidualOfASingularValue() {
    for (int seed = 0; seed < 12; seed++) {
      Network network = Networks.random(seed);
      List<Value> parameters = network.graph().parameters();
      List<Block> blocks = parameters.stream().map(Block::of).toList();
      try (Program program = network.curvature(CPU)) {
        Point point = Point.of(program);
        double[][] truth = dense(point, Curvature.HESSIAN);
        double rounding = 1e-7 * norm(truth);
        BlockNorms found =
            BlockNorms.of(
                point, Curvature.HESSIAN, blocks, Lanczos.Options.defaults().withMaxProducts(6));
        for (int i = 0; i < blocks.size(); i++) {
          for (int j = 0; j < blocks.size(); j++) {
            SpectralNorm norm = found.norms().get(i).get(j);
            double[][] block = part(truth, blocks.get(i), blocks.get(j));
            assertTrue(norm.value() <= norm(block) + rounding, norm + " exceeds " + norm(block));
            double nearest =
                Arrays.stream(Eigenvalues.of(Dense.times(Dense.transpose(block), block)))
                    .map(square -> Math.abs(Math.sqrt(Math.max(0, square)) - norm.value()))
                    .min()
                    .getAsDouble();
            assertTrue(nearest <= norm.residual() + rounding, nearest + " beyond " + norm);
          }
        }
      }
    }
  }

  /**
   * {@code f = (w_2 w_1)^2 / 2} of scalars: {@code H = [w_2^2, 2 w_1 w_2; 2 w_1 w_2, w_1^2]}.
   * Factors whose squares leave the range of f32 are no obstacle.
   */
  @ParameterizedTest
  @CsvSource({"F64, 1", "F32, 1", "F32, 1e-12", "F32, 1e12", "F64, 1e-90", "F64, 1e90"})
  void scalarChainHasItsClosedForm(DType dtype, double scale) {
    Recording r = new Recording(1);
    Value one = r.parameter(1, 1, 3 * Math.sqrt(scale));
    Value two = r.parameter(1, 1, -2 * Math.sqrt(scale));
    Value z = r.layer(r.layer(r.data(1, 1, 1), one), two);
    r.graph.loss(SquaredError.halfSum(), z, r.data(1, 1, 0));
    try (Program program = r.done("").compile(CPU, dtype, Purpose.CURVATURE)) {
      BlockNorms found =
          BlockNorms.of(
              Point.of(program),
              Curvature.HESSIAN,
              List.of(Block.of(one), Block.of(two)),
              Lanczos.Options.defaults());
      double eps = scale * (dtype == DType.F32 ? 1e-5 : 1e-13);
      assertEquals(4 * scale, found.values()[0][0], eps);
      assertEquals(9 * scale, found.values()[1][1], eps);
      assertEquals(12 * scale, found.values()[0][1], eps);
      assertEquals(12 * scale, found.values()[1][0], eps);
    }
  }

  @Test
  void blocksThatAreZeroHaveNormZero() {
    // A linear network is linear in each layer: its residual part couples layers only.
    Recording r = new Recording(2);
    Value w = r.parameter(3, 4);
    Value b = r.parameter(2, 3);
    r.squaredError(1, r.layer(r.layer(r.data(6, 4), w), b));
    try (Program program = r.done("").curvature(CPU)) {
      BlockNorms found =
          BlockNorms.of(
              Point.of(program),
              Curvature.RESIDUAL,
              List.of(Block.of(w), Block.of(b)),
              Lanczos.Options.defaults());
      assertEquals(0, found.values()[0][0]);
      assertEquals(0, found.values()[1][1]);
      assertTrue(found.values()[0][1] > 0);
      assertTrue(found.norms().get(0).get(0).converged());
    }
  }
}
