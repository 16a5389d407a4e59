/**
 * Paper 003, "A Local Polyak-Lojasiewicz and Descent Lemma of Gradient Descent for Overparametrized
 * Linear Models" (Xu, Min, Tarmoun, Mallada, Vidal): two-layer linear networks {@code W = W_1
 * W_2^T} trained by gradient descent, with every constant of the paper's theorems at every iterate.
 * Imports the report and study packages, {@code dev.evolute.autodiff}, {@code dev.evolute.kernels}
 * and, for small dense decompositions, EJML.
 */
package dev.evolute.app.study.twolayer;
