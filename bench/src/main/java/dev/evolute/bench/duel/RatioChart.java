package dev.evolute.bench.duel;

final class RatioChart {
  private RatioChart() {}

  static String svg(Outcome outcome) {
    return "";
  }
}
