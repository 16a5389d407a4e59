package dev.evolute.kernels;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Every kernel by name, once: what holds for all of them (the same bits on any threads, interpreted
 * or compiled; nothing allocated; compiled by every tier) is tested over this list. A new kernel
 * enters here and is covered. A family with many kernels keeps its calls beside its facts, as a
 * static method that takes this list and is named in {@link #of}.
 */
final class KernelCalls {
  /**
   * Kernels held to allocate nothing whatever else has run in the same JVM. The others do so alone,
   * but in some starts, once many kernels have run, single vectors of theirs become objects: their
   * loops come close to the number of nodes at which C2 stops inlining. To grow to all.
   */
  static final Pattern HELD =
      Pattern.compile("gemm \\d.*|(refresh|fill|copy|axpby|mul|mulAdd|dot|nrm2|sum) .*");

  /** Shapes of products, {@code [m, n, k]}. */
  final int[][] products;

  /** Lengths of vectors. */
  final int[] lengths;

  /** Shapes of matrices, {@code [rows, cols]}. */
  final int[][] matrices;

  private final Map<String, Function<Workspace, Prepared>> calls = new LinkedHashMap<>();

  private KernelCalls(int[][] products, int[] lengths, int[][] matrices) {
    this.products = products;
    this.lengths = lengths;
    this.matrices = matrices;
  }

  /**
   * One kernel on its operands. {@code run} is nothing but the kernel's call and may be repeated;
   * the outputs are {@link Buffer}, {@link Matrix} or {@code double[]}.
   */
  record Prepared(Runnable run, Object... outputs) {
    /** The outputs' elements, one output after the other. */
    double[] values() {
      return Stream.of(outputs).map(Prepared::values).flatMapToDouble(Arrays::stream).toArray();
    }

    private static double[] values(Object output) {
      if (output instanceof Matrix x) {
        return Workspace.values(x);
      }
      return output instanceof Buffer x ? x.toArray() : (double[]) output;
    }
  }

  /** Every kernel on these shapes, by name. */
  static Map<String, Function<Workspace, Prepared>> of(
      int[][] products, int[] lengths, int[][] matrices) {
    KernelCalls list = new KernelCalls(products, lengths, matrices);
    list.products();
    FusedProductFacts.calls(list);
    list.vectors();
    list.reductions();
    ReductionFacts.calls(list);
    KrylovFacts.calls(list);
    list.activations();
    list.rows();
    list.softmax();
    ImageCalls.addTo(list);
    LossFacts.calls(list);
    NormFacts.calls(list);
    SequenceFacts.calls(list);
    OptimizerFacts.calls(list);
    AttentionFacts.calls(list);
    return list.calls;
  }

  /** Adds a kernel: what takes its operands from a workspace. */
  void add(String name, Function<Workspace, Prepared> call) {
    if (calls.put(name, call) != null) {
      throw new IllegalArgumentException("two kernel calls are named " + name);
    }
  }

  private void products() {
    for (int[] s : products) {
      for (int form = 0; form < 12; form++) {
        int f = form;
        add(
            "gemm " + s[0] + ", " + s[1] + ", " + s[2] + ", form " + f,
            w -> gemm(w, s[0], s[1], s[2], f));
      }
      add(
          "refresh " + s[1] + ", " + s[2],
          w -> {
            Matrix b = w.dense(s[2], s[1], w.gaussians(s[1] * s[2]));
            PackedMatrix packed = w.own(w.kernels.pack(b));
            return new Prepared(packed::refresh);
          });
    }
  }

  /** Forms 0 to 3 are plain, 4 to 7 have the right operand packed, 8 to 11 the left one. */
  private static Prepared gemm(Workspace w, int m, int n, int k, int form) {
    Matrix a = w.matrix(m, k, 0, (form & 1) != 0, w.gaussians(m * k));
    Matrix b = w.matrix(k, n, 0, (form & 2) != 0, w.gaussians(k * n));
    Matrix c = w.dense(m, n, w.gaussians(m * n));
    Operand left = form < 8 ? a : w.own(w.kernels.pack(a.t())).t();
    Operand right = form < 4 || form >= 8 ? b : w.own(w.kernels.pack(b));
    return new Prepared(() -> w.kernels.gemm(0.7, left, right, 0.3, c), c);
  }

  private void vectors() {
    for (int n : lengths) {
      add(
          "fill " + n,
          w -> {
            Buffer y = w.vector(w.gaussians(n));
            return new Prepared(() -> w.kernels.fill(0.1, y), y);
          });
      add(
          "copy " + n,
          w -> {
            Buffer x = w.vector(w.gaussians(n));
            Buffer y = w.vector(new double[n]);
            return new Prepared(() -> w.kernels.copy(x, y), y);
          });
      add(
          "axpby " + n,
          w -> {
            Buffer x = w.vector(w.gaussians(n));
            Buffer y = w.vector(w.gaussians(n));
            return new Prepared(() -> w.kernels.axpby(0.3, x, -0.7, y), y);
          });
      add(
          "mul " + n,
          w -> {
            Buffer x = w.vector(w.gaussians(n));
            Buffer y = w.vector(w.gaussians(n));
            return new Prepared(() -> w.kernels.mul(x, x, -0.7, y), y);
          });
      add(
          "mulAdd " + n,
          w -> {
            Buffer a = w.vector(w.gaussians(n));
            Buffer b = w.vector(w.gaussians(n));
            Buffer y = w.vector(w.gaussians(n));
            return new Prepared(() -> w.kernels.mulAdd(a, b, b, b, 0.9, y), y);
          });
    }
  }

  private void reductions() {
    for (int n : lengths) {
      add(
          "dot " + n,
          w -> {
            Buffer x = w.vector(w.gaussians(n));
            Buffer y = w.vector(w.gaussians(n));
            double[] sum = new double[1];
            return new Prepared(() -> sum[0] = w.kernels.dot(x, y), sum);
          });
      add(
          "dot on the device " + n,
          w -> {
            Buffer x = w.vector(w.gaussians(n));
            Buffer y = w.vector(w.gaussians(n));
            Buffer sum = w.scalar();
            return new Prepared(() -> w.kernels.dot(0.1, x, y, sum), sum);
          });
    }
  }

  private void activations() {
    for (int n : lengths) {
      for (Activation.Kind kind : Activation.Kind.values()) {
        add(
            kind + " " + n,
            w -> {
              Buffer z = w.vector(w.gaussians(n));
              Buffer value = w.vector(new double[n]);
              Buffer first = w.vector(new double[n]);
              Buffer second = w.vector(new double[n]);
              Activation f = new Activation(kind, 0.1);
              return new Prepared(
                  () -> w.kernels.activation(f, z, value, first, second), value, first, second);
            });
        add(
            kind + " alone " + n,
            w -> {
              Buffer z = w.vector(w.gaussians(n));
              Buffer value = w.vector(new double[n]);
              Activation f = new Activation(kind, 0.1);
              return new Prepared(() -> w.kernels.activation(f, z, value, null, null), value);
            });
      }
      add(
          "activationProduct " + n,
          w -> {
            Buffer z = w.vector(w.gaussians(n));
            Buffer u = w.vector(w.gaussians(n));
            Buffer y = w.vector(w.gaussians(n));
            return new Prepared(
                () -> w.kernels.activationProduct(Activation.GELU, z, u, 0.3, y), y);
          });
      add(
          "activationProductTangent " + n,
          w -> {
            Buffer z = w.vector(w.gaussians(n));
            Buffer u = w.vector(w.gaussians(n));
            Buffer y = w.vector(w.gaussians(n));
            return new Prepared(
                () -> w.kernels.activationProductTangent(Activation.GELU, z, u, u, z, 0.3, y), y);
          });
    }
  }

  private void rows() {
    for (int[] s : matrices) {
      String shape = " [" + s[0] + " x " + s[1] + "]";
      add(
          "addRow" + shape,
          w -> {
            Matrix x = w.dense(s[0], s[1], w.gaussians(s[0] * s[1]));
            Matrix y = w.dense(s[0], s[1], new double[s[0] * s[1]]);
            Buffer row = w.vector(w.gaussians(s[1]));
            return new Prepared(() -> w.kernels.addRow(x, row, y), y);
          });
      add(
          "scaleRows" + shape,
          w -> {
            Matrix x = w.dense(s[0], s[1], w.gaussians(s[0] * s[1]));
            Matrix y = w.dense(s[0], s[1], w.gaussians(s[0] * s[1]));
            Buffer column = w.vector(w.gaussians(s[0]));
            return new Prepared(() -> w.kernels.scaleRows(0.3, x, column, -0.7, y), y);
          });
      add(
          "biasActivation" + shape,
          w -> {
            Matrix x = w.dense(s[0], s[1], w.gaussians(s[0] * s[1]));
            Matrix y = w.dense(s[0], s[1], new double[s[0] * s[1]]);
            Buffer row = w.vector(w.gaussians(s[1]));
            return new Prepared(
                () -> w.kernels.biasActivation(Activation.TANH, x, row, y, null, null), y);
          });
      add(
          "columnSums" + shape,
          w -> {
            Matrix x = w.dense(s[0], s[1], w.gaussians(s[0] * s[1]));
            Buffer row = w.vector(w.gaussians(s[1]));
            return new Prepared(() -> w.kernels.columnSums(x, 0.5, row), row);
          });
    }
  }

  private void softmax() {
    for (int[] s : matrices) {
      String shape = " [" + s[0] + " x " + s[1] + "]";
      int size = s[0] * s[1];
      add(
          "softmaxCrossEntropy" + shape,
          w -> {
            Matrix z = w.dense(s[0], s[1], w.gaussians(size));
            Matrix y = w.dense(s[0], s[1], Naive.softmax(s[0], s[1], w.gaussians(size)));
            Matrix p = w.dense(s[0], s[1], new double[size]);
            Buffer loss = w.scalar();
            return new Prepared(
                () -> w.kernels.softmaxCrossEntropy(1.0 / s[0], z, y, p, loss), p, loss);
          });
      add(
          "softmaxTangent" + shape,
          w -> {
            Matrix p = w.dense(s[0], s[1], Naive.softmax(s[0], s[1], w.gaussians(size)));
            Matrix z = w.dense(s[0], s[1], w.gaussians(size));
            Matrix out = w.dense(s[0], s[1], w.gaussians(size));
            return new Prepared(() -> w.kernels.softmaxTangent(0.3, p, z, 0.7, out), out);
          });
    }
  }
}
