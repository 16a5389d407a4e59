/**
 * Losses over data that stand in the executors of an Apache Spark cluster: one more {@link
 * dev.evolute.autodiff.graph.Objective}, whose passes are Spark jobs. Imports Spark and everything
 * of Evolute's; nothing of Evolute's imports it.
 */
package dev.evolute.spark;
