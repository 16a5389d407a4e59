/**
 * Paper 001, "Restricted Strong Convexity of Deep Learning Models with Smooth Activations"
 * (Banerjee, Cisneros-Velarde, Zhu and Belkin, ICLR 2023): mean gradients of the predictor, the
 * norm of its Hessian, and every constant of the theory beside what is measured. Imports the data,
 * report and study packages, {@code dev.evolute.autodiff} and {@code dev.evolute.spectral}.
 */
package dev.evolute.app.study.rsc;
