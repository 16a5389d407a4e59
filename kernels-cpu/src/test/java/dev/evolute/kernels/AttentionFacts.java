package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * Attention against {@link NaiveAttention} and against finite differences of it. An element may be
 * off by some hundred roundings of the largest element of its array.
 */
interface AttentionFacts {
  /** One workspace for each thread count and element type. */
  List<Workspace> workspaces();

  /** Batch, heads, key heads, queries, keys, dim; each causal and full. */
  private static List<AttentionShape> shapes(Workspace w) {
    int[][] sizes = {
      {0, 1, 1, 5, 5, 4},
      {2, 2, 1, 0, 3, 4},
      {2, 2, 1, 3, 0, 4},
      {1, 1, 1, 1, 1, 1},
      {2, 3, 3, 1, 1, 5},
      {1, 2, 1, 7, 7, 3},
      {2, 4, 2, 33, 33, 16},
      {1, 1, 1, 64, 64, 64},
      {1, 2, 2, 65, 65, 8},
      {1, 1, 1, 130, 130, 33},
      {1, 1, 1, 1, 100, 40},
      {1, 1, 1, 129, 1, 7},
      {1, 2, 1, 70, 140, 20},
      {1, 1, 1, 140, 70, 17},
      {1, 2, 2, 63, 127, 31}
    };
    List<AttentionShape> shapes = new ArrayList<>();
    for (int[] n : sizes) {
      if (w.brief && n[0] * n[1] * n[3] * n[4] * n[5] > 140_000) {
        continue;
      }
      for (boolean causal : new boolean[] {true, false}) {
        double scale = 1 / Math.sqrt(n[5]);
        shapes.add(new AttentionShape(n[0], n[1], n[2], n[3], n[4], n[5], causal, scale));
      }
    }
    return shapes;
  }

  /** Numbers for one shape, and operands that hold them: rows strided, outputs full of NaN. */
  final class Case {
    final Workspace w;
    final AttentionShape s;

    /** q, k, v and dO. */
    final double[][] x;

    /** Their tangents. */
    final double[][] dot;

    /** What gradients are added to. */
    final double[][] old;

    final AttentionShape.Values values;
    final AttentionShape.Values tangents;
    final AttentionShape.Gradients gradients;
    final AttentionShape.Gradients gradientTangents;

    Case(Workspace w, AttentionShape s, boolean accumulate) {
      this(w, s, accumulate, 1);
    }

    Case(Workspace w, AttentionShape s, boolean accumulate, double size) {
      w.start(s.hashCode());
      this.w = w;
      this.s = s;
      x = numbers();
      for (int i = 0; i < 2; i++) {
        x[i] = Arrays.stream(Naive.scaled(size, x[i])).map(w::round).toArray();
      }
      dot = numbers();
      old = numbers();
      if (!accumulate) {
        Stream.of(old).forEach(a -> Arrays.fill(a, Double.NaN));
      }
      values = values(x);
      tangents = values(dot);
      gradients = gradients(x[3]);
      gradientTangents = gradients(dot[3]);
    }

    private double[][] numbers() {
      int queryLike = s.batch() * s.queries() * s.heads() * s.dim();
      int keyLike = s.batch() * s.keys() * s.keyHeads() * s.dim();
      return new double[][] {
        w.gaussians(queryLike), w.gaussians(keyLike), w.gaussians(keyLike), w.gaussians(queryLike)
      };
    }

    private Matrix queryLike(double[] numbers) {
      return w.matrix(s.batch() * s.queries(), s.heads() * s.dim(), w.upTo(3), false, numbers);
    }

    private Matrix keyLike(double[] numbers) {
      return w.matrix(s.batch() * s.keys(), s.keyHeads() * s.dim(), w.upTo(3), false, numbers);
    }

    private AttentionShape.Values values(double[][] x) {
      double[] o = new double[x[0].length];
      double[] lse = new double[s.batch() * s.heads() * s.queries()];
      Arrays.fill(o, Double.NaN);
      Arrays.fill(lse, Double.NaN);
      return s.values(queryLike(x[0]), keyLike(x[1]), keyLike(x[2]), queryLike(o), w.vector(lse));
    }

    private AttentionShape.Gradients gradients(double[] o) {
      return s.gradients(queryLike(o), queryLike(old[0]), keyLike(old[1]), keyLike(old[2]));
    }

    Case run(double beta) {
      w.kernels.attention(values);
      w.kernels.attentionVjp(values, gradients, beta);
      w.kernels.attentionJvp(values, tangents);
      w.kernels.attentionVjpTangent(values, gradients, tangents, gradientTangents, beta);
      return this;
    }

    static double[][] outputs(AttentionShape.Values x) {
      return new double[][] {Workspace.values(x.o()), x.lse().toArray()};
    }

    static double[][] outputs(AttentionShape.Gradients g) {
      return new double[][] {
        Workspace.values(g.q()), Workspace.values(g.k()), Workspace.values(g.v())
      };
    }

    double[][] expectedTangent() {
      return NaiveAttention.derivative(
          t -> NaiveAttention.forward(s, NaiveAttention.along(x, t, dot)));
    }

    double[][] expectedGradientTangent() {
      return NaiveAttention.derivative(t -> NaiveAttention.vjp(s, NaiveAttention.along(x, t, dot)));
    }

    void assertClose(String what, double beta, double[][] expected, double[][] actual) {
      for (int i = 0; i < expected.length; i++) {
        double[] wanted = expected[i].clone();
        double largest = 1;
        for (int j = 0; j < wanted.length; j++) {
          wanted[j] += beta == 0 ? 0 : beta * old[i][j];
          if (Double.isFinite(wanted[j])) {
            largest = Math.max(largest, Math.abs(wanted[j]));
          }
        }
        double[] bound = new double[wanted.length];
        // The differences that some expectations come from are good to 1e-10.
        Arrays.fill(bound, (300 * w.eps + 1e-10) * largest);
        Naive.assertClose(w + " " + s + " " + what + " " + i, wanted, actual[i], bound);
      }
    }
  }

  /** Every verb, with queries that see no key where there are more queries than keys. */
  static void calls(KernelCalls list) {
    int[] size = list.products[0];
    int dim = 1 + size[2] / 8;
    AttentionShape s = new AttentionShape(1, 2, 2, size[0], size[1], dim, true, 0.4);
    list.add(
        "attention " + s,
        w -> {
          Case c = new Case(w, s, true);
          return new KernelCalls.Prepared(
              () -> w.kernels.attention(c.values), c.values.o(), c.values.lse());
        });
    list.add(
        "attentionJvp " + s,
        w -> {
          Case c = new Case(w, s, true);
          w.kernels.attention(c.values);
          return new KernelCalls.Prepared(
              () -> w.kernels.attentionJvp(c.values, c.tangents), c.tangents.o(), c.tangents.lse());
        });
    list.add(
        "attentionVjp " + s,
        w -> {
          Case c = new Case(w, s, true);
          AttentionShape.Gradients g = c.gradients;
          w.kernels.attention(c.values);
          return new KernelCalls.Prepared(
              () -> w.kernels.attentionVjp(c.values, g, 0.7), g.q(), g.k(), g.v());
        });
    list.add(
        "attentionVjpTangent " + s,
        w -> {
          Case c = new Case(w, s, true);
          AttentionShape.Gradients g = c.gradientTangents;
          w.kernels.attention(c.values);
          w.kernels.attentionJvp(c.values, c.tangents);
          return new KernelCalls.Prepared(
              () -> w.kernels.attentionVjpTangent(c.values, c.gradients, c.tangents, g, 0.7),
              g.q(),
              g.k(),
              g.v());
        });
  }

  @Test
  default void theReferenceGradientIsTheAdjointOfFiniteDifferences() {
    AttentionShape s = new AttentionShape(2, 4, 2, 5, 3, 3, true, 0.7);
    Workspace w = workspaces().getLast();
    for (int seed = 0; seed < 20; seed++) {
      w.start(seed);
      double[][] x = {w.gaussians(120), w.gaussians(36), w.gaussians(36), w.gaussians(120)};
      double[][] u = {w.gaussians(120), w.gaussians(36), w.gaussians(36), new double[120]};
      double[][] slope =
          NaiveAttention.derivative(t -> NaiveAttention.forward(s, NaiveAttention.along(x, t, u)));
      double[][] d = NaiveAttention.vjp(s, x);
      double pulled = Naive.dot(d[0], u[0]) + Naive.dot(d[1], u[1]) + Naive.dot(d[2], u[2]);
      assertEquals(Naive.dot(x[3], slope[0]), pulled, 1e-9);
    }
  }

  @EveryWorkspace
  default void attentionMatchesTheWholeScoreMatrix(Workspace w) {
    for (AttentionShape s : shapes(w)) {
      Case c = new Case(w, s, false);
      w.kernels.attention(c.values);
      c.assertClose("forward", 0, NaiveAttention.forward(s, c.x), Case.outputs(c.values));
      w.nothingChangedBut(w + " " + s, c.values.o(), c.values.lse());
    }
  }

  @EveryWorkspace
  default void attentionGradientsMatchTheWholeScoreMatrix(Workspace w) {
    for (AttentionShape s : shapes(w)) {
      double[][] expected = null;
      for (double beta : VectorFacts.FACTORS) {
        Case c = new Case(w, s, beta != 0);
        w.kernels.attention(c.values);
        w.kernels.attentionVjp(c.values, c.gradients, beta);
        expected = expected == null ? NaiveAttention.vjp(s, c.x) : expected;
        c.assertClose("vjp", beta, expected, Case.outputs(c.gradients));
        Object[] written = {
          c.values.o(), c.values.lse(), c.gradients.q(), c.gradients.k(), c.gradients.v()
        };
        w.nothingChangedBut(w + " vjp " + s, written);
      }
    }
  }

  @EveryWorkspace
  default void attentionTangentsMatchFiniteDifferences(Workspace w) {
    for (AttentionShape s : shapes(w)) {
      Case c = new Case(w, s, false);
      w.kernels.attention(c.values);
      w.kernels.attentionJvp(c.values, c.tangents);
      c.assertClose("jvp", 0, c.expectedTangent(), Case.outputs(c.tangents));
      w.nothingChangedBut(
          w + " jvp " + s, c.values.o(), c.values.lse(), c.tangents.o(), c.tangents.lse());
    }
  }

  @EveryWorkspace
  default void tangentsOfAttentionGradientsMatchFiniteDifferences(Workspace w) {
    for (AttentionShape s : shapes(w)) {
      double[][] expected = null;
      for (double beta : VectorFacts.FACTORS) {
        Case c = new Case(w, s, beta != 0).run(beta);
        expected = expected == null ? c.expectedGradientTangent() : expected;
        c.assertClose("tangent of vjp", beta, expected, Case.outputs(c.gradientTangents));
      }
    }
  }

  @EveryWorkspace
  default void attentionTangentAndGradientAreAdjoint(Workspace w) {
    for (AttentionShape s : shapes(w)) {
      Case c = new Case(w, s, false).run(0);
      double forward = Naive.dot(c.x[3], Case.outputs(c.tangents)[0]);
      double[][] d = Case.outputs(c.gradients);
      double back = 0;
      double size = Math.sqrt(c.x[0].length);
      for (int i = 0; i < 3; i++) {
        back += Naive.dot(d[i], c.dot[i]);
        size += Naive.dot(Naive.absolute(d[i]), Naive.absolute(c.dot[i]));
      }
      assertEquals(forward, back, 40 * w.eps * size, w + " " + s);
    }
  }

  /** The Hessian of {@code <dO, O>} at fixed dO. */
  @EveryWorkspace
  default void theHessianOfAttentionIsSymmetric(Workspace w) {
    for (AttentionShape s : shapes(w)) {
      Case c = new Case(w, s, false);
      w.kernels.attention(c.values);
      double[][][] directions = {c.numbers(), c.numbers()};
      double[][][] products = new double[2][][];
      for (int i = 0; i < 2; i++) {
        AttentionShape.Values u = c.values(directions[i]);
        AttentionShape.Gradients hu = c.gradients(new double[c.x[3].length]);
        w.kernels.attentionJvp(c.values, u);
        w.kernels.attentionVjpTangent(c.values, c.gradients, u, hu, 0);
        products[i] = Case.outputs(hu);
      }
      double there = 0;
      double back = 0;
      double size = Math.sqrt(c.x[0].length);
      for (int i = 0; i < 3; i++) {
        there += Naive.dot(directions[0][i], products[1][i]);
        back += Naive.dot(directions[1][i], products[0][i]);
        size += Naive.dot(Naive.absolute(directions[0][i]), Naive.absolute(products[1][i]));
      }
      assertEquals(there, back, 40 * w.eps * size, w + " " + s);
    }
  }

  @EveryWorkspace
  default void aQueryThatSeesNoKeyIsZero(Workspace w) {
    Case c = new Case(w, new AttentionShape(1, 1, 1, 90, 20, 5, true, 1), false).run(0);
    for (int i = 0; i < 70; i++) {
      assertEquals(Double.NEGATIVE_INFINITY, c.values.lse().get(i));
      assertEquals(0, c.tangents.lse().get(i));
      for (Matrix x : List.of(c.values.o(), c.tangents.o(), c.gradients.q())) {
        double[] rows = Workspace.values(x);
        assertArrayEquals(new double[5], Arrays.copyOfRange(rows, i * 5, i * 5 + 5));
      }
    }
    assertTrue(Double.isFinite(c.values.lse().get(70)));
  }

  @EveryWorkspace
  default void hugeScoresDoNotOverflow(Workspace w) {
    AttentionShape s = new AttentionShape(1, 2, 2, 70, 70, 9, true, 1);
    // Scores of 1e30 and 1e300: one key has all the weight.
    Case c = new Case(w, s, false, w.dtype == DType.F32 ? 1e15 : 1e150);
    w.kernels.attention(c.values);
    w.kernels.attentionVjp(c.values, c.gradients, 0);
    double[][] expected = NaiveAttention.forward(s, c.x);
    c.assertClose("forward", 0, expected, Case.outputs(c.values));
    double[] dv = Workspace.values(c.gradients.v());
    c.assertClose("vjp", 0, new double[][] {NaiveAttention.vjp(s, c.x)[2]}, new double[][] {dv});
  }

  @EveryWorkspace
  default void aScoreOfMinusInfinityHidesItsKey(Workspace w) {
    AttentionShape s = new AttentionShape(1, 1, 1, 70, 70, 4, true, 0.5);
    Case c = new Case(w, s, false);
    double[] q = Naive.absolute(c.x[0]);
    double[] k = c.x[1].clone();
    // Key 0 is all that query 0 sees; key 66 stands in the second block.
    for (int hidden : new int[] {0, 66}) {
      Arrays.fill(k, hidden * 4, hidden * 4 + 4, Double.NEGATIVE_INFINITY);
    }
    AttentionShape.Values x =
        s.values(w.dense(70, 4, q), w.dense(70, 4, k), c.values.v(), c.values.o(), c.values.lse());
    w.kernels.attention(x);
    c.assertClose("forward", 0, NaiveAttention.forward(s, q, k, c.x[2]), Case.outputs(x));
    assertEquals(Double.NEGATIVE_INFINITY, x.lse().get(0));
  }

  @EveryWorkspace
  default void nanReachesWhatSeesIt(Workspace w) {
    AttentionShape s = AttentionShape.self(1, 1, 80, 10, true);
    for (int operand = 0; operand < 3; operand++) {
      Case c = new Case(w, s, false);
      Matrix[] operands = {c.values.q(), c.values.k(), c.values.v()};
      int row = 37;
      Buffer hit = operands[operand].buffer().view((long) row * operands[operand].stride(), 1);
      hit.set(Double.NaN);
      w.kernels.attention(c.values);
      double[] o = Workspace.values(c.values.o());
      for (int i = 0; i < 80; i++) {
        boolean sees = operand == 0 ? i == row : i >= row;
        // Of the values only the column of the NaN is mixed.
        assertTrue(!sees || Double.isNaN(o[i * 10]), w + " operand " + operand + ", row " + i);
        boolean far = operand == 0 ? i != row : i < 32;
        assertTrue(!far || Double.isFinite(o[i * 10]), w + " operand " + operand + ", row " + i);
      }
    }
  }

  /** {@code [Q K V]} in one buffer, as one projection leaves them, and their gradients alike. */
  @EveryWorkspace
  default void aFusedProjectionIsUsedInPlace(Workspace w) {
    AttentionShape s = new AttentionShape(2, 4, 2, 66, 66, 12, true, 0.3);
    Case c = new Case(w, s, true).run(0.5);
    int cols = 48 + 24 + 24;
    Matrix[] inputs = fused(w, c.x, cols);
    Matrix[] outputs = fused(w, c.old, cols);
    AttentionShape.Values x =
        s.values(inputs[0], inputs[1], inputs[2], c.values.o(), c.values.lse());
    AttentionShape.Gradients g = s.gradients(c.gradients.o(), outputs[0], outputs[1], outputs[2]);
    double[][] apart = Case.outputs(c.values);
    w.kernels.attention(x);
    w.kernels.attentionVjp(x, g, 0.5);
    assertArrayEquals(apart, Case.outputs(x));
    assertArrayEquals(Case.outputs(c.gradients), Case.outputs(g));
  }

  private static Matrix[] fused(Workspace w, double[][] x, int cols) {
    int rows = x[0].length / 48;
    Buffer all = w.vector(new double[rows * cols]);
    int[] widths = {48, 24, 24};
    Matrix[] parts = new Matrix[3];
    int at = 0;
    for (int i = 0; i < 3; i++) {
      parts[i] = Matrix.of(all.view(at, all.length() - at), rows, widths[i], cols);
      for (int r = 0; r < rows; r++) {
        all.write((long) r * cols + at, x[i], r * widths[i], widths[i]);
      }
      at += widths[i];
    }
    return parts;
  }

  @EveryWorkspace
  default void attentionRefusesWhatDoesNotFit(Workspace w) {
    refused(() -> new AttentionShape(1, 4, 3, 5, 5, 8, true, 1), "4 heads", "3 key heads");
    refused(() -> new AttentionShape(1, 4, 4, -5, 5, 8, true, 1), "queries -5");
    refused(() -> new AttentionShape(1, 4, 4, 5, 5, 8, true, Double.NaN), "NaN");
    refused(() -> AttentionShape.self(1 << 20, 4, 1 << 20, 8, true), "" + (1L << 40));
    w.start(1);
    AttentionShape s = AttentionShape.self(2, 3, 5, 4, true);
    Matrix fits = w.dense(10, 12, w.gaussians(120));
    Matrix wrong = w.dense(12, 10, w.gaussians(120));
    Buffer lse = w.vector(w.gaussians(30));
    Buffer row = w.vector(w.gaussians(10));
    String[] both = {"[10 x 12]", "[12 x 10]"};
    refused(() -> s.values(wrong, fits, fits, fits, lse), both);
    refused(() -> s.values(fits, wrong, fits, fits, lse), both);
    refused(() -> s.values(fits, fits, wrong, fits, lse), both);
    refused(() -> s.values(fits, fits, fits, wrong, lse), both);
    refused(() -> s.values(fits, fits, fits, wrong.t(), lse), "transposed");
    refused(() -> s.values(fits, fits, fits, fits, row), "10", "30");
    refused(() -> s.gradients(wrong, fits, fits, fits), both);
    refused(() -> s.gradients(fits, wrong, fits, fits), both);
    refused(() -> s.gradients(fits, fits, wrong, fits), both);
    refused(() -> s.gradients(fits, fits, fits, wrong), both);
    Kernels k = w.kernels;
    AttentionShape.Values x = s.values(fits, fits, fits, fits, lse);
    AttentionShape.Gradients g = s.gradients(fits, fits, fits, fits);
    AttentionShape full = AttentionShape.self(2, 3, 5, 4, false);
    AttentionShape.Values y = full.values(fits, fits, fits, fits, lse);
    AttentionShape.Gradients h = full.gradients(fits, fits, fits, fits);
    String[] shapes = {"causal=true", "causal=false"};
    refused(() -> k.attentionJvp(x, y), shapes);
    refused(() -> k.attentionVjp(x, h, 0), shapes);
    refused(() -> k.attentionVjpTangent(x, h, x, g, 0), shapes);
    refused(() -> k.attentionVjpTangent(x, g, y, g, 0), shapes);
    refused(() -> k.attentionVjpTangent(x, g, x, h, 0), shapes);
    DType other = w.dtype == DType.F32 ? DType.F64 : DType.F32;
    String[] types = {"F32", "F64"};
    try (Buffer memory = w.device.allocate(other, 120);
        Buffer alienLse = w.device.allocate(other, 30)) {
      Matrix alien = Matrix.of(memory, 10, 12);
      List<AttentionShape.Values> alienValues =
          List.of(
              s.values(alien, fits, fits, fits, lse),
              s.values(fits, alien, fits, fits, lse),
              s.values(fits, fits, alien, fits, lse),
              s.values(fits, fits, fits, alien, lse),
              s.values(fits, fits, fits, fits, alienLse));
      for (AttentionShape.Values a : alienValues) {
        refused(() -> k.attention(a), types);
        refused(() -> k.attentionJvp(a, x), types);
        refused(() -> k.attentionJvp(x, a), types);
        refused(() -> k.attentionVjp(a, g, 0), types);
        refused(() -> k.attentionVjpTangent(a, g, x, g, 0), types);
        refused(() -> k.attentionVjpTangent(x, g, a, g, 0), types);
      }
      List<AttentionShape.Gradients> alienGradients =
          List.of(
              s.gradients(alien, fits, fits, fits),
              s.gradients(fits, alien, fits, fits),
              s.gradients(fits, fits, alien, fits),
              s.gradients(fits, fits, fits, alien));
      for (AttentionShape.Gradients a : alienGradients) {
        refused(() -> k.attentionVjp(x, a, 0), types);
        refused(() -> k.attentionVjpTangent(x, a, x, g, 0), types);
        refused(() -> k.attentionVjpTangent(x, g, x, a, 0), types);
      }
    }
    w.nothingChangedBut("refused attention");
  }

  private static void refused(Executable call, String... named) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    for (String name : named) {
      assertTrue(message.contains(name), "'" + name + "' is missing in: " + message);
    }
  }
}
