package dev.evolute.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Activation.Kind;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The reference of {@link ActivationFacts} against series in 60 decimal digits. */
class ExactTest {
  private static final MathContext DIGITS = new MathContext(60, RoundingMode.HALF_EVEN);
  private static final BigDecimal TWO = BigDecimal.valueOf(2);
  private static final BigDecimal PI =
      new BigDecimal("3.14159265358979323846264338327950288419716939937510582097494459");

  private static BigDecimal exp(BigDecimal x) {
    BigDecimal small = x.divide(BigDecimal.valueOf(1024), DIGITS);
    BigDecimal sum = BigDecimal.ONE;
    BigDecimal term = BigDecimal.ONE;
    for (int i = 1; i < 40; i++) {
      term = term.multiply(small).divide(BigDecimal.valueOf(i), DIGITS);
      sum = sum.add(term);
    }
    return sum.pow(1024, DIGITS);
  }

  /** {@code Phi(x) - 1/2} by its Taylor series, in as many digits as its cancellation asks for. */
  private static BigDecimal phi(BigDecimal x) {
    MathContext more = new MathContext(120, RoundingMode.HALF_EVEN);
    BigDecimal square = x.multiply(x, more).divide(TWO.negate(), more);
    BigDecimal power = x;
    BigDecimal sum = x;
    for (int i = 1; i < 400; i++) {
      power = power.multiply(square, more).divide(BigDecimal.valueOf(i), more);
      sum = sum.add(power.divide(BigDecimal.valueOf(2 * i + 1), more));
    }
    return sum.divide(TWO.multiply(PI).sqrt(more), more);
  }

  private static BigDecimal value(Kind kind, BigDecimal x) {
    BigDecimal one = BigDecimal.ONE;
    return switch (kind) {
      case EXP -> exp(x);
      case EXPM1 -> exp(x).subtract(one);
      case TANH -> {
        BigDecimal e = exp(x.multiply(TWO));
        yield e.subtract(one).divide(e.add(one), DIGITS);
      }
      case SIGMOID -> one.divide(one.add(exp(x.negate())), DIGITS);
      case SILU -> x.divide(one.add(exp(x.negate())), DIGITS);
      case GELU_TANH -> {
        BigDecimal cube = x.pow(3).multiply(new BigDecimal("0.044715"));
        BigDecimal v = TWO.multiply(TWO.divide(PI, DIGITS).sqrt(DIGITS)).multiply(x.add(cube));
        yield x.divide(one.add(exp(v.negate())), DIGITS);
      }
      case GELU -> x.multiply(phi(x).add(new BigDecimal("0.5")));
      case ERF -> phi(x.multiply(TWO.sqrt(DIGITS), DIGITS)).multiply(TWO);
      default -> throw new IllegalArgumentException("" + kind);
    };
  }

  private static double relativeError(Exact actual, BigDecimal expected) {
    BigDecimal sum = new BigDecimal(actual.hi()).add(new BigDecimal(actual.lo()));
    return sum.subtract(expected).divide(expected, DIGITS).abs().doubleValue();
  }

  @Test
  void referenceHasEightyBits() {
    Random random = new Random(3);
    for (Kind kind :
        new Kind[] {
          Kind.EXP,
          Kind.EXPM1,
          Kind.TANH,
          Kind.SIGMOID,
          Kind.SILU,
          Kind.GELU_TANH,
          Kind.GELU,
          Kind.ERF
        }) {
      for (int i = 0; i < 100; i++) {
        double x = random.nextGaussian() * 3 + 0x1p-30;
        Exact actual = Exact.at(new Activation(kind, 0), 0, x, 1);
        double error = relativeError(actual, value(kind, new BigDecimal(x)));
        assertTrue(error < 0x1p-64, kind + " at " + x + ": " + error);
      }
    }
  }

  @Test
  void logarithmsUndoExponentials() {
    Random random = new Random(4);
    for (int i = 0; i < 300; i++) {
      double x = Math.abs(random.nextGaussian()) * Math.exp(random.nextGaussian() * 20);
      Exact log = Exact.at(Activation.LOG, 0, x, 1);
      BigDecimal y = new BigDecimal(log.hi()).add(new BigDecimal(log.lo()));
      double off = exp(y).divide(new BigDecimal(x), DIGITS).subtract(BigDecimal.ONE).doubleValue();
      assertEquals(0, off / Math.abs(log.hi()), 0x1p-64, "log " + x);
      Exact log1p = Exact.at(Activation.LOG1P, 0, x, 1);
      y = new BigDecimal(log1p.hi()).add(new BigDecimal(log1p.lo()));
      off = exp(y).subtract(BigDecimal.ONE).divide(new BigDecimal(x), DIGITS).doubleValue() - 1;
      assertEquals(0, off, 0x1p-52, "log1p " + x);
    }
  }

  /** Each derivative is the slope of the one below, differences taken in some 100 bits. */
  @Test
  void derivativesAreSlopes() {
    Random random = new Random(5);
    double h = 0x1p-30;
    for (Kind kind : Kind.values()) {
      if (kind.ordinal() <= Kind.LEAKY_RELU.ordinal()) {
        continue;
      }
      Activation f = new Activation(kind, 0);
      for (int i = 0; i < 200; i++) {
        double x = Math.abs(random.nextGaussian()) + 0.1;
        x = Math.rint(x * 0x1p20) * 0x1p-20;
        boolean anySign = kind != Kind.LOG && kind != Kind.LOG1P && kind != Kind.SQRT;
        x = anySign && i % 2 == 0 ? -x : x;
        for (int order = 1; order <= 2; order++) {
          Exact rise = Exact.at(f, order - 1, x + h, 1).minus(Exact.at(f, order - 1, x - h, 1));
          double slope = Exact.at(f, order, x, 1).hi();
          double size = 1 + Math.pow(Math.abs(x), -5);
          assertEquals(rise.hi() / (2 * h), slope, 1e-15 * size, kind + " at " + x);
        }
      }
    }
  }

  /** Hence what {@link UlpTest} does not ask the reference about could not be its worst. */
  @Test
  void estimatesCountTheUlpsOfTheReference() {
    Estimate estimate = new Estimate();
    for (Kind kind : Kind.values()) {
      Activation f = new Activation(kind, 0);
      Random random = new Random(kind.ordinal());
      for (int i = 0; i < 5000 && kind.ordinal() > Kind.LEAKY_RELU.ordinal(); i++) {
        double x = ActivationFacts.inside(f, ActivationFacts.anyNumber(DType.F64, random));
        double near = Math.nextUp(Exact.at(f, 0, x, 1).hi());
        if (Estimate.covers(f, x, near)) {
          double expected = Exact.ulps(f, 0, x, near, DType.F64);
          String what = kind + " at " + x;
          assertEquals(expected, estimate.ulps(f, x, near), UlpTest.DOUBT, what);
        }
      }
    }
  }
}
