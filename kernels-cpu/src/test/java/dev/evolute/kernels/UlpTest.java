package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Activation.Kind;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The 2 ulp of the functions of one argument: over all floats, and over many random doubles. */
class UlpTest {
  private static final int BLOCK = 1 << 16;

  /** Doubles a function in the slow check, and in the one of every build. */
  private static final long MANY = Long.getLong("evolute.ulp.doubles", 100_000_000);

  private static final long FEW = 20_000;

  /** More ulps than an {@link Estimate} is off; {@link ExactTest} holds it to that. */
  static final double DOUBT = 0.15;

  static Stream<Activation> functions() {
    return Arrays.stream(Kind.values())
        .filter(kind -> kind.ordinal() > Kind.LEAKY_RELU.ordinal())
        .map(kind -> new Activation(kind, 0));
  }

  /** What was found: the most ulps, and where. */
  private record Worst(double ulps, double z, double value) {
    static Worst of(Worst a, Worst b) {
      return a.ulps >= b.ulps ? a : b;
    }
  }

  private static void assertWithin(double ulps, Activation f, int order, Worst worst) {
    String found =
        String.format(
            "%s, derivative %d: at most %.4f ulp, at z = %s, where it gives %s",
            f.kind(), order, worst.ulps, worst.z, worst.value);
    System.out.println(found);
    assertTrue(worst.ulps <= ulps, found);
  }

  /**
   * All 2^32 floats against the f64 kernel on the same arguments, which {@link
   * #randomDoublesAreWithinTwoUlp} holds against a reference of its own: its 2 ulp are 2^-28 of
   * f32's.
   */
  @Tag("slow")
  @ParameterizedTest
  @MethodSource("functions")
  void allFloatsAreWithinTwoUlp(Activation f) {
    int parts = 64;
    Worst worst =
        IntStream.range(0, parts)
            .parallel()
            .mapToObj(part -> floats(f, part * (1L << 32) / parts, (part + 1) * (1L << 32) / parts))
            .reduce(new Worst(0, 0, 0), Worst::of);
    assertWithin(2, f, 0, worst);
  }

  private static Worst floats(Activation f, long from, long to) {
    Worst worst = new Worst(0, 0, 0);
    try (Device cpu = Device.open("cpu", 1);
        Buffer z = cpu.allocate(DType.F32, BLOCK);
        Buffer wide = cpu.allocate(DType.F64, BLOCK);
        Buffer exact = cpu.allocate(DType.F64, BLOCK)) {
      double[] arguments = new double[BLOCK];
      double[] actual = new double[BLOCK];
      double[] expected = new double[BLOCK];
      for (long bits = from; bits < to; bits += BLOCK) {
        for (int i = 0; i < BLOCK; i++) {
          arguments[i] = Float.intBitsToFloat((int) bits + i);
        }
        z.write(0, arguments, 0, BLOCK);
        wide.write(0, arguments, 0, BLOCK);
        cpu.kernels(DType.F32).activation(f, z, z, null, null);
        cpu.kernels(DType.F64).activation(f, wide, exact, null, null);
        z.read(0, actual, 0, BLOCK);
        exact.read(0, expected, 0, BLOCK);
        for (int i = 0; i < BLOCK; i++) {
          double ulps = ulps(expected[i], actual[i]);
          if (!(ulps <= worst.ulps)) {
            worst = new Worst(ulps, arguments[i], actual[i]);
          }
        }
      }
    }
    return worst;
  }

  /** Of f32; not a number only where the other is, zero with its sign, infinity only beyond. */
  private static double ulps(double expected, double actual) {
    if (Double.isNaN(expected) || Double.isNaN(actual)) {
      return Double.isNaN(expected) && Double.isNaN(actual) ? 0 : Double.POSITIVE_INFINITY;
    }
    if (expected == 0 || Math.abs(expected) == Double.POSITIVE_INFINITY) {
      return Double.compare(expected, actual) == 0 ? 0 : Double.POSITIVE_INFINITY;
    }
    float nearest = (float) expected;
    if (Float.isInfinite(nearest)) {
      return nearest == actual ? 0 : Double.POSITIVE_INFINITY;
    }
    if (Double.isInfinite(actual)) {
      double next = Math.copySign(0x1p128, actual);
      return Math.abs(next - expected) / Math.ulp(nearest);
    }
    return Math.abs(actual - expected) / Math.ulp(nearest);
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("functions")
  void randomDoublesAreWithinTwoUlp(Activation f) {
    assertRandom(f, MANY);
  }

  @ParameterizedTest
  @MethodSource("functions")
  void someRandomDoublesAreWithinTwoUlp(Activation f) {
    assertRandom(f, FEW);
  }

  private static void assertRandom(Activation f, long count) {
    int parts = 64;
    Worst[][] found =
        IntStream.range(0, parts)
            .parallel()
            .mapToObj(part -> doubles(f, part, (count + parts - 1) / parts))
            .toArray(Worst[][]::new);
    assertAll(
        IntStream.range(0, 3)
            .mapToObj(
                order ->
                    () -> {
                      Worst worst =
                          Arrays.stream(found).map(w -> w[order]).reduce(Worst::of).orElseThrow();
                      assertWithin(ActivationFacts.BOUNDS[order], f, order, worst);
                    }));
  }

  /**
   * Values where an estimate leaves a doubt that they could be the worst, derivatives at few
   * arguments: the reference takes microseconds.
   */
  private static Worst[] doubles(Activation f, int seed, long count) {
    Worst[] worst = {new Worst(0, 0, 0), new Worst(0, 0, 0), new Worst(0, 0, 0)};
    Random random = new Random(seed);
    Estimate estimate = new Estimate();
    int block = 1000;
    double[] z = new double[block];
    try (Device cpu = Device.open("cpu", 1);
        Buffer at = cpu.allocate(DType.F64, block);
        Buffer value = cpu.allocate(DType.F64, block);
        Buffer first = cpu.allocate(DType.F64, block);
        Buffer second = cpu.allocate(DType.F64, block)) {
      for (long done = 0; done < count; done += block) {
        Arrays.setAll(
            z, i -> ActivationFacts.inside(f, ActivationFacts.anyNumber(DType.F64, random)));
        at.write(0, z, 0, block);
        cpu.kernels(DType.F64).activation(f, at, value, first, second);
        double[][] actual = {value.toArray(), first.toArray(), second.toArray()};
        for (int order = 0; order < 3; order++) {
          for (int i = 0; i < block; i += order == 0 ? 1 : count > FEW ? 500 : 10) {
            double y = actual[order][i];
            if (order == 0
                && Estimate.covers(f, z[i], y)
                && estimate.ulps(f, z[i], y) < worst[0].ulps - DOUBT) {
              continue;
            }
            double ulps = Exact.ulps(f, order, z[i], y, DType.F64);
            if (!(ulps <= worst[order].ulps)) {
              worst[order] = new Worst(ulps, z[i], y);
            }
          }
        }
      }
    }
    return worst;
  }
}
