package dev.evolute.kernels;

/**
 * Parameter updates, each in one pass over memory. Part of {@link Kernels}, whose rules hold here.
 */
public interface OptimizerKernels {}
