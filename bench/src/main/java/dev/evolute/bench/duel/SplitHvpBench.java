package dev.evolute.bench.duel;

import java.util.List;
import java.util.Optional;

/** Hessian-vector products on a matrix unit for BF16, beside ours on vectors. */
final class SplitHvpBench implements Bench {
  private static final String SMALL = "3072-2048-2048-1 tanh squared n512";
  private static final String LARGE = "decoder-70m n1";

  @Override
  public String name() {
    return "hvp-split";
  }

  @Override
  public String title() {
    return "Hessian-vector products with matrix products of f32 as six of BF16 on a matrix unit,"
        + " beside ours with products of f32";
  }

  @Override
  public String unit() {
    return "products/s";
  }

  @Override
  public Optional<String> trouble() {
    return SplitBench.lacking(name());
  }

  @Override
  public List<Case> cases(boolean quick, List<Integer> threads) {
    return threads.stream()
        .flatMap(
            count ->
                (quick ? List.of(SMALL) : List.of(SMALL, LARGE))
                    .stream().map(network -> new Case("f32", network, count)))
        .toList();
  }

  @Override
  public Entrant ours() {
    return Entrant.java("evolute", "dev.evolute.bench.SplitHvp", true);
  }

  @Override
  public List<Entrant> peers() {
    return List.of(Entrant.java("f32", "dev.evolute.bench.HvpBenchmark", true));
  }

  @Override
  public Entrant limit() {
    return Entrant.java("fma", "dev.evolute.bench.NetworkPeak$Hvp", true);
  }

  @Override
  public String limitKey(Case which) {
    return which.toString();
  }
}
