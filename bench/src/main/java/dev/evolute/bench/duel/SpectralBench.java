package dev.evolute.bench.duel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Both ends of the Hessian of a network on real digits, beside what people do with PyTorch: the
 * time until a whole solve is done.
 */
final class SpectralBench implements Bench {
  private static final String SMALL = "784-50-50-10 relu cross-entropy n1000 digits";
  private static final String LARGE = "784-512-512-10 tanh cross-entropy n1000 digits";

  /** The peer with which the truth is checked. */
  static final String ARPACK = "arpack";

  @Override
  public String name() {
    return "spectral";
  }

  @Override
  public String title() {
    return "Both ends of the Hessian of networks on real digits, at their start: whole solves, from"
        + " a random vector to the result, at a point computed before, on all sides; a peer's time"
        + " is that until both of its ends are as close to the true ones as ours";
  }

  @Override
  public String unit() {
    return "solves/min";
  }

  @Override
  public List<Case> cases(boolean quick, List<Integer> threads) {
    List<Case> cases = new ArrayList<>();
    int all = threads.getLast();
    if (quick) {
      return List.of(new Case("f32", SMALL, all));
    }
    for (int count : threads) {
      for (String dtype : List.of("f32", "f64")) {
        cases.add(new Case(dtype, SMALL, count));
      }
    }
    // A single solve of the slowest peer takes longer than all others together.
    cases.add(new Case("f32", LARGE, all));
    return cases;
  }

  @Override
  public Entrant ours() {
    return Entrant.java("evolute", "dev.evolute.bench.SpectralBenchmark", true);
  }

  @Override
  public List<Entrant> peers() {
    return List.of(
        Peers.pyTorch("pyhessian", "dev.evolute.bench.PyTorchPowerIteration", true, Map.of()),
        Peers.pyTorch(ARPACK, "dev.evolute.bench.PyTorchArpack", true, Map.of()));
  }

  @Override
  public Entrant limit() {
    return Entrant.java("fma", "dev.evolute.bench.NetworkPeak$Hvp", true);
  }

  @Override
  public String limitKey(Case which) {
    return which.toString();
  }

  @Override
  public Findings measure(
      List<Case> cases, List<Entrant> peers, Pace pace, BenchProgress progress) {
    try (Race race = new Race(ours(), peers, limit(), pace, Opponent::command)) {
      List<Row> rows = race.run(cases, progress);
      return new Findings(rows, race.descriptions(), race.vectorBits());
    }
  }
}
