/**
 * Paper 002, "Continuous vs. Discrete Optimization of Deep Neural Networks" (Elkabetz and Cohen,
 * NeurIPS 2021): how closely gradient descent follows gradient flow. Imports the data, report and
 * study packages, {@code dev.evolute.autodiff} and {@code dev.evolute.spectral}; small dense
 * matrices are EJML's, differential equations Hipparchus's.
 */
package dev.evolute.app.study.gdvsflow;
