package dev.evolute.bench.duel;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Measures solvers against each other, each in a JVM of its own: a turn is a whole solve, and in
 * each round all start from the same random vector. We come first, since a peer is timed until its
 * error is no larger than ours; errors below the noise of the element type count as equal to it.
 *
 * <p>The truth is our own solver's in fp64 at a residual of 1e-9; where ARPACK takes part it has to
 * find the same, by its own algorithm over PyTorch's products.
 */
final class Race implements AutoCloseable {
  private static final double TOLERANCE = 1e-4;
  private static final double TRUTH_TOLERANCE = 1e-9;

  /** At this residual a value is right to the square of it over the gap to its neighbours. */
  private static final double WITNESS_TOLERANCE = 1e-6;

  /** What two solvers of the truth may differ by, relative to the norm. */
  private static final double TRUTH_ERROR = 1e-8;

  private static final int ROUNDS = 3;

  /** Solves before a case last so many times a warm-up of products. */
  private static final int WARM_UP = 25;

  /** A peer has so many times our time to come as close, and is cut off after so many seconds. */
  private static final double PATIENCE = 25;

  private static final double MOST_SECONDS = 120;

  /** A peer whose turn took longer takes no further one. */
  private static final double LONG_TURN = 20;

  /** Errors below this many unit roundoffs of the norm say nothing. */
  private static final double NOISE_ROUNDOFFS = 8;

  /** One solve, and what it was held against. */
  private record Turn(Solution solution, Goal goal) {
    boolean reached() {
      return solution.reaches(goal);
    }

    double seconds() {
      return solution.seconds();
    }

    double secondsUntilReached() {
      return reached() ? seconds() : Double.POSITIVE_INFINITY;
    }
  }

  /** Truths take long and serve several cases; the error is what the residual allows. */
  private record Truth(double min, double max, double error, List<Attempt> attempts) {
    double norm() {
      return Math.max(Math.abs(min), Math.abs(max));
    }
  }

  private final Opponent ours;
  private final Map<String, Opponent> peers = new LinkedHashMap<>();
  private final Opponent limit;
  private final Map<String, String> descriptions = new LinkedHashMap<>();
  private final List<Opponent> all = new ArrayList<>();
  private final Map<String, Truth> truths = new HashMap<>();
  private final String name;
  private final Pace pace;

  /**
   * Starts all processes.
   *
   * @param command how the process of an entrant is started
   */
  Race(
      Entrant us,
      List<Entrant> peers,
      Entrant limit,
      Pace pace,
      Function<Entrant, List<String>> command) {
    this.pace = pace;
    name = us.name();
    try {
      ours = start(us, command, "");
      for (Entrant peer : peers) {
        this.peers.put(peer.name(), start(peer, command, "; leave it out with --peers"));
      }
      this.limit = start(limit, command, "");
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** One after the other: two processes that unpack the same native library were seen to abort. */
  private Opponent start(Entrant entrant, Function<Entrant, List<String>> command, String wayOut) {
    Opponent opponent =
        new Opponent(entrant, command.apply(entrant), Duration.ofMinutes(30), wayOut);
    all.add(opponent);
    descriptions.put(entrant.name(), opponent.greet());
    return opponent;
  }

  /** What each contender says of itself, by name. */
  Map<String, String> descriptions() {
    return descriptions;
  }

  /** Bits of a vector in our process. */
  int vectorBits() {
    return ours.vectorBits();
  }

  List<Row> run(List<Case> cases, BenchProgress progress) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < cases.size(); i++) {
      Case which = cases.get(i);
      progress.at(i, cases.size(), which.toString());
      Truth truth = truths.computeIfAbsent(which.what(), what -> truth(what, which.threads()));
      rows.add(run(which, truth));
    }
    progress.done();
    return rows;
  }

  private Truth truth(String what, int threads) {
    Map<String, Opponent> witnesses = new LinkedHashMap<>(peers);
    witnesses.keySet().retainAll(List.of(SpectralBench.ARPACK));
    Case which = new Case("f64", what, threads);
    prepare(which, witnesses);
    Solution found = ours.solve(Goal.of(1, TRUTH_TOLERANCE)).get(0);
    double norm = Math.max(Math.abs(found.min()), Math.abs(found.max()));
    double error = TRUTH_ERROR * norm;
    Goal goal = new Goal(2, TRUTH_TOLERANCE, found.min(), found.max(), error, error, 0);
    List<Attempt> attempts = new ArrayList<>();
    attempts.add(attempt("truth", List.of(new Turn(found, goal)), Turn::seconds));
    witnesses.forEach(
        (witness, opponent) -> {
          Solution other = opponent.solve(Goal.of(2, WITNESS_TOLERANCE)).get(0);
          if (!other.reaches(goal)) {
            throw new BenchException(
                "%s finds %s to %s in f64 %s, we find %s to %s"
                    .formatted(witness, other.min(), other.max(), what, found.min(), found.max()));
          }
          attempts.add(attempt(witness, List.of(new Turn(other, goal)), Turn::seconds));
        });
    return new Truth(found.min(), found.max(), TRUTH_TOLERANCE * norm, attempts);
  }

  /** Hands all of them the case, and makes sure that theirs is the same operator as ours. */
  private void prepare(Case which, Map<String, Opponent> others) {
    ours.offer(which, pace.javaWarmUpNanos());
    others.values().forEach(other -> other.offer(which, pace.nativeWarmUpNanos()));
    Readiness ready = ours.taken(which).orElseThrow();
    others.forEach(
        (peer, opponent) ->
            opponent
                .taken(which)
                .filter(theirs -> theirs.agrees(ready, which.dtype()))
                .orElseThrow(
                    () ->
                        new BenchException(
                            "%s has another Hessian than we in %s".formatted(peer, which))));
  }

  private Row run(Case which, Truth truth) {
    prepare(which, peers);
    limit.offer(which, pace.javaWarmUpNanos());
    double work = limit.taken(which).orElseThrow().work();
    warmUp(ours);
    peers.values().forEach(this::warmUp);
    List<Turn> ourTurns = new ArrayList<>();
    Map<String, List<Turn>> stops = new LinkedHashMap<>();
    Map<String, List<Turn>> ends = new LinkedHashMap<>();
    List<Double> peaks = new ArrayList<>();
    List<String> order = new ArrayList<>(peers.keySet());
    for (int round = 1; round <= ROUNDS; round++) {
      Solution found = ours.solve(Goal.of(round, TOLERANCE)).get(0);
      Goal goal = goal(round, truth, found, which.dtype());
      ourTurns.add(new Turn(found, goal));
      for (String peer : order) {
        if (turns(ends, peer).stream().anyMatch(turn -> turn.seconds() > LONG_TURN)) {
          continue;
        }
        List<Solution> theirs = peers.get(peer).solve(goal);
        turns(stops, peer).add(new Turn(theirs.get(0), goal));
        turns(ends, peer).add(new Turn(theirs.get(1), goal));
      }
      Collections.rotate(order, 1);
      peaks.add(work / limit.slice(pace.sliceNanos(), 0).seconds());
    }
    List<Attempt> attempts = new ArrayList<>(truth.attempts);
    Attempt us = attempt(name, ourTurns, Turn::seconds);
    attempts.add(us);
    Map<String, Double> rates = new LinkedHashMap<>();
    for (String peer : peers.keySet()) {
      attempts.add(attempt(peer, stops.get(peer), Turn::seconds));
      Attempt until = attempt(peer, ends.get(peer), Turn::secondsUntilReached);
      attempts.add(until);
      if (2 * until.reached() > until.rounds()) {
        rates.put(peer, 60 / until.solution().seconds());
      }
    }
    List<Double> ourRates = ourTurns.stream().map(turn -> 60 / turn.seconds()).toList();
    return new Row(
        which,
        60 / us.solution().seconds(),
        rates,
        60 * Collections.max(peaks) / us.solution().products(),
        Statistics.spread(ourRates),
        Double.NaN,
        Map.of(),
        attempts);
  }

  /** Our vector operations and ARPACK's are compiled while they run. */
  private void warmUp(Opponent solver) {
    double seconds = 0;
    while (seconds < 1e-9 * WARM_UP * pace.javaWarmUpNanos()) {
      seconds += solver.solve(Goal.of(0, TOLERANCE)).get(0).seconds();
    }
  }

  private static List<Turn> turns(Map<String, List<Turn>> all, String peer) {
    return all.computeIfAbsent(peer, p -> new ArrayList<>());
  }

  /** To be as exact as we are. */
  private static Goal goal(long seed, Truth truth, Solution ours, String dtype) {
    double roundoff = dtype.equals("f32") ? 0x1p-24 : 0x1p-53;
    double noise = NOISE_ROUNDOFFS * roundoff * truth.norm() + truth.error;
    return new Goal(
        seed,
        TOLERANCE,
        truth.min,
        truth.max,
        Math.max(noise, Math.abs(ours.min() - truth.min)),
        Math.max(noise, Math.abs(ours.max() - truth.max)),
        Math.min(MOST_SECONDS, PATIENCE * ours.seconds()));
  }

  /** The turn with the median of such a time. */
  private static Attempt attempt(String contender, List<Turn> turns, ToDoubleFunction<Turn> time) {
    Turn median =
        turns.stream()
            .sorted(Comparator.comparingDouble(time).thenComparingDouble(Turn::seconds))
            .toList()
            .get(turns.size() / 2);
    Goal goal = median.goal;
    double norm = Math.max(Math.abs(goal.min()), Math.abs(goal.max()));
    return new Attempt(
        contender,
        median.solution,
        Math.abs(median.solution.min() - goal.min()) / norm,
        Math.abs(median.solution.max() - goal.max()) / norm,
        (int) turns.stream().filter(Turn::reached).count(),
        turns.size());
  }

  @Override
  public void close() {
    all.forEach(Opponent::close);
  }
}
