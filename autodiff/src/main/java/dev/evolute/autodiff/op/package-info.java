/**
 * The operations, one class each: forward, vjp, jvp and the tangent of vjp side by side, in the
 * letters of {@link dev.evolute.autodiff.graph.Op}. Imports {@code dev.evolute.autodiff.graph}.
 */
package dev.evolute.autodiff.op;
