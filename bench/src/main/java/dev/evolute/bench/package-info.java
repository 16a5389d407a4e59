/**
 * JMH benchmarks: every kernel and every probe, and the problems they are measured on. A problem
 * ({@link dev.evolute.bench.GemmProblem}, {@link dev.evolute.bench.NetworkProblem}) is an abstract
 * state with the parameters and the data; our benchmark and each peer's extend the same one, so
 * that rows with equal parameters in one JMH result can be divided by each other. Peers stand in
 * {@code src/peers/java}, in this package, and are compiled by the Maven profile {@code peers}
 * alone. {@code evolute bench} measures the same problems in turns: {@link dev.evolute.bench.duel}.
 * Imports everything; imported by nothing.
 */
package dev.evolute.bench;
