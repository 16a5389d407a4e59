package dev.evolute.autodiff.graph;

import dev.evolute.kernels.Buffer;

/**
 * The vectors {@code [P]} a program works on, and the memory of its tangents. Programs that run one
 * after the other can share them.
 *
 * @param tangent null, as the next two, in a program for training
 */
record Vectors(Buffer theta, Buffer gradient, Buffer tangent, Buffer product, Buffer scratch) {}
