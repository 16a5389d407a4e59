package dev.evolute.kernels;

/**
 * Scaled dot-product attention with its derivatives. Part of {@link Kernels}, whose rules hold
 * here.
 */
public interface AttentionKernels {}
