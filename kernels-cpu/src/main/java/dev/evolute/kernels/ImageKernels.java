package dev.evolute.kernels;

/**
 * Convolution, pooling and batch normalisation of images, with their derivatives. Part of {@link
 * Kernels}, whose rules hold here.
 */
public interface ImageKernels {}
