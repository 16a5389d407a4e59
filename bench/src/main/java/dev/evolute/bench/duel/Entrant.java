package dev.evolute.bench.duel;

import java.util.Map;

/**
 * A contender and how its JVM is started.
 *
 * @param name in tables: {@code onemkl}
 * @param type its class, a {@link Contender}, which need not be on the class path
 * @param java whether it is compiled while it runs, and needs a longer warm-up
 * @param quick whether it takes part in quick runs, which have time for the fast ones only
 * @param environment variables set for it, beside those of the user
 */
record Entrant(
    String name, String type, boolean java, boolean quick, Map<String, String> environment) {

  /** A library written in Java. */
  static Entrant java(String name, String type, boolean quick) {
    return new Entrant(name, type, true, quick, Map.of());
  }

  boolean present() {
    try {
      Class.forName(type, false, Entrant.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError absent) {
      return false;
    }
  }
}
