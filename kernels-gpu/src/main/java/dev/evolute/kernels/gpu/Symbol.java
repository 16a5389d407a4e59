package dev.evolute.kernels.gpu;

import java.util.ArrayList;
import java.util.List;

/**
 * A kernel by the name of its family, which is that of its source file, and its own. Numbered, so
 * that a launch finds its function without a map.
 */
final class Symbol {
  private static final List<Symbol> ALL = new ArrayList<>();

  private final String family;
  private final String name;
  private final int number;

  private Symbol(String family, String name, int number) {
    this.family = family;
    this.name = name;
    this.number = number;
  }

  static synchronized Symbol of(String family, String name) {
    Symbol symbol = new Symbol(family, name, ALL.size());
    ALL.add(symbol);
    return symbol;
  }

  /** Those of the families that are loaded. */
  static synchronized List<Symbol> all() {
    return List.copyOf(ALL);
  }

  String family() {
    return family;
  }

  String name() {
    return name;
  }

  int number() {
    return number;
  }

  @Override
  public String toString() {
    return family + "." + name;
  }
}
