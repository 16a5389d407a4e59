package dev.evolute.kernels;

/**
 * What a sequence model needs beside products and attention: rotary positions, SwiGLU, embeddings.
 * Part of {@link Kernels}, whose rules hold here.
 */
public interface SequenceKernels {}
