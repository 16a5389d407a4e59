package dev.evolute.spectral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class CounterRandomTest {
  private static final int COUNT = 200_000;
  // Five standard errors: with fixed seeds a fact, with another generator a 1 in 10^6 chance.
  private static final double FIVE = 5 / Math.sqrt(COUNT);

  private static double mean(double[] x) {
    return Arrays.stream(x).average().orElseThrow();
  }

  private static double correlation(double[] x, double[] y) {
    double mx = mean(x);
    double my = mean(y);
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      xy += (x[i] - mx) * (y[i] - my);
      xx += (x[i] - mx) * (x[i] - mx);
      yy += (y[i] - my) * (y[i] - my);
    }
    return xy / Math.sqrt(xx * yy);
  }

  private static double[] gaussians(long seed, long stream, long first) {
    double[] x = new double[COUNT];
    CounterRandom.fillGaussian(seed, stream, first, x);
    return x;
  }

  @Test
  void uniformHasTheMomentsAndTheRangeOfUniform() {
    double[] x = new double[COUNT];
    CounterRandom.fillUniform(1, 2, 0, x);
    assertEquals(0.5, mean(x), FIVE * Math.sqrt(1 / 12.0));
    assertEquals(
        1 / 12.0,
        mean(Arrays.stream(x).map(u -> (u - 0.5) * (u - 0.5)).toArray()),
        FIVE * Math.sqrt(1 / 180.0));
    assertTrue(Arrays.stream(x).allMatch(u -> u >= 0 && u < 1));
    int[] cells = new int[100];
    Arrays.stream(x).forEach(u -> cells[(int) (100 * u)]++);
    double expected = COUNT / 100.0;
    double chi2 =
        Arrays.stream(cells).mapToDouble(c -> (c - expected) * (c - expected) / expected).sum();
    assertEquals(99, chi2, 5 * Math.sqrt(2 * 99));
  }

  @Test
  void gaussianHasTheMomentsAndTailsOfGaussian() {
    double[] x = gaussians(1, 2, 0);
    assertEquals(0, mean(x), FIVE);
    assertEquals(1, mean(Arrays.stream(x).map(z -> z * z).toArray()), FIVE * Math.sqrt(2));
    assertEquals(0, mean(Arrays.stream(x).map(z -> z * z * z).toArray()), FIVE * Math.sqrt(15));
    assertEquals(3, mean(Arrays.stream(x).map(z -> z * z * z * z).toArray()), FIVE * Math.sqrt(96));
    double beyond2 = Arrays.stream(x).filter(z -> Math.abs(z) > 2).count() / (double) COUNT;
    assertEquals(0.0455003, beyond2, FIVE * Math.sqrt(0.0455));
  }

  @Test
  void streamsSeedsAndNeighboursAreUncorrelated() {
    double[] x = gaussians(1, 2, 0);
    assertEquals(0, correlation(x, gaussians(1, 3, 0)), FIVE);
    assertEquals(0, correlation(x, gaussians(2, 2, 0)), FIVE);
    assertEquals(0, correlation(x, gaussians(2, 1, 0)), FIVE);
    assertEquals(0, correlation(x, gaussians(1, 2, 1)), FIVE);
    assertEquals(0, correlation(x, gaussians(1, 2, 2)), FIVE);
    double[] squares = Arrays.stream(x).map(z -> z * z).toArray();
    double[] pairs = Arrays.stream(gaussians(1, 2, 1)).map(z -> z * z).toArray();
    assertEquals(0, correlation(squares, pairs), FIVE);
  }

  @Test
  void everyBitIsSetHalfTheTime() {
    int[] set = new int[64];
    for (int i = 0; i < COUNT; i++) {
      // Streams in sequence at one index: the key must be as well mixed as the counter.
      long bits = CounterRandom.bits(5, i, 0);
      for (int b = 0; b < 64; b++) {
        set[b] += (int) (bits >>> b) & 1;
      }
    }
    for (int b = 0; b < 64; b++) {
      assertEquals(0.5, set[b] / (double) COUNT, FIVE / 2, "bit " + b);
    }
  }

  @Test
  void anyPartOfAVectorIsTheSameDrawnAlone() {
    double[] whole = new double[101];
    CounterRandom.fillGaussian(3, 4, 0, whole);
    for (int first : new int[] {0, 1, 2, 57}) {
      double[] rest = new double[whole.length - first];
      CounterRandom.fillGaussian(3, 4, first, rest);
      assertArrayEquals(Arrays.copyOfRange(whole, first, whole.length), rest);
      assertEquals(whole[first], CounterRandom.gaussian(3, 4, first));
    }
  }

  @Test
  void numbersAreTheSameOnEveryMachineAndInEveryVersion() {
    // Computed once by a second implementation in another language.
    assertEquals(-2280956052244047478L, CounterRandom.bits(1, 2, 3));
    assertEquals(-0.4255110034170144, CounterRandom.gaussian(1, 2, 3));
  }

  @Test
  void buffersOfBothTypesHoldTheSameNumbersRounded() {
    int n = 20_001;
    try (Device device = Device.open("cpu", 1);
        Buffer single = device.allocate(DType.F32, n);
        Buffer twice = device.allocate(DType.F64, n)) {
      CounterRandom.fillGaussian(1, 2, 0.5, single);
      CounterRandom.fillGaussian(1, 2, 0.5, twice);
      double[] exact = twice.toArray();
      assertEquals(0.5 * CounterRandom.gaussian(1, 2, n - 1), exact[n - 1]);
      assertArrayEquals(Arrays.stream(exact).map(v -> (float) v).toArray(), single.toArray());
      CounterRandom.fillUniform(1, 2, -3, 3, twice);
      assertEquals(-3 + 6 * CounterRandom.uniform(1, 2, 9000), twice.get(9000));
    }
  }
}
