/**
 * JMH benchmarks: every kernel and every probe, and the problems they are measured on. A problem
 * ({@link dev.evolute.bench.GemmProblem}, {@link dev.evolute.bench.MlpProblem}) is an abstract
 * state with the parameters and the data; our benchmark and each peer's extend the same one, so
 * that rows with equal parameters in one JMH result can be divided by each other. Peers stand in
 * {@code src/peers/java}, in this package, and are compiled by the Maven profile {@code peers}
 * alone. Imports everything; imported by nothing.
 */
package dev.evolute.bench;
