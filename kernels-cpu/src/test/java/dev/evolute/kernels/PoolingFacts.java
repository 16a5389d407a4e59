package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Pooling against loops over every (image, window, tap, channel). Maxima, their taps and what is
 * gathered by them are exact; a sum of t terms may be off by {@code (t + 4) eps} times their sizes.
 */
interface PoolingFacts {
  interface Taps {
    void tap(int x, int y, int tap);
  }

  /** Calls back for every pixel of every window, channel by channel, taps in order. */
  static void each(PoolingShape s, Taps taps) {
    for (int n = 0; n < s.batch(); n++) {
      for (int oy = 0; oy < s.outputHeight(); oy++) {
        for (int ox = 0; ox < s.outputWidth(); ox++) {
          for (int k = 0; k < s.windowHeight() * s.windowWidth(); k++) {
            int iy = oy * s.stride() - s.padding() + k / s.windowWidth();
            int ix = ox * s.stride() - s.padding() + k % s.windowWidth();
            if (iy < 0 || iy >= s.height() || ix < 0 || ix >= s.width()) {
              continue;
            }
            for (int c = 0; c < s.channels(); c++) {
              taps.tap(
                  ((n * s.height() + iy) * s.width() + ix) * s.channels() + c,
                  ((n * s.outputHeight() + oy) * s.outputWidth() + ox) * s.channels() + c,
                  k);
            }
          }
        }
      }
    }
  }

  /** The tap of the first maximum, or of the first NaN, of each window. */
  static double[] taps(PoolingShape s, double[] x) {
    double[] taps = new double[(int) s.outputLength()];
    double[] best = new double[taps.length];
    Arrays.fill(taps, -1);
    each(
        s,
        (i, o, k) -> {
          boolean first = taps[o] < 0;
          if (first || x[i] > best[o] || (Double.isNaN(x[i]) && !Double.isNaN(best[o]))) {
            best[o] = x[i];
            taps[o] = k;
          }
        });
    return taps;
  }

  static List<PoolingShape> shapes() {
    List<PoolingShape> shapes =
        new ArrayList<>(
            List.of(
                PoolingShape.of(0, 4, 4, 3, 2),
                PoolingShape.of(1, 1, 1, 1, 1),
                PoolingShape.of(3, 28, 28, 6, 2),
                PoolingShape.of(2, 7, 9, 16, 2),
                PoolingShape.global(3, 7, 5, 33),
                PoolingShape.subsampling(2, 9, 8, 5, 2),
                PoolingShape.subsampling(2, 9, 8, 5, 20),
                new PoolingShape(4, 32, 31, 64, 3, 3, 2, 1),
                new PoolingShape(2, 5, 11, 70, 5, 5, 1, 4),
                new PoolingShape(2, 11, 6, 17, 2, 3, 4, 1),
                PoolingShape.of(2, 4, 3000, 3, 2)));
    Random random = new Random(3);
    for (int i = 0; i < 40; i++) {
      int h = 1 + random.nextInt(9);
      int w = 1 + random.nextInt(9);
      int kh = 1 + random.nextInt(h);
      int kw = 1 + random.nextInt(w);
      int c = 1 + random.nextInt(i % 3 == 0 ? 70 : 9);
      int padding = random.nextInt(Math.min(kh, kw));
      shapes.add(
          new PoolingShape(1 + random.nextInt(3), h, w, c, kh, kw, 1 + random.nextInt(4), padding));
    }
    return shapes;
  }

  /** Few different values, so that there are ties, and some that are not numbers. */
  private static double[] values(Workspace w, int n) {
    double[] x = w.gaussians(n);
    for (int i = 0; i < n; i++) {
      x[i] =
          switch (w.upTo(12)) {
            case 0, 1, 2 -> 1;
            case 3 -> -0.0;
            case 4 -> 0;
            case 5 -> Double.NEGATIVE_INFINITY;
            case 6 -> w.upTo(9) == 0 ? Double.NaN : Double.NEGATIVE_INFINITY;
            case 7 -> w.upTo(9) == 0 ? Double.POSITIVE_INFINITY : 1;
            default -> x[i];
          };
    }
    return x;
  }

  private static double[] nans(long n) {
    double[] x = new double[(int) n];
    Arrays.fill(x, Double.NaN);
    return x;
  }

  @EveryWorkspace
  default void maxPoolFindsTheFirstMaximumOfEachWindow(Workspace w) {
    int seed = 0;
    for (PoolingShape s : shapes()) {
      w.start(seed++);
      double[] x = values(w, (int) s.inputLength());
      Buffer y = w.vector(nans(s.outputLength()));
      Buffer taps = w.vector(nans(s.outputLength()));
      w.kernels.maxPool(s, w.vector(x), y, taps);
      double[] expectedTaps = taps(s, x);
      double[] expected = new double[expectedTaps.length];
      each(s, (i, o, k) -> expected[o] = k == expectedTaps[o] ? x[i] : expected[o]);
      assertArrayEquals(expectedTaps, taps.toArray(), w + " taps of " + s);
      assertArrayEquals(expected, y.toArray(), w + " maxima of " + s);
      w.nothingChangedBut(w + " " + s, y, taps);
    }
  }

  @EveryWorkspace
  default void derivativesOfMaxPoolFollowItsTaps(Workspace w) {
    int seed = 0;
    for (PoolingShape s : shapes()) {
      w.start(seed++);
      double alpha = w.factor();
      double beta = w.factor();
      double[] taps = taps(s, w.gaussians((int) s.inputLength()));
      double[] xDot = w.gaussians((int) s.inputLength());
      double[] dy = w.gaussians((int) s.outputLength());
      if (dy.length > 2) {
        dy[1] = Double.NaN;
      }
      double[] oldY = beta == 0 ? nans(s.outputLength()) : w.gaussians(dy.length);
      double[] oldX = beta == 0 ? nans(s.inputLength()) : w.gaussians(xDot.length);
      Buffer choice = w.vector(taps);
      Buffer yDot = w.vector(oldY);
      Buffer dx = w.vector(oldX);
      w.kernels.maxPoolTangent(s, alpha, w.vector(xDot), choice, beta, yDot);
      w.kernels.maxPoolInput(s, alpha, w.vector(dy), choice, beta, dx);
      double[] gathered = new double[dy.length];
      double[] scattered = new double[xDot.length];
      double[] sizes = new double[xDot.length];
      double[] counts = new double[xDot.length];
      each(
          s,
          (i, o, k) -> {
            if (k == taps[o]) {
              gathered[o] = xDot[i];
              scattered[i] += dy[o];
              sizes[i] += Math.abs(dy[o]);
              counts[i]++;
            }
          });
      String what = w + " " + s + ", alpha " + alpha + ", beta " + beta;
      double[] ones = new double[dy.length];
      Arrays.fill(ones, 1);
      check(w, what + ", jvp", gathered, Naive.absolute(gathered), ones, alpha, beta, oldY, yDot);
      check(w, what + ", vjp", scattered, sizes, counts, alpha, beta, oldX, dx);
      w.nothingChangedBut(what, yDot, dx);
    }
  }

  @EveryWorkspace
  default void averagePoolAndItsTransposeMatchTheirSums(Workspace w) {
    int seed = 0;
    for (PoolingShape s : shapes()) {
      w.start(seed++);
      double alpha = w.factor();
      double beta = w.factor();
      double[] x = w.gaussians((int) s.inputLength());
      double[] dy = w.gaussians((int) s.outputLength());
      double[] oldY = beta == 0 ? nans(s.outputLength()) : w.gaussians(dy.length);
      double[] oldX = beta == 0 ? nans(s.inputLength()) : w.gaussians(x.length);
      Buffer y = w.vector(oldY);
      Buffer dx = w.vector(oldX);
      w.kernels.averagePool(s, alpha, w.vector(x), beta, y);
      w.kernels.averagePoolInput(s, alpha, w.vector(dy), beta, dx);
      double area = s.windowHeight() * s.windowWidth();
      double[][] sums = new double[4][];
      sums[0] = new double[dy.length];
      sums[1] = new double[dy.length];
      sums[2] = new double[x.length];
      sums[3] = new double[x.length];
      double[] countY = new double[dy.length];
      double[] countX = new double[x.length];
      each(
          s,
          (i, o, k) -> {
            sums[0][o] += x[i] / area;
            sums[1][o] += Math.abs(x[i]) / area;
            sums[2][i] += dy[o] / area;
            sums[3][i] += Math.abs(dy[o]) / area;
            countY[o]++;
            countX[i]++;
          });
      String what = w + " " + s + ", alpha " + alpha + ", beta " + beta;
      check(w, what + ", y", sums[0], sums[1], countY, alpha, beta, oldY, y);
      check(w, what + ", dx", sums[2], sums[3], countX, alpha, beta, oldX, dx);
      w.nothingChangedBut(what, y, dx);
    }
  }

  private static void check(
      Workspace w,
      String what,
      double[] exact,
      double[] sizes,
      double[] counts,
      double alpha,
      double beta,
      double[] old,
      Buffer actual) {
    double[] expected = new double[exact.length];
    double[] bound = new double[exact.length];
    for (int i = 0; i < exact.length; i++) {
      double kept = beta == 0 ? 0 : beta * old[i];
      expected[i] = alpha * exact[i] + kept;
      bound[i] = (counts[i] + 4) * w.eps * (Math.abs(alpha) * sizes[i] + Math.abs(kept));
    }
    Naive.assertClose(what, expected, actual.toArray(), bound);
  }

  /** {@code <u, J v> = <J^T u, v>}. */
  @EveryWorkspace
  default void vjpsOfPoolingAreTransposesOfTheirJvps(Workspace w) {
    PoolingShape s = new PoolingShape(3, 9, 10, 21, 3, 2, 2, 1);
    w.start(4);
    Kernels k = w.kernels;
    Buffer x = w.vector(w.gaussians((int) s.inputLength()));
    Buffer v = w.vector(w.gaussians((int) s.inputLength()));
    Buffer u = w.vector(w.gaussians((int) s.outputLength()));
    Buffer y = w.vector(new double[(int) s.outputLength()]);
    Buffer taps = w.vector(new double[(int) s.outputLength()]);
    Buffer forward = w.vector(new double[(int) s.outputLength()]);
    Buffer back = w.vector(new double[(int) s.inputLength()]);
    double size = k.nrm2(u) * k.nrm2(v);
    k.maxPool(s, x, y, taps);
    k.maxPoolTangent(s, 1, v, taps, 0, forward);
    k.maxPoolInput(s, 1, u, taps, 0, back);
    assertEquals(k.dot(u, forward), k.dot(back, v), 10 * w.eps * size, w + " max");
    k.averagePool(s, 1, v, 0, forward);
    k.averagePoolInput(s, 1, u, 0, back);
    assertEquals(k.dot(u, forward), k.dot(back, v), 10 * w.eps * size, w + " average");
  }

  @EveryWorkspace
  default void operandsOfPoolingThatDoNotFitAreNamed(Workspace w) {
    PoolingShape s = PoolingShape.of(2, 4, 6, 3, 2);
    w.start(5);
    Kernels k = w.kernels;
    Buffer x = w.vector(w.gaussians(144));
    Buffer y = w.vector(w.gaussians(36));
    Buffer odd = w.vector(w.gaussians(35));
    String[] input = {"[2 x 4 x 6 x 3]", "144", "35"};
    String[] output = {"[2 x 2 x 3 x 3]", "36", "35"};
    ConvolutionFacts.refused(() -> k.maxPool(s, odd, y, y), input);
    ConvolutionFacts.refused(() -> k.maxPool(s, x, odd, y), output);
    ConvolutionFacts.refused(() -> k.maxPool(s, x, y, odd), output);
    ConvolutionFacts.refused(() -> k.maxPoolInput(s, 1, odd, y, 0, x), output);
    ConvolutionFacts.refused(() -> k.maxPoolInput(s, 1, y, odd, 0, x), output);
    ConvolutionFacts.refused(() -> k.maxPoolInput(s, 1, y, y, 0, odd), input);
    ConvolutionFacts.refused(() -> k.maxPoolTangent(s, 1, odd, y, 0, y), input);
    ConvolutionFacts.refused(() -> k.maxPoolTangent(s, 1, x, odd, 0, y), output);
    ConvolutionFacts.refused(() -> k.maxPoolTangent(s, 1, x, y, 0, odd), output);
    ConvolutionFacts.refused(() -> k.averagePool(s, 1, odd, 0, y), input);
    ConvolutionFacts.refused(() -> k.averagePool(s, 1, x, 0, odd), output);
    ConvolutionFacts.refused(() -> k.averagePoolInput(s, 1, odd, 0, x), output);
    ConvolutionFacts.refused(() -> k.averagePoolInput(s, 1, y, 0, odd), input);
    DType other = w.dtype == DType.F32 ? DType.F64 : DType.F32;
    String[] both = {"F32", "F64"};
    try (Buffer alienX = w.device.allocate(other, 144);
        Buffer alienY = w.device.allocate(other, 36)) {
      ConvolutionFacts.refused(() -> k.maxPool(s, alienX, y, y), both);
      ConvolutionFacts.refused(() -> k.maxPool(s, x, alienY, y), both);
      ConvolutionFacts.refused(() -> k.maxPool(s, x, y, alienY), both);
      ConvolutionFacts.refused(() -> k.maxPoolInput(s, 1, alienY, y, 0, x), both);
      ConvolutionFacts.refused(() -> k.maxPoolInput(s, 1, y, alienY, 0, x), both);
      ConvolutionFacts.refused(() -> k.maxPoolInput(s, 1, y, y, 0, alienX), both);
      ConvolutionFacts.refused(() -> k.maxPoolTangent(s, 1, alienX, y, 0, y), both);
      ConvolutionFacts.refused(() -> k.maxPoolTangent(s, 1, x, alienY, 0, y), both);
      ConvolutionFacts.refused(() -> k.maxPoolTangent(s, 1, x, y, 0, alienY), both);
      ConvolutionFacts.refused(() -> k.averagePool(s, 1, alienX, 0, y), both);
      ConvolutionFacts.refused(() -> k.averagePool(s, 1, x, 0, alienY), both);
      ConvolutionFacts.refused(() -> k.averagePoolInput(s, 1, alienY, 0, x), both);
      ConvolutionFacts.refused(() -> k.averagePoolInput(s, 1, y, 0, alienX), both);
    }
    w.nothingChangedBut("refused pooling");
  }

  @Test
  default void aPoolingWithoutPixelsInEveryWindowIsRefused() {
    ConvolutionFacts.refused(() -> PoolingShape.of(1, 4, 0, 3, 2), "[4 x 0 x 3]", "at least 1");
    ConvolutionFacts.refused(() -> PoolingShape.of(1, 4, 3, 3, 4), "4 x 4", "4 x 3");
    ConvolutionFacts.refused(() -> PoolingShape.subsampling(1, 4, 3, 3, 0), "stride 0");
    ConvolutionFacts.refused(
        () -> new PoolingShape(1, 4, 4, 1, 2, 3, 1, 2), "padding 2", "2 x 3", "less than a window");
    ConvolutionFacts.refused(
        () -> PoolingShape.global(1, 5000, 5000, 1), "5000 x 5000", "16777216");
  }
}
