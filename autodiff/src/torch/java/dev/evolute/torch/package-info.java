/**
 * A graph in PyTorch's C++ library, called from Java: the oracle of autodiff's tests in the profile
 * {@code peers}, and the peer of benchmarks, which compile this folder too. It may import {@code
 * dev.evolute.autodiff.graph} and {@code dev.evolute.autodiff.op}.
 */
package dev.evolute.torch;
