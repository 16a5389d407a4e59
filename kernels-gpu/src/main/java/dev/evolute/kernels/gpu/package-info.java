/**
 * The CUDA device. Found by {@link java.util.ServiceLoader} and imported by nobody, so that a user
 * without CUDA carries nothing of it; it may import {@code dev.evolute.kernels} alone.
 */
package dev.evolute.kernels.gpu;
