package dev.evolute.bench.duel;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A benchmark that {@code evolute bench} knows: a grid of cases and who is measured on it. */
interface Bench {
  /** All of them; a new one is one class and one entry here. */
  List<Bench> ALL =
      List.of(
          new GemmBench(),
          new ElementwiseBench(),
          new Blas1Bench(),
          new StartsBench(),
          NetworkBench.GRADIENT,
          NetworkBench.HVP,
          NetworkBench.BLOCK_GRADIENT,
          NetworkBench.BLOCK_HVP,
          NetworkBench.TRAIN,
          new SpectralBench(),
          new SplitBench(),
          new SplitHvpBench());

  /** What it is called by. */
  String name();

  /** A sentence for the head of the report. */
  String title();

  /** Of the rates: {@code GFLOP/s}. */
  String unit();

  /** Why this machine has nothing to measure, in a sentence; empty where it has. */
  default Optional<String> trouble() {
    return Optional.empty();
  }

  /** The grid, smaller where it has to be quick. */
  List<Case> cases(boolean quick, List<Integer> threads);

  /** What contenders that are compiled while they run are warmed up with before all cases. */
  default List<Case> warmUp() {
    return List.of();
  }

  Entrant ours();

  /** All there are, whether they are on the class path or not. */
  List<Entrant> peers();

  /** What the machine could do in a case, measured in the same rounds; takes no case of others. */
  default Entrant limit() {
    return Entrant.java("fma", "dev.evolute.bench.FmaPeak", true);
  }

  /**
   * Something else that ours is held against in the same rounds, beside the peers: another function
   * of ours, or a contender that does not count among them.
   */
  default Optional<Entrant> reference() {
    return Optional.empty();
  }

  /** What the limit is, for the head of its column. */
  default String limitName() {
    return "FMA peak";
  }

  /** Cases with the same key have the same limit. */
  default String limitKey(Case which) {
    return which.dtype() + " t" + which.threads();
  }

  /** Measures the cases of which our side has the function. */
  default Findings measure(
      List<Case> cases, List<Entrant> peers, Pace pace, BenchProgress progress) {
    try (Duel duel = new Duel(this, peers, pace, Opponent::command)) {
      List<Row> rows = duel.run(cases, progress);
      return new Findings(rows, duel.descriptions(), duel.vectorBits());
    }
  }

  /**
   * What was found.
   *
   * @param contenders what each says of itself, by name
   * @param vectorBits width of the vectors our kernels are compiled to
   */
  record Findings(List<Row> rows, Map<String, String> contenders, int vectorBits) {}
}
