/**
 * The CPU device: memory off the heap, a fixed pool of workers, kernels in the Java Vector API. The
 * kernels are written once, in {@code f32}; the build generates their {@code f64} twins from them.
 * Not exported: users reach it through {@link dev.evolute.kernels.Device#open}.
 */
package dev.evolute.kernels.cpu;
