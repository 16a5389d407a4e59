package dev.evolute.bench;

import dev.evolute.kernels.Buffer;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * {@code y_i = f(x_i)} on vectors of standard normal numbers, of their absolute values where the
 * function needs it.
 */
public abstract class FunctionProblem extends DuelProblem {
  /** Elements whose values are checked, spread over the vector. */
  private static final int CHECKED = 10_000;

  /** The functions by their names in {@code Activation.Kind}, with their values in double. */
  public enum Function {
    EXP(Math::exp, false),
    EXPM1(Math::expm1, false),
    LOG(Math::log, true),
    LOG1P(Math::log1p, true),
    TANH(Math::tanh, false),
    SIGMOID(x -> 1 / (1 + Math.exp(-x)), false),
    SOFTPLUS(x -> Math.log1p(Math.exp(x)), false),
    ERF(Function::erf, false),
    GELU(x -> 0.5 * x * (1 + erf(x / Math.sqrt(2))), false),
    SILU(x -> x / (1 + Math.exp(-x)), false),
    SQRT(Math::sqrt, true),
    RECIPROCAL(x -> 1 / x, false);

    private final DoubleUnaryOperator value;
    private final boolean positive;

    Function(DoubleUnaryOperator value, boolean positive) {
      this.value = value;
      this.positive = positive;
    }

    /**
     * {@code erf(x) = 2 / sqrt(pi) exp(-x^2) sum_k 2^k x^(2k+1) / (2k+1)!!}, all terms of one sign
     * (Abramowitz and Stegun 7.1.6).
     */
    private static double erf(double x) {
      double term = x;
      double sum = x;
      for (int k = 1; Math.abs(term) > 1e-17 * Math.abs(sum); k++) {
        term *= 2 * x * x / (2 * k + 1);
        sum += term;
      }
      return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }
  }

  /** A small one of which the call is part, one layer's activations, and one beyond all caches. */
  @Param({"1000", "50000", "16000000"})
  public int length;

  @Param public Function function;

  Buffer x;
  Buffer y;

  @Override
  final boolean choose(String what) {
    String[] words = what.split(" ");
    function = Function.valueOf(words[0].toUpperCase(Locale.ROOT));
    length = Integer.parseInt(words[1]);
    return has(function);
  }

  /** Whether this library has the function. */
  abstract boolean has(Function function);

  @Override
  final void prepare() {
    x = repeated(length, 1);
    y = zeros(length);
    if (function.positive) {
      makePositive();
    }
    prepareFunction();
    call();
    check();
  }

  /** Binds the library. */
  abstract void prepareFunction();

  private void makePositive() {
    double[] part = new double[1 << 12];
    for (int from = 0; from < length; from += part.length) {
      int count = Math.min(part.length, length - from);
      x.read(from, part, 0, count);
      for (int i = 0; i < count; i++) {
        part[i] = Math.abs(part[i]);
      }
      x.write(from, part, 0, count);
    }
  }

  private void check() {
    int step = Math.max(1, length / CHECKED);
    double[] expected = new double[length / step];
    double[] actual = new double[length / step];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = function.value.applyAsDouble(x.get((long) i * step));
      actual[i] = y.get((long) i * step);
    }
    Agreement.require(function.name(), dtype, expected, actual);
  }

  @Override
  public final double work() {
    return 1e-9 * length;
  }

  /** Elements done, in 10^9: JMH reports it as a rate. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Work {
    public double gelements;

    void add(int elements) {
      gelements += 1e-9 * elements;
    }
  }
}
