package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * The three products of a convolution against sums over every (image, output, tap, channel,
 * filter). A sum of t terms may be off by {@code (t + 4) eps} times the sum of their sizes.
 */
interface ConvolutionFacts {
  /** What one term of the bilinear form multiplies. */
  interface Terms {
    void term(int x, int w, int y);
  }

  /** Calls back for every product {@code x_i w_j} that enters {@code y_k}: the definition. */
  static void each(ConvolutionShape s, Terms terms) {
    for (int n = 0; n < s.batch(); n++) {
      for (int oy = 0; oy < s.outputHeight(); oy++) {
        for (int ox = 0; ox < s.outputWidth(); ox++) {
          for (int ky = 0; ky < s.kernelHeight(); ky++) {
            for (int kx = 0; kx < s.kernelWidth(); kx++) {
              int iy = oy * s.stride() - s.padding() + ky * s.dilation();
              int ix = ox * s.stride() - s.padding() + kx * s.dilation();
              if (iy < 0 || iy >= s.height() || ix < 0 || ix >= s.width()) {
                continue;
              }
              for (int c = 0; c < s.channels(); c++) {
                for (int f = 0; f < s.filters(); f++) {
                  terms.term(
                      ((n * s.height() + iy) * s.width() + ix) * s.channels() + c,
                      ((ky * s.kernelWidth() + kx) * s.channels() + c) * s.filters() + f,
                      ((n * s.outputHeight() + oy) * s.outputWidth() + ox) * s.filters() + f);
                }
              }
            }
          }
        }
      }
    }
  }

  /** The three products, with the sizes and the numbers of the terms of each sum. */
  final class Sums {
    final double[][] y;
    final double[][] dx;
    final double[][] dw;

    Sums(ConvolutionShape s, double[] x, double[] w, double[] dy) {
      y = new double[3][dy.length];
      dx = new double[3][x.length];
      dw = new double[3][w.length];
      each(
          s,
          (i, j, k) -> {
            add(y, k, x[i] * w[j]);
            add(dx, i, dy[k] * w[j]);
            add(dw, j, x[i] * dy[k]);
          });
    }

    private static void add(double[][] sums, int at, double term) {
      sums[0][at] += term;
      sums[1][at] += Math.abs(term);
      sums[2][at]++;
    }
  }

  /** Named corners, and random shapes around the sizes of tiles and windows. */
  static List<ConvolutionShape> shapes() {
    List<ConvolutionShape> shapes =
        new ArrayList<>(
            List.of(
                ConvolutionShape.of(0, 4, 4, 2, 3, 3),
                ConvolutionShape.of(1, 1, 1, 1, 1, 1),
                ConvolutionShape.of(2, 5, 5, 3, 4, 5),
                ConvolutionShape.of(3, 1, 9, 2, 5, 1).withStride(2),
                // A layer of ResNet, of LeNet, and its first one with the pooling left out.
                ConvolutionShape.of(2, 14, 14, 16, 33, 3).withPadding(1),
                ConvolutionShape.of(9, 28, 28, 1, 6, 5).withPadding(2),
                ConvolutionShape.of(5, 12, 12, 6, 16, 5).withStride(2),
                // Pixels that no output sees, and outputs that see only padding.
                ConvolutionShape.of(2, 11, 9, 3, 2, 2).withStride(5),
                ConvolutionShape.of(2, 4, 3, 2, 3, 3).withPadding(7).withStride(2),
                ConvolutionShape.of(2, 9, 8, 2, 7, 3).withDilation(3).withPadding(2),
                ConvolutionShape.of(1, 9, 8, 2, 7, 3).withDilation(2).withStride(4),
                new ConvolutionShape(2, 7, 10, 5, 17, 2, 4, 1, 1, 1),
                new ConvolutionShape(3, 10, 7, 17, 5, 5, 1, 3, 0, 2),
                // Windows of several images, of part of one, and of one row.
                ConvolutionShape.of(150, 5, 5, 1, 3, 3),
                ConvolutionShape.of(2, 60, 60, 3, 4, 3).withPadding(1),
                ConvolutionShape.of(1, 5, 300, 90, 2, 3).withPadding(1),
                ConvolutionShape.of(1, 3, 1500, 2, 3, 3).withPadding(1)));
    Random random = new Random(7);
    for (int i = 0; i < 40; i++) {
      int h = 1 + random.nextInt(12);
      int w = 1 + random.nextInt(12);
      int padding = random.nextInt(3);
      int dilation = 1 + random.nextInt(2);
      int kh = 1 + random.nextInt(1 + Math.min(4, (h + 2 * padding - 1) / dilation));
      int kw = 1 + random.nextInt(1 + Math.min(4, (w + 2 * padding - 1) / dilation));
      int c = 1 + random.nextInt(9);
      int f = 1 + random.nextInt(i % 4 == 0 ? 70 : 9);
      int stride = 1 + random.nextInt(3);
      shapes.add(
          new ConvolutionShape(
              1 + random.nextInt(4), h, w, c, f, kh, kw, stride, padding, dilation));
    }
    return shapes;
  }

  /** {@code alpha exact + row + beta old}, and how far a result may be from it. */
  private static void check(
      Workspace w,
      String what,
      double[][] sums,
      double alpha,
      double[] row,
      double beta,
      double[] old,
      double[] actual) {
    double[] expected = new double[old.length];
    double[] bound = new double[old.length];
    for (int i = 0; i < old.length; i++) {
      double added = row == null ? 0 : row[i % row.length];
      double kept = beta == 0 ? 0 : beta * old[i];
      expected[i] = alpha * sums[0][i] + added + kept;
      double size = Math.abs(alpha) * sums[1][i] + Math.abs(added) + Math.abs(kept);
      bound[i] = (sums[2][i] + 4) * w.eps * size;
    }
    Naive.assertClose(what, expected, actual, bound);
  }

  /** What an accumulating kernel finds in its output: with {@code beta = 0}, NaN. */
  private static double[] old(Workspace w, int n, double beta) {
    double[] values = w.gaussians(n);
    if (beta == 0) {
      Arrays.fill(values, Double.NaN);
    }
    return values;
  }

  @EveryWorkspace
  default void theThreeProductsOfAConvolutionMatchTheirSums(Workspace w) {
    int seed = 0;
    for (ConvolutionShape s : shapes()) {
      w.start(seed++);
      double alpha = w.factor();
      double beta = w.factor();
      double[] x = w.gaussians((int) s.inputLength());
      double[] weights = w.gaussians((int) s.weightsLength());
      double[] dy = w.gaussians((int) s.outputLength());
      double[] bias = w.coin() ? w.gaussians(s.filters()) : null;
      double[] oldY = old(w, dy.length, beta);
      double[] oldX = old(w, x.length, beta);
      double[] oldW = old(w, weights.length, beta);
      if (alpha == 0) {
        // Then the factors are not read.
        Arrays.fill(x, Double.NaN);
        Arrays.fill(weights, Double.NaN);
      }
      Buffer bx = w.vector(x);
      Buffer bw = w.vector(weights);
      Buffer bdy = w.vector(dy);
      Buffer b = bias == null ? null : w.vector(bias);
      Buffer y = w.vector(oldY);
      Buffer dx = w.vector(oldX);
      Buffer dw = w.vector(oldW);
      w.kernels.convolution(s, alpha, bx, bw, b, beta, y);
      w.kernels.convolutionInput(s, alpha, bdy, bw, beta, dx);
      w.kernels.convolutionWeights(s, alpha, bx, bdy, beta, dw);
      String what = w + " " + s + ", alpha " + alpha + ", beta " + beta;
      if (alpha == 0) {
        Arrays.fill(x, 0);
        Arrays.fill(weights, 0);
      }
      Sums sums = new Sums(s, x, weights, dy);
      check(w, what + ", y", sums.y, alpha, bias, beta, oldY, y.toArray());
      check(w, what + ", dx", sums.dx, alpha, null, beta, oldX, dx.toArray());
      check(w, what + ", dw", sums.dw, alpha, null, beta, oldW, dw.toArray());
      w.nothingChangedBut(what, y, dx, dw);
    }
  }

  /** {@code <u, J v> = <J^T u, v>} for both arguments, and for the tangent of the vjp. */
  @EveryWorkspace
  default void theProductsAreTransposesOfEachOther(Workspace w) {
    ConvolutionShape s = new ConvolutionShape(3, 13, 11, 7, 19, 3, 3, 2, 1, 1);
    w.start(5);
    Kernels k = w.kernels;
    Buffer x = w.vector(w.gaussians((int) s.inputLength()));
    Buffer weights = w.vector(w.gaussians((int) s.weightsLength()));
    Buffer xDot = w.vector(w.gaussians((int) s.inputLength()));
    Buffer wDot = w.vector(w.gaussians((int) s.weightsLength()));
    Buffer u = w.vector(w.gaussians((int) s.outputLength()));
    Buffer yDot = w.vector(new double[(int) s.outputLength()]);
    k.convolution(s, 1, xDot, weights, null, 0, yDot);
    k.convolution(s, 1, x, wDot, null, 1, yDot);
    Buffer dx = w.vector(new double[(int) s.inputLength()]);
    Buffer dw = w.vector(new double[(int) s.weightsLength()]);
    k.convolutionInput(s, 1, u, weights, 0, dx);
    k.convolutionWeights(s, 1, x, u, 0, dw);
    double left = k.dot(u, yDot);
    double right = k.dot(dx, xDot) + k.dot(dw, wDot);
    double size = k.nrm2(u) * k.nrm2(yDot);
    assertEquals(left, right, 100 * w.eps * size, w + " <u, J v>");
    // The tangent of the vjp: both halves are one number, the mixed derivative along x' and w'.
    Buffer dxDot = w.vector(new double[(int) s.inputLength()]);
    Buffer dwDot = w.vector(new double[(int) s.weightsLength()]);
    k.convolutionInput(s, 1, u, wDot, 0, dxDot);
    k.convolutionWeights(s, 1, xDot, u, 0, dwDot);
    double mixed = k.dot(dxDot, xDot) - k.dot(dwDot, wDot);
    assertEquals(0, mixed, 100 * w.eps * k.nrm2(dxDot) * k.nrm2(xDot), w + " mixed");
  }

  /** A NaN reaches what depends on it and nothing else. */
  @EveryWorkspace
  default void aNanReachesTheOutputsThatSeeIt(Workspace w) {
    ConvolutionShape s = ConvolutionShape.of(2, 9, 9, 3, 5, 3);
    w.start(8);
    double[] x = w.gaussians((int) s.inputLength());
    int pixel = ((9 + 4) * 9 + 4) * 3 + 1;
    x[pixel] = Double.NaN;
    Buffer weights = w.vector(w.gaussians((int) s.weightsLength()));
    Buffer y = w.vector(new double[(int) s.outputLength()]);
    w.kernels.convolution(s, 1, w.vector(x), weights, null, 0, y);
    boolean[] sees = new boolean[(int) s.outputLength()];
    each(s, (i, j, k) -> sees[k] |= i == pixel);
    double[] actual = y.toArray();
    boolean[] nan = new boolean[actual.length];
    for (int i = 0; i < nan.length; i++) {
      nan[i] = Double.isNaN(actual[i]);
    }
    assertArrayEquals(sees, nan, w.toString());
  }

  @EveryWorkspace
  default void operandsOfAConvolutionThatDoNotFitAreNamed(Workspace w) {
    ConvolutionShape s = new ConvolutionShape(2, 5, 4, 3, 2, 3, 2, 1, 0, 1);
    w.start(9);
    Kernels k = w.kernels;
    Buffer x = w.vector(w.gaussians(120));
    Buffer weights = w.vector(w.gaussians(36));
    Buffer y = w.vector(w.gaussians(36));
    Buffer bias = w.vector(w.gaussians(2));
    Buffer odd = w.vector(w.gaussians(35));
    refused(() -> k.convolution(s, 1, odd, weights, bias, 0, y), "[2 x 5 x 4 x 3]", "120", "35");
    refused(() -> k.convolution(s, 1, x, odd, bias, 0, y), "[3 x 2 x 3 x 2]", "36", "35");
    refused(() -> k.convolution(s, 1, x, weights, bias, 0, odd), "[2 x 3 x 3 x 2]", "36", "35");
    refused(() -> k.convolution(s, 1, x, weights, odd, 0, y), "bias", "35", "2 filters");
    refused(() -> k.convolutionInput(s, 1, odd, weights, 0, x), "[2 x 3 x 3 x 2]");
    refused(() -> k.convolutionInput(s, 1, y, odd, 0, x), "[3 x 2 x 3 x 2]");
    refused(() -> k.convolutionInput(s, 1, y, weights, 0, odd), "[2 x 5 x 4 x 3]");
    refused(() -> k.convolutionWeights(s, 1, odd, y, 0, weights), "[2 x 5 x 4 x 3]");
    refused(() -> k.convolutionWeights(s, 1, x, odd, 0, weights), "[2 x 3 x 3 x 2]");
    refused(() -> k.convolutionWeights(s, 1, x, y, 0, odd), "[3 x 2 x 3 x 2]");
    DType other = w.dtype == DType.F32 ? DType.F64 : DType.F32;
    String[] both = {"F32", "F64"};
    try (Buffer alien = w.device.allocate(other, 36);
        Buffer alienX = w.device.allocate(other, 120);
        Buffer alienBias = w.device.allocate(other, 2)) {
      refused(() -> k.convolution(s, 1, alienX, weights, bias, 0, y), both);
      refused(() -> k.convolution(s, 1, x, alien, bias, 0, y), both);
      refused(() -> k.convolution(s, 1, x, weights, alienBias, 0, y), both);
      refused(() -> k.convolution(s, 1, x, weights, bias, 0, alien), both);
      refused(() -> k.convolutionInput(s, 1, alien, weights, 0, x), both);
      refused(() -> k.convolutionInput(s, 1, y, alien, 0, x), both);
      refused(() -> k.convolutionInput(s, 1, y, weights, 0, alienX), both);
      refused(() -> k.convolutionWeights(s, 1, alienX, y, 0, weights), both);
      refused(() -> k.convolutionWeights(s, 1, x, alien, 0, weights), both);
      refused(() -> k.convolutionWeights(s, 1, x, y, 0, alien), both);
    }
    w.nothingChangedBut("refused convolutions");
  }

  @Test
  default void aConvolutionWithoutAnOutputIsRefused() {
    ConvolutionShape s = ConvolutionShape.of(1, 5, 4, 2, 3, 3);
    ConvolutionShape dilated = s.withPadding(1).withDilation(2);
    refused(() -> ConvolutionShape.of(-1, 5, 4, 2, 3, 3), "-1 images", "[5 x 4 x 2]");
    refused(() -> ConvolutionShape.of(1, 5, 0, 2, 3, 3), "[5 x 0 x 2]", "at least 1");
    refused(() -> ConvolutionShape.of(1, 5, 4, 2, 3, 0), "0 x 0");
    refused(() -> ConvolutionShape.of(1, 5, 4, 2, 0, 3), "0 filters");
    refused(() -> s.withStride(0), "stride 0");
    refused(() -> s.withPadding(-1), "padding -1");
    refused(() -> s.withDilation(0), "dilation 0");
    refused(() -> s.withDilation(2), "5 x 5", "5 x 4", "more padding");
    refused(() -> ConvolutionShape.of(1, 50_000, 50_000, 1, 1, 3), "2500000000", "2^31");
    refused(() -> ConvolutionShape.of(1, 3, 3, 50_000, 50_000, 3), "weights", "2^31");
    assertEquals(3, dilated.outputHeight());
    assertEquals(2, dilated.outputWidth());
  }

  static void refused(Executable call, String... named) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    for (String name : named) {
      assertTrue(message.contains(name), "'" + name + "' is missing in: " + message);
    }
  }
}
