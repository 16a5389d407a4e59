package dev.evolute.bench.duel;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Measures contenders against each other on a machine that is noisy and shared: each has a JVM of
 * its own that lives through all cases, and in each case they take turns in short slices, A B C A B
 * C, so that whatever slows the machine down for a while slows all of them; and where one thread is
 * to run, all run on the same processor. A rate is the median over the rounds.
 *
 * <p>A process each, because two BLAS libraries in one resolve each other's {@code cblas_} symbols.
 */
final class Duel implements AutoCloseable {
  /** A peer slower than this share of the fastest cannot win, and rests after its first turns. */
  private static final double HOPELESS = 0.5;

  /** Processors among which the fastest is looked for. */
  private static final int MOST_PROCESSORS = 8;

  private final Contestant ours;
  private final List<Contestant> peers = new ArrayList<>();
  private final Contestant limit;

  /** Null where there is none. */
  private final Contestant reference;

  private final List<Contestant> all = new ArrayList<>();
  private final Pace pace;

  /** One entrant with its process, and what the case at hand has shown of it. */
  private static final class Contestant {
    final Entrant entrant;
    final Opponent opponent;
    final List<Double> rates = new ArrayList<>();
    Readiness ready;
    double bytes;

    Contestant(Entrant entrant, Opponent opponent) {
      this.entrant = entrant;
      this.opponent = opponent;
    }

    void offer(Case which, Pace pace) {
      rates.clear();
      bytes = Double.POSITIVE_INFINITY;
      opponent.offer(which, entrant.java() ? pace.javaWarmUpNanos() : pace.nativeWarmUpNanos());
    }

    boolean takes(Case which) {
      ready = opponent.taken(which).orElse(null);
      return ready != null;
    }

    void turn(int processor, long nanos) {
      Stopwatch.Slice slice = opponent.slice(nanos, processor);
      rates.add(ready.work() / slice.seconds());
      bytes = Math.min(bytes, slice.bytes());
    }

    double rate() {
      return Statistics.median(rates);
    }
  }

  /**
   * Starts all processes.
   *
   * @param command how the process of an entrant is started
   */
  Duel(Bench bench, List<Entrant> peers, Pace pace, Function<Entrant, List<String>> command) {
    this(
        bench.ours(),
        peers,
        bench.limit(),
        bench.reference(),
        bench.warmUp(),
        pace,
        command,
        Opponent.PATIENCE);
  }

  Duel(
      Entrant ours,
      List<Entrant> peers,
      Entrant limit,
      Optional<Entrant> reference,
      List<Case> warmUp,
      Pace pace,
      Function<Entrant, List<String>> command,
      Duration patience) {
    this.pace = pace;
    BiFunction<Entrant, String, Contestant> start =
        (entrant, wayOut) -> {
          // One after the other: two processes that start with the same native library unpack it
          // into the same folder, and one of them was seen to abort.
          all.stream()
              .filter(other -> other.entrant.type().equals(entrant.type()))
              .forEach(other -> other.opponent.greet());
          Contestant contestant =
              new Contestant(
                  entrant, new Opponent(entrant, command.apply(entrant), patience, wayOut));
          all.add(contestant);
          return contestant;
        };
    try {
      this.ours = start.apply(ours, "");
      peers.forEach(peer -> this.peers.add(start.apply(peer, "; leave it out with --peers")));
      this.limit = start.apply(limit, "");
      this.reference = reference.map(entrant -> start.apply(entrant, "")).orElse(null);
      all.forEach(contestant -> contestant.opponent.greet());
      warmUp(warmUp);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Before anything is measured, so all at the same time. */
  private void warmUp(List<Case> cases) {
    List<Contestant> compiled = all.stream().filter(c -> c.entrant.java()).toList();
    for (Case which : cases) {
      compiled.forEach(c -> c.opponent.offer(which, pace.startNanos()));
      compiled.forEach(c -> c.opponent.taken(which));
    }
  }

  /** What each contender says of itself, by name. */
  Map<String, String> descriptions() {
    Map<String, String> descriptions = new LinkedHashMap<>();
    all.forEach(c -> descriptions.put(c.entrant.name(), c.opponent.greet()));
    return descriptions;
  }

  /** Bits of a vector in our process. */
  int vectorBits() {
    return ours.opponent.vectorBits();
  }

  /** Measures all cases; one of a function that we do not have has no row. */
  List<Row> run(List<Case> cases, BenchProgress progress) {
    List<Row> rows = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < cases.size(); i++) {
      progress.at(i, cases.size(), cases.get(i).toString());
      long allowance = pace.allowance(System.nanoTime() - start, cases.size() - i);
      run(cases.get(i), allowance).ifPresent(rows::add);
    }
    progress.done();
    return rows;
  }

  private Optional<Row> run(Case which, long allowanceNanos) {
    long start = System.nanoTime();
    // Each makes and checks its operands on a core of its own, if there are enough.
    all.forEach(contestant -> contestant.offer(which, pace));
    List<Contestant> takers = all.stream().filter(contestant -> contestant.takes(which)).toList();
    if (!takers.contains(ours)) {
      return Optional.empty();
    }
    List<Contestant> present = peers.stream().filter(takers::contains).toList();
    for (Contestant peer : present) {
      if (!peer.ready.agrees(ours.ready, which.dtype())) {
        throw new BenchException(
            "%s computes something else than we do in %s: %s, ours %s"
                .formatted(peer.entrant.name(), which, peer.ready.text(), ours.ready.text()));
      }
    }
    boolean limited = takers.contains(limit);
    boolean related = takers.contains(reference);
    List<Contestant> racing = new ArrayList<>(present);
    racing.add(0, ours);
    if (related) {
      racing.add(reference);
    }
    int processor = limited && which.threads() == 1 ? fastestProcessor() : 0;
    for (int round = 0; round < pace.rounds(); round++) {
      if (round >= Pace.LEAST_ROUNDS && System.nanoTime() - start > allowanceNanos) {
        break;
      }
      // Who is first changes, so that nobody always runs behind the same other.
      for (int i = 0; i < racing.size(); i++) {
        racing.get((round + i) % racing.size()).turn(processor, pace.sliceNanos());
      }
      if (limited) {
        limit.turn(processor, pace.sliceNanos() / 3);
      }
      double best =
          racing.stream()
              .filter(c -> c != reference)
              .mapToDouble(Contestant::rate)
              .max()
              .orElseThrow();
      racing.removeIf(c -> present.contains(c) && c.rate() < HOPELESS * best);
    }
    Map<String, Double> rates = new LinkedHashMap<>();
    present.forEach(peer -> rates.put(peer.entrant.name(), peer.rate()));
    return Optional.of(
        new Row(
            which,
            ours.rate(),
            rates,
            limited ? Collections.max(limit.rates) : Double.NaN,
            Statistics.spread(ours.rates),
            ours.bytes,
            figures(related)));
  }

  /** Of a shared machine's processors one may be half as fast as the next for minutes. */
  private int fastestProcessor() {
    int count = Math.min(MOST_PROCESSORS, Runtime.getRuntime().availableProcessors());
    for (int processor = 0; processor < count; processor++) {
      limit.turn(processor, pace.sliceNanos() / 3);
    }
    return limit.rates.indexOf(Collections.max(limit.rates));
  }

  /** Ours over the reference, where there is one. */
  private Map<String, Double> figures(boolean related) {
    Map<String, Double> figures = new LinkedHashMap<>();
    if (ours.ready.memory() > 0) {
      figures.put("MB", 1e-6 * ours.ready.memory());
    }
    if (related) {
      String name = reference.entrant.name();
      figures.put("time/" + name, reference.rate() / ours.rate());
      if (reference.ready.memory() > 0) {
        figures.put("MB/" + name, (double) ours.ready.memory() / reference.ready.memory());
      }
    }
    return figures;
  }

  @Override
  public void close() {
    all.forEach(contestant -> contestant.opponent.close());
  }
}
