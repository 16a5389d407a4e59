/**
 * A model recorded once as a static graph with fixed shapes ({@link
 * dev.evolute.autodiff.graph.Graph}), then compiled for a device ({@link
 * dev.evolute.autodiff.graph.Program}). Every operation is an {@link
 * dev.evolute.autodiff.graph.Op}: forward, reverse, tangent, and the tangent of its reverse.
 * Imports {@code dev.evolute.kernels}.
 */
package dev.evolute.autodiff.graph;
