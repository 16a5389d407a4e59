package dev.evolute.bench.duel;

import java.util.ArrayList;
import java.util.List;

/** Functions applied to every element of a vector, beside oneMKL's vector math. */
final class ElementwiseBench implements Bench {
  private static final List<String> FUNCTIONS =
      List.of(
          "exp",
          "expm1",
          "log",
          "log1p",
          "tanh",
          "sigmoid",
          "softplus",
          "erf",
          "gelu",
          "silu",
          "sqrt",
          "reciprocal");

  /** The call counts, a cache holds it, memory decides. */
  private static final List<Integer> LENGTHS = List.of(1000, 50_000, 16_000_000);

  @Override
  public String name() {
    return "elementwise";
  }

  @Override
  public String title() {
    return "Functions of every element of a vector of so many, values only";
  }

  @Override
  public String unit() {
    return "Gelem/s";
  }

  @Override
  public List<Case> cases(boolean quick, List<Integer> threads) {
    List<Case> cases = new ArrayList<>();
    for (int count : threads) {
      for (String dtype : List.of("f32", "f64")) {
        for (int length : LENGTHS) {
          for (String function : FUNCTIONS) {
            // Quick: one thread in the cache, the others with one function.
            boolean first = function.equals("tanh") && length != 1000;
            if (!quick || first || (count == 1 && length == 50_000)) {
              cases.add(new Case(dtype, function + " " + length, count));
            }
          }
        }
      }
    }
    return cases;
  }

  @Override
  public List<Case> warmUp() {
    return List.of(new Case("f32", "tanh 50000", 1), new Case("f64", "tanh 50000", 1));
  }

  @Override
  public Entrant ours() {
    return Entrant.java("evolute", "dev.evolute.bench.FunctionBenchmark", true);
  }

  @Override
  public List<Entrant> peers() {
    return List.of(Peers.oneMkl("dev.evolute.bench.OneMklFunctionBenchmark"));
  }

  @Override
  public Entrant limit() {
    return Entrant.java("memory", "dev.evolute.bench.Bandwidth", true);
  }

  @Override
  public String limitName() {
    return "copy bandwidth";
  }
}
