package dev.evolute.bench.duel;

import java.util.List;

/** A benchmark that {@code evolute bench} knows: a grid of cases and who is measured on it. */
interface Bench {
  /** All of them; a new one is one class and one entry here. */
  List<Bench> ALL = List.of(new GemmBench());

  /** What it is called by. */
  String name();

  /** A sentence for the head of the report. */
  String title();

  /** Of the rates: {@code GFLOP/s}. */
  String unit();

  /** The grid, smaller where it has to be quick. */
  List<Case> cases(boolean quick, List<Integer> threads);

  /** What contenders that are compiled while they run are warmed up with before all cases. */
  List<Case> warmUp();

  Entrant ours();

  /** All there are, whether they are on the class path or not. */
  List<Entrant> peers();

  /** What the machine could do in a case, measured in the same rounds; takes no case of others. */
  Entrant limit();

  /** What the limit is, for the head of its column. */
  String limitName();
}
