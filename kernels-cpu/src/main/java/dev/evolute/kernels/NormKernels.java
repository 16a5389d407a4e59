package dev.evolute.kernels;

/**
 * Normalisation of rows: LayerNorm and RMSNorm with their derivatives. Part of {@link Kernels},
 * whose rules hold here.
 */
public interface NormKernels {}
