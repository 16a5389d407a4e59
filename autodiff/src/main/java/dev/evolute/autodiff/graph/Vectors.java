package dev.evolute.autodiff.graph;

import dev.evolute.kernels.Buffer;
import java.util.Map;

/**
 * The vectors {@code [P]} a program works on, and the memory of its tangents. Programs that run one
 * after the other can share them, and with them what outlives passes.
 *
 * @param tangent null, as the next two, in a program for training
 * @param state numbers in fp64 that only {@link Op#advance} changes, by name
 */
record Vectors(
    Buffer theta,
    Buffer gradient,
    Buffer tangent,
    Buffer product,
    Buffer scratch,
    Map<String, Buffer> state) {}
