/**
 * Facts about gradients and products. The cases live in {@link dev.evolute.autodiff.Networks}, the
 * oracles in {@link dev.evolute.autodiff.Dense} and {@code graph.Reference}, which share nothing
 * with what they judge.
 */
package dev.evolute.autodiff;
