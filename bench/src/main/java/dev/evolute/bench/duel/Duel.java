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
 * C, so that whatever slows the machine down for a while slows all of them. A rate is the median
 * over the rounds.
 *
 * <p>A process each, because two BLAS libraries in one resolve each other's {@code cblas_} symbols.
 */
final class Duel implements AutoCloseable {
  /** A peer slower than this share of the fastest cannot win, and rests after its first turns. */
  private static final double HOPELESS = 0.5;

  private final Contestant ours;
  private final List<Contestant> peers = new ArrayList<>();
  private final Contestant limit;
  private final List<Contestant> all = new ArrayList<>();
  private final Pace pace;

  /** One entrant with its process, and what the case at hand has shown of it. */
  private static final class Contestant {
    final Entrant entrant;
    final Opponent opponent;
    final List<Double> rates = new ArrayList<>();
    double work;
    double bytes;

    Contestant(Entrant entrant, Opponent opponent) {
      this.entrant = entrant;
      this.opponent = opponent;
    }

    boolean takes(Case which, Pace pace) {
      rates.clear();
      bytes = Double.POSITIVE_INFINITY;
      work =
          opponent.take(which, entrant.java() ? pace.javaWarmUpNanos() : pace.nativeWarmUpNanos());
      return !Double.isNaN(work);
    }

    void turn(long nanos) {
      Stopwatch.Slice slice = opponent.slice(nanos);
      rates.add(work / slice.seconds());
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
    this(bench.ours(), peers, bench.limit(), bench.warmUp(), pace, command, Opponent.PATIENCE);
  }

  Duel(
      Entrant ours,
      List<Entrant> peers,
      Entrant limit,
      List<Case> warmUp,
      Pace pace,
      Function<Entrant, List<String>> command,
      Duration patience) {
    this.pace = pace;
    BiFunction<Entrant, String, Contestant> start =
        (entrant, wayOut) -> {
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
    if (!ours.takes(which, pace)) {
      return Optional.empty();
    }
    List<Contestant> present = new ArrayList<>();
    for (Contestant peer : peers) {
      if (peer.takes(which, pace)) {
        present.add(peer);
      }
    }
    boolean limited = limit.takes(which, pace);
    List<Contestant> racing = new ArrayList<>(present);
    racing.add(0, ours);
    for (int round = 0; round < pace.rounds(); round++) {
      if (round >= Pace.LEAST_ROUNDS && System.nanoTime() - start > allowanceNanos) {
        break;
      }
      // Who is first changes, so that nobody always runs behind the same other.
      for (int i = 0; i < racing.size(); i++) {
        racing.get((round + i) % racing.size()).turn(pace.sliceNanos());
      }
      if (limited) {
        limit.turn(pace.sliceNanos() / 3);
      }
      double best = racing.stream().mapToDouble(Contestant::rate).max().orElseThrow();
      racing.removeIf(c -> c != ours && c.rate() < HOPELESS * best);
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
            ours.bytes));
  }

  @Override
  public void close() {
    all.forEach(contestant -> contestant.opponent.close());
  }
}
