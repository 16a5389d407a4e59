package dev.evolute.app.study.twolayer;

import dev.evolute.app.report.ClaimCheck;
import dev.evolute.app.study.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * One rule in one setting: means over the repetitions at every iterate, what each inequality of the
 * paper came to, and when each repetition got there.
 */
final class Course {
  /** The loss that counts as converged. */
  static final double CONVERGED = 1e-10;

  private static final double AGREEMENT = 1e-6;
  private static final double HVP_FROM = 1e-6;
  private static final int PRINTED_CUTS = 60;

  /** What is averaged over repetitions at each iterate; logarithms are decimal. */
  enum Column {
    LOG_LOSS("log10Loss"),
    LOG_LOSS_DEVIATION("log10LossDeviation"),
    LOG_BOUND17("log10Bound17"),
    LOG_BOUND20("log10Bound20"),
    LOG_STEP("log10Step"),
    LOG_BEST_STEP("log10BestStep"),
    MU("mu"),
    MU_BAR("muBar"),
    K("K"),
    K_BAR("KBar"),
    EXACT_K("exactK"),
    RHO("rho"),
    RHO_BAR("rhoBar"),
    SIGMA_MIN2("sigmaMin2T"),
    SIGMA_MAX2("sigmaMax2T"),
    W_MIN("sigmaMinW"),
    W_MAX("sigmaMaxW"),
    DRIFT("imbalanceDrift");

    final String title;

    Column(String title) {
      this.title = title;
    }
  }

  /** What is averaged over the starts. */
  enum Start {
    ALPHA1("alpha1"),
    ALPHA2("alpha2"),
    BETA1("beta1"),
    BETA2("beta2"),
    DELTA("Delta"),
    DELTA_PLUS("DeltaPlus"),
    DELTA_MINUS("DeltaMinus"),
    ETA1("eta(1)"),
    ETA2("eta(2)"),
    ETA3("eta(3)"),
    ETA0("eta0"),
    D("d");

    final String title;

    Start(String title) {
      this.title = title;
    }
  }

  final Setting setting;
  final Rule rule;
  private double[] start = new double[Start.values().length];
  private final List<double[]> rows = new ArrayList<>();
  private final Map<Statement, ClaimCheck> checks = new EnumMap<>(Statement.class);

  /** First iterate with a loss of at most {@link #CONVERGED} of each repetition; NaN if none. */
  double[] reached;

  Course(Setting setting, Rule rule) {
    this.setting = setting;
    this.rule = rule;
    for (Statement statement : Statement.values()) {
      checks.put(statement, statement.check());
    }
  }

  String label() {
    return setting.label() + "-" + rule.label();
  }

  int length() {
    return rows.size();
  }

  double[] column(Column column) {
    return rows.stream().mapToDouble(row -> row[column.ordinal()]).toArray();
  }

  double get(int t, Column column) {
    return rows.get(t)[column.ordinal()];
  }

  /** The mean over the starts. */
  double start(Start which) {
    return start[which.ordinal()];
  }

  ClaimCheck check(Statement statement) {
    return checks.get(statement);
  }

  /** What a checkpoint keeps. */
  double[][] state() {
    double[] tallies = new double[3 * Statement.values().length];
    for (Statement statement : Statement.values()) {
      ClaimCheck check = check(statement);
      tallies[3 * statement.ordinal()] = check.checked();
      tallies[3 * statement.ordinal() + 1] = check.violated();
      tallies[3 * statement.ordinal() + 2] = check.tightest();
    }
    List<double[]> state = new ArrayList<>(List.of(reached, start, tallies));
    state.addAll(rows);
    return state.toArray(double[][]::new);
  }

  /** Takes up a {@link #state()}. */
  void restore(double[][] state) {
    reached = state[0];
    start = state[1];
    for (Statement statement : Statement.values()) {
      int at = 3 * statement.ordinal();
      check(statement).add((long) state[2][at], (long) state[2][at + 1], state[2][at + 2]);
    }
    rows.addAll(Arrays.asList(state).subList(3, state.length));
  }

  /**
   * Runs until every loss is at most {@code stop}, or for {@code most} steps.
   *
   * @param theorems of the repetitions
   * @param hessians compares the closed forms with Hessian-vector products, or null
   * @param compared repetitions for which that is done
   * @return whether it came to its end, and was not interrupted
   */
  boolean run(
      Batch batch,
      List<Theorem> theorems,
      double stop,
      int most,
      HessianCheck hessians,
      int compared,
      Progress progress) {
    int reps = batch.repetitions();
    reached = new double[reps];
    Arrays.fill(reached, Double.NaN);
    double[] imbalance0 = batch.imbalances();
    double[] before = imbalance0;
    for (Theorem theorem : theorems) {
      take(theorem, reps);
    }
    Local[] locals = new Local[reps];
    Local[] last = new Local[reps];
    double[] eta = new double[reps];
    double[] product = new double[reps];
    boolean[] inside = new boolean[reps];
    Arrays.fill(inside, rule.underTheorem());
    for (int t = 0; ; t++) {
      if (progress.interrupted()) {
        return false;
      }
      batch.gradient();
      batch.rays();
      double[] imbalance = t == 0 ? imbalance0 : batch.imbalances();
      double[] row = new double[Column.values().length];
      boolean done = true;
      for (int r = 0; r < reps; r++) {
        locals[r] = batch.local(r);
        done &= locals[r].loss() <= stop;
        if (Double.isNaN(reached[r]) && locals[r].loss() <= CONVERGED) {
          reached[r] = t;
        }
        if (t == 0) {
          product[r] = Math.log10(locals[r].loss());
        }
      }
      double[] drift = distances(imbalance, imbalance0, reps);
      if (t > 0) {
        double[] change = distances(imbalance, before, reps);
        for (int r = 0; r < reps; r++) {
          product[r] +=
              Math.log10(
                  rule == Rule.ADAPTIVE_BAR
                      ? theorems.get(r).rhoBar(eta[r], t - 1)
                      : last[r].rho(eta[r]));
          last[r] = last[r].lifted(batch.lift(r));
          boolean inRange = batch.logScale(r) == 0;
          after(t, theorems.get(r), last[r], eta[r], locals[r], product[r], inside[r], inRange);
          changed(last[r], eta[r], change[r]);
          if (inside[r]) {
            check(Statement.IMBALANCE).check(theorems.get(r).imbalance(), drift[r]);
          }
        }
      }
      boolean ends = done || t == most;
      for (int r = 0; r < reps; r++) {
        Theorem theorem = theorems.get(r);
        Along along = new Along(batch, r);
        double best = Double.NaN;
        double exact = Double.NaN;
        eta[r] = Double.NaN;
        if (!ends) {
          if (rule == Rule.BACKTRACKING && t == 0) {
            algorithm1(locals[r], along);
          }
          eta[r] = rule.step(t, theorem, locals[r], along);
          exact = along.largestSecond(eta[r]) / locals[r].squared();
          if (rule == Rule.ADAPTIVE || rule == Rule.EXACT) {
            best = rule == Rule.EXACT ? eta[r] : along.best(eta[r]);
          }
          inside[r] = inside[r] && inWindow(t, theorem, locals[r], eta[r]);
          at(theorem, locals[r], eta[r], exact, t, inside[r]);
          if (hessians != null && r < compared && locals[r].loss() >= HVP_FROM) {
            compare(hessians, batch, r, along, eta[r], locals[r].squared());
          }
        }
        double log = Math.log10(locals[r].loss()) + batch.logScale(r);
        record(row, t, theorem, locals[r], log, eta[r], best, exact, product[r], drift[r]);
      }
      finish(row, reps);
      rows.add(row);
      if (ends) {
        return true;
      }
      batch.step(eta);
      before = imbalance;
      Local[] held = last;
      last = locals;
      locals = held;
    }
  }

  private void take(Theorem theorem, int reps) {
    Constants at = theorem.at();
    double[] values = {
      at.alpha1(),
      at.alpha2(),
      at.beta1(),
      at.beta2(),
      at.delta(),
      at.deltaPlus(),
      at.deltaMinus(),
      theorem.eta1(),
      theorem.eta2(),
      theorem.eta3(),
      theorem.eta0(),
      theorem.d()
    };
    for (int i = 0; i < values.length; i++) {
      start[i] += values[i] / reps;
    }
  }

  private boolean inWindow(int t, Theorem theorem, Local local, double eta) {
    boolean inside = theorem.eta0() <= eta && eta <= theorem.grown(t) && eta * local.k(eta) <= 1;
    return check(Statement.WINDOW).check(inside);
  }

  /** What is said of an iterate and its step. */
  private void at(Theorem theorem, Local local, double eta, double exact, int t, boolean inside) {
    check(Statement.PL).check(0.5 * local.squared(), local.mu() * local.loss());
    check(Statement.EXACT).check(local.k(eta), exact);
    if (rule == Rule.ADAPTIVE) {
      double explicit = 1 / local.k(0);
      check(Statement.EXPLICIT).check(1, explicit * local.k(explicit));
    }
    if (!inside) {
      return;
    }
    check(Statement.MU).check(local.mu(), theorem.muBar());
    check(Statement.ORDER).check(local.k(eta), local.mu());
    check(Statement.SMOOTH).check(theorem.kBar(t), local.k(eta));
    check(Statement.UNIFORM).check(theorem.rhoBar(), local.rho(eta));
    check(Statement.SPECTRUM).check(local.sigmaMin2(), theorem.sigmaMin2());
    check(Statement.SPECTRUM).check(theorem.sigmaMax2(), local.sigmaMax2());
    check(Statement.SINGULAR).check(local.wMin(), theorem.at().beta1());
    check(Statement.SINGULAR).check(theorem.at().beta2(), local.wMax());
  }

  /** What is said of the loss after a step. */
  private void after(
      int t,
      Theorem theorem,
      Local last,
      double eta,
      Local now,
      double product,
      boolean inside,
      boolean inRange) {
    double k = last.k(eta);
    check(Statement.DESCENT)
        .check(last.loss() - (eta - 0.5 * k * eta * eta) * last.squared(), now.loss());
    if (eta * k < 2) {
      check(Statement.LOCAL).check(last.loss() * last.rho(eta), now.loss());
    }
    if (inside) {
      check(Statement.RATE).check(last.loss() * last.rho(eta), now.loss());
      if (inRange) {
        check(Statement.LINEAR).check(Math.pow(10, logBound17(theorem, t)), now.loss());
        check(Statement.PRODUCT).check(Math.pow(10, product), now.loss());
      }
    }
  }

  private static double logBound17(Theorem theorem, int t) {
    return Math.log10(theorem.at().loss()) + t * Math.log10(theorem.rhoBar());
  }

  private void changed(Local last, double eta, double change) {
    double bound = 2 * last.smoothness() * eta * eta * last.sigmaMax2() * last.loss();
    if (bound > 1e-11 * last.sigmaMax2()) {
      check(Statement.CHANGE).check(bound, change);
    }
  }

  private void algorithm1(Local local, Along along) {
    boolean ends = false;
    double eta = 1;
    for (int cut = 0; cut <= PRINTED_CUTS && !ends; cut++) {
      ends = along.value(eta) <= local.loss() - 0.9 * local.squared();
      eta *= 0.1;
    }
    check(Statement.ALGORITHM1).check(ends);
    double corrected = rule.step(0, null, local, along);
    check(Statement.ARMIJO)
        .check(local.loss() - 0.9 * corrected * local.squared(), along.value(corrected));
  }

  private void compare(
      HessianCheck hessians, Batch batch, int r, Along along, double eta, double squared) {
    double[] shares = {0, 0.5, 1};
    double[] products = hessians.along(batch.problem(r), batch.stacked(r), eta, shares);
    for (int i = 0; i < shares.length; i++) {
      double closed = along.second(eta * shares[i]) / squared;
      check(Statement.HVP).check(AGREEMENT * Math.abs(products[i]), Math.abs(closed - products[i]));
    }
  }

  private static double[] distances(double[] a, double[] b, int reps) {
    int size = a.length / reps;
    double[] distances = new double[reps];
    for (int r = 0; r < reps; r++) {
      double sum = 0;
      for (int i = r * size; i < (r + 1) * size; i++) {
        sum += (a[i] - b[i]) * (a[i] - b[i]);
      }
      distances[r] = Math.sqrt(sum);
    }
    return distances;
  }

  private void record(
      double[] row,
      int t,
      Theorem theorem,
      Local local,
      double log,
      double eta,
      double best,
      double exact,
      double product,
      double drift) {
    add(row, Column.LOG_LOSS, log);
    add(row, Column.LOG_LOSS_DEVIATION, log * log);
    add(row, Column.LOG_BOUND17, logBound17(theorem, t));
    add(row, Column.LOG_BOUND20, product);
    add(row, Column.LOG_STEP, Math.log10(eta));
    add(row, Column.LOG_BEST_STEP, Math.log10(best));
    add(row, Column.MU, local.mu());
    add(row, Column.MU_BAR, theorem.muBar());
    add(row, Column.K, local.k(eta));
    add(row, Column.K_BAR, theorem.kBar(t));
    add(row, Column.EXACT_K, exact);
    add(row, Column.RHO, local.rho(eta));
    add(row, Column.RHO_BAR, theorem.rhoBar());
    add(row, Column.SIGMA_MIN2, local.sigmaMin2());
    add(row, Column.SIGMA_MAX2, local.sigmaMax2());
    add(row, Column.W_MIN, local.wMin());
    add(row, Column.W_MAX, local.wMax());
    add(row, Column.DRIFT, drift);
  }

  private static void add(double[] row, Column column, double value) {
    row[column.ordinal()] += value;
  }

  /** From sums to means, and from the sum of squares to the deviation. */
  private static void finish(double[] row, int reps) {
    for (int i = 0; i < row.length; i++) {
      row[i] /= reps;
    }
    double mean = row[Column.LOG_LOSS.ordinal()];
    double variance = row[Column.LOG_LOSS_DEVIATION.ordinal()] - mean * mean;
    row[Column.LOG_LOSS_DEVIATION.ordinal()] =
        Math.sqrt(Math.max(0, variance) * reps / Math.max(1, reps - 1));
  }
}
