package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every kernel gives the same bits when called again, and on any number of threads. */
interface RepeatabilityFacts {
  /** One workspace for each thread count and element type. */
  List<Workspace> workspaces();

  /** Every kernel by name: products [m, n, k], vectors of n elements, matrices [rows, cols]. */
  static Map<String, Function<Workspace, double[]>> calls(
      int[][] products, int[] lengths, int[][] matrices) {
    Map<String, Function<Workspace, double[]>> calls = new LinkedHashMap<>();
    for (int[] s : products) {
      for (int form = 0; form < 12; form++) {
        int f = form;
        calls.put(
            "gemm " + s[0] + ", " + s[1] + ", " + s[2] + ", form " + f,
            w -> gemm(w, s[0], s[1], s[2], f));
      }
    }
    for (int n : lengths) {
      calls.put("fill " + n, w -> on(w.vector(w.gaussians(n)), y -> w.kernels.fill(0.1, y)));
      calls.put(
          "copy " + n,
          w -> {
            Buffer x = w.vector(w.gaussians(n));
            return on(w.vector(new double[n]), y -> w.kernels.copy(x, y));
          });
      calls.put(
          "axpby " + n,
          w -> {
            Buffer x = w.vector(w.gaussians(n));
            return on(w.vector(w.gaussians(n)), y -> w.kernels.axpby(0.3, x, -0.7, y));
          });
      calls.put(
          "mul " + n,
          w -> {
            Buffer x = w.vector(w.gaussians(n));
            return on(w.vector(w.gaussians(n)), y -> w.kernels.mul(x, x, -0.7, y));
          });
      calls.put(
          "mulAdd " + n,
          w -> {
            Buffer a = w.vector(w.gaussians(n));
            Buffer b = w.vector(w.gaussians(n));
            return on(w.vector(w.gaussians(n)), y -> w.kernels.mulAdd(a, b, b, b, 0.9, y));
          });
      calls.put(
          "reductions " + n,
          w -> {
            Buffer x = w.vector(w.gaussians(n));
            Buffer y = w.vector(w.gaussians(n));
            try (Buffer out = w.device.allocate(DType.F64, 1)) {
              w.kernels.dot(0.1, x, y, out);
              return new double[] {w.kernels.dot(x, y), w.kernels.nrm2(x), out.get(0)};
            }
          });
      for (Activation.Kind kind : Activation.Kind.values()) {
        calls.put(
            kind + " " + n,
            w -> {
              Buffer z = w.vector(w.gaussians(n));
              Buffer first = w.vector(new double[n]);
              Buffer second = w.vector(new double[n]);
              Activation f = new Activation(kind, 0.1);
              double[] value =
                  on(
                      w.vector(new double[n]),
                      out -> w.kernels.activation(f, z, out, first, second));
              return join(value, first.toArray(), second.toArray());
            });
      }
      calls.put(
          "Gram-Schmidt " + n,
          w -> {
            Matrix v = w.matrix(5, n, 3, false, w.gaussians(5 * n));
            Buffer x = w.vector(w.gaussians(n));
            double[] c = new double[5];
            w.kernels.dots(v, x, c);
            return join(c, on(x, y -> w.kernels.combine(c, v, y)));
          });
    }
    for (int[] s : matrices) {
      calls.put(
          "rows [" + s[0] + " x " + s[1] + "]",
          w -> {
            Matrix x = w.dense(s[0], s[1], w.gaussians(s[0] * s[1]));
            Matrix y = w.dense(s[0], s[1], new double[s[0] * s[1]]);
            Buffer row = w.vector(w.gaussians(s[1]));
            w.kernels.addRow(x, row, y);
            return join(Workspace.values(y), on(row, r -> w.kernels.columnSums(x, 0.5, r)));
          });
      calls.put("softmax [" + s[0] + " x " + s[1] + "]", w -> softmax(w, s[0], s[1]));
    }
    return calls;
  }

  private static double[] on(Buffer out, Consumer<Buffer> call) {
    call.accept(out);
    return out.toArray();
  }

  private static double[] join(double[]... parts) {
    return Stream.of(parts).flatMapToDouble(Arrays::stream).toArray();
  }

  private static double[] gemm(Workspace w, int m, int n, int k, int form) {
    Matrix a = w.matrix(m, k, 0, (form & 1) != 0, w.gaussians(m * k));
    Matrix b = w.matrix(k, n, 0, (form & 2) != 0, w.gaussians(k * n));
    Matrix c = w.dense(m, n, w.gaussians(m * n));
    if (form < 4) {
      w.kernels.gemm(0.7, a, b, 0.3, c);
    } else if (form < 8) {
      try (PackedMatrix packed = w.kernels.pack(b)) {
        w.kernels.gemm(0.7, a, packed, 0.3, c);
      }
    } else {
      try (PackedMatrix packed = w.kernels.pack(a.t())) {
        w.kernels.gemm(0.7, packed.t(), b, 0.3, c);
      }
    }
    return Workspace.values(c);
  }

  private static double[] softmax(Workspace w, int n, int c) {
    Matrix z = w.dense(n, c, w.gaussians(n * c));
    Matrix y = w.dense(n, c, Naive.softmax(n, c, w.gaussians(n * c)));
    Matrix p = w.dense(n, c, new double[n * c]);
    Matrix out = w.dense(n, c, w.gaussians(n * c));
    try (Buffer loss = w.device.allocate(DType.F64, 1)) {
      w.kernels.softmaxCrossEntropy(1.0 / n, z, y, p, loss);
      w.kernels.softmaxTangent(0.3, p, z, 0.7, out);
      return join(loss.toArray(), Workspace.values(p), Workspace.values(out));
    }
  }

  @ParameterizedTest
  @EnumSource
  default void everyKernelGivesTheSameBitsAgainAndOnAnyThreads(DType dtype) {
    List<Workspace> sameType = new ArrayList<>(workspaces());
    sameType.removeIf(w -> w.dtype != dtype);
    // Large enough to be shared by threads, and small enough not to be.
    int[][] products = {
      {257, 129, 300}, {50, 384, 500}, {1000, 10, 50}, {3, 700, 2}, {1, 1, 4001}, {2, 1999, 31}
    };
    int[] lengths = {37, 1013, 200_003};
    int[][] matrices = {{5, 3}, {1000, 50}, {7, 10_001}, {10_001, 7}};
    List<Executable> facts = new ArrayList<>();
    calls(products, lengths, matrices)
        .forEach((name, call) -> facts.add(() -> assertSameBits(sameType, name, call)));
    assertAll(facts);
  }

  private static void assertSameBits(
      List<Workspace> workspaces, String name, Function<Workspace, double[]> call) {
    double[] expected = null;
    for (Workspace w : workspaces) {
      for (int again = 0; again < 2; again++) {
        w.start(17);
        double[] actual = call.apply(w);
        expected = expected == null ? actual : expected;
        assertArrayEquals(expected, actual, w + " " + name + ", call " + again);
      }
    }
  }
}
