/**
 * {@code evolute bench}: an orchestrating JVM that starts one for each contender, lets them measure
 * in turn, and writes the benchmark file, the table and the chart. The problems and the libraries
 * stand in {@link dev.evolute.bench}, where JMH measures them by the same code; here they are known
 * by name only, since the peers may not be on the class path.
 */
package dev.evolute.bench.duel;
