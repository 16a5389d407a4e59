package dev.evolute.kernels;

import java.util.Arrays;
import java.util.function.DoubleFunction;

/** Attention in plain double loops with the whole score matrix; operands dense, row by row. */
final class NaiveAttention {
  private NaiveAttention() {}

  private interface Pairs {
    /** One query and the key it meets, with the score and probability of the pair. */
    void visit(int query, int key, double p);
  }

  static boolean sees(AttentionShape s, int i, int j) {
    return !s.causal() || j <= i + s.keys() - s.queries();
  }

  /** Every pair of one head with its probability, and the log-sum-exp of each query. */
  private static void pairs(
      AttentionShape s, int b, int h, double[] q, double[] k, double[] lse, Pairs pairs) {
    int group = s.heads() / s.keyHeads();
    for (int i = 0; i < s.queries(); i++) {
      double[] score = new double[s.keys()];
      Arrays.fill(score, Double.NEGATIVE_INFINITY);
      for (int j = 0; j < s.keys(); j++) {
        if (sees(s, i, j)) {
          score[j] = 0;
          for (int c = 0; c < s.dim(); c++) {
            score[j] += s.scale() * q[query(s, b, h, i) + c] * k[key(s, b, h / group, j) + c];
          }
        }
      }
      double all = s.keys() == 0 ? Double.NEGATIVE_INFINITY : Naive.logSumExp(s.keys(), score, 0);
      if (Arrays.stream(score).allMatch(x -> x == Double.NEGATIVE_INFINITY)) {
        all = Double.NEGATIVE_INFINITY;
      }
      lse[(b * s.heads() + h) * s.queries() + i] = all;
      for (int j = 0; j < s.keys(); j++) {
        if (all != Double.NEGATIVE_INFINITY && sees(s, i, j)) {
          pairs.visit(i, j, StrictMath.exp(score[j] - all));
        }
      }
    }
  }

  private static int query(AttentionShape s, int b, int h, int i) {
    return ((b * s.queries() + i) * s.heads() + h) * s.dim();
  }

  private static int key(AttentionShape s, int b, int g, int j) {
    return ((b * s.keys() + j) * s.keyHeads() + g) * s.dim();
  }

  /** {@code {o, lse}} of {@code x = {q, k, v}}. */
  static double[][] forward(AttentionShape s, double[]... x) {
    double[] o = new double[x[0].length];
    double[] lse = new double[s.batch() * s.heads() * s.queries()];
    for (int b = 0; b < s.batch(); b++) {
      for (int h = 0; h < s.heads(); h++) {
        int batch = b;
        int head = h;
        int g = h / (s.heads() / s.keyHeads());
        pairs(
            s,
            b,
            h,
            x[0],
            x[1],
            lse,
            (i, j, p) -> {
              for (int c = 0; c < s.dim(); c++) {
                o[query(s, batch, head, i) + c] += p * x[2][key(s, batch, g, j) + c];
              }
            });
      }
    }
    return new double[][] {o, lse};
  }

  /** {@code {dQ, dK, dV}} of {@code x = {q, k, v, dO}}. */
  static double[][] vjp(AttentionShape s, double[]... x) {
    double[] o = forward(s, x)[0];
    double[][] d = new double[3][];
    for (int i = 0; i < 3; i++) {
      d[i] = new double[x[i].length];
    }
    double[] lse = new double[s.batch() * s.heads() * s.queries()];
    for (int b = 0; b < s.batch(); b++) {
      for (int h = 0; h < s.heads(); h++) {
        int batch = b;
        int head = h;
        int g = h / (s.heads() / s.keyHeads());
        pairs(
            s,
            b,
            h,
            x[0],
            x[1],
            lse,
            (i, j, p) -> {
              int at = query(s, batch, head, i);
              int to = key(s, batch, g, j);
              double ds = 0;
              for (int c = 0; c < s.dim(); c++) {
                ds += s.scale() * p * x[3][at + c] * (x[2][to + c] - o[at + c]);
              }
              for (int c = 0; c < s.dim(); c++) {
                d[0][at + c] += ds * x[1][to + c];
                d[1][to + c] += ds * x[0][at + c];
                d[2][to + c] += p * x[3][at + c];
              }
            });
      }
    }
    return d;
  }

  /** The derivative at 0 by differences of fourth order: good to ten digits for smooth f. */
  static double[][] derivative(DoubleFunction<double[][]> f) {
    double step = 3e-4;
    double[][] far = f.apply(-2 * step);
    double[][] near = f.apply(-step);
    double[][] next = f.apply(step);
    double[][] last = f.apply(2 * step);
    double[][] result = new double[far.length][];
    for (int i = 0; i < far.length; i++) {
      result[i] = new double[far[i].length];
      for (int j = 0; j < far[i].length; j++) {
        double slope = (far[i][j] - last[i][j] + 8 * (next[i][j] - near[i][j])) / (12 * step);
        result[i][j] = far[i][j] == Double.NEGATIVE_INFINITY ? 0 : slope;
      }
    }
    return result;
  }

  /** {@code x + t u}, array by array. */
  static double[][] along(double[][] x, double t, double[][] u) {
    double[][] moved = new double[x.length][];
    for (int i = 0; i < x.length; i++) {
      moved[i] = x[i].clone();
      for (int j = 0; j < x[i].length; j++) {
        moved[i][j] += t * u[i][j];
      }
    }
    return moved;
  }
}
