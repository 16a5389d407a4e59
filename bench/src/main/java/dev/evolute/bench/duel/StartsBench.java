package dev.evolute.bench.duel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether every start of the JVM is as fast as the others: C2 may compile the same loop differently
 * from one to the next, or not at all. Twenty starts, one after the other; the slowest is held
 * against the median. Minutes lie between them, in which a shared machine changes its pace: a start
 * counts by its share of the FMA peak that was measured in the same rounds.
 */
final class StartsBench implements Bench {
  private static final int STARTS = 20;
  private static final int QUICK_STARTS = 4;
  private static final List<String> SHAPES =
      List.of("1024x1024x1024 nn", "256x256x256 nn", "64x64x64 nn", "16x16x16 nn");

  @Override
  public String name() {
    return "starts";
  }

  @Override
  public String title() {
    return "Matrix products in "
        + STARTS
        + " fresh JVMs ("
        + QUICK_STARTS
        + " if quick): the slowest start as ours, the median start as its peer, by their shares of"
        + " the FMA peak of the same start";
  }

  @Override
  public String unit() {
    return "GFLOP/s";
  }

  @Override
  public List<Case> cases(boolean quick, List<Integer> threads) {
    List<Case> cases = new ArrayList<>();
    for (String dtype : List.of("f32", "f64")) {
      SHAPES.forEach(shape -> cases.add(new Case(dtype, shape, threads.get(0))));
    }
    return cases;
  }

  @Override
  public Entrant ours() {
    return Entrant.java("evolute", "dev.evolute.bench.GemmBenchmark", true);
  }

  @Override
  public List<Entrant> peers() {
    return List.of();
  }

  @Override
  public Findings measure(
      List<Case> cases, List<Entrant> peers, Pace pace, BenchProgress progress) {
    Map<Case, List<Row>> found = new LinkedHashMap<>();
    int starts = pace == Pace.QUICK ? QUICK_STARTS : STARTS;
    Findings last = null;
    for (int i = 0; i < starts; i++) {
      progress.at(i, starts, "start " + (i + 1));
      // The first warm-up of a JVM is the one that has to wait for C2.
      try (Duel duel = new Duel(this, List.of(), pace.patient(), Opponent::command)) {
        List<Row> rows = duel.run(cases, BenchProgress.SILENT);
        rows.forEach(row -> found.computeIfAbsent(row.which(), c -> new ArrayList<>()).add(row));
        last = new Findings(rows, duel.descriptions(), duel.vectorBits());
      }
    }
    progress.done();
    List<Row> rows = new ArrayList<>();
    found.forEach((which, measured) -> rows.add(slowest(which, measured)));
    return new Findings(rows, last.contenders(), last.vectorBits());
  }

  private static Row slowest(Case which, List<Row> starts) {
    double limit = Statistics.median(starts.stream().map(Row::limit).toList());
    List<Double> rates = starts.stream().map(start -> start.ofLimit() * limit).toList();
    return new Row(
        which,
        rates.stream().mapToDouble(Double::doubleValue).min().orElseThrow(),
        Map.of("median", Statistics.median(rates)),
        limit,
        Statistics.spread(rates),
        starts.stream().mapToDouble(Row::bytes).max().orElseThrow(),
        Map.of());
  }
}
