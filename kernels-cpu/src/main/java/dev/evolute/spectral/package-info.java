/**
 * Eigenvalues at the ends of a symmetric operator's spectrum: {@link dev.evolute.spectral.Lanczos}
 * and, as the reference, {@link dev.evolute.spectral.PowerIteration}, each value with what is
 * certain and what is likely of it ({@link dev.evolute.spectral.Eigenpair}, {@link
 * dev.evolute.spectral.ExtremeBound}), followed along training by {@link
 * dev.evolute.spectral.Tracker}; all of the spectrum from random probes: {@link
 * dev.evolute.spectral.SpectralDensity}, {@link dev.evolute.spectral.Trace}; and {@link
 * dev.evolute.spectral.CounterRandom}, the random numbers of the whole project. Runs on any device
 * through {@link dev.evolute.kernels.Kernels} and knows nothing of networks. Imports {@code
 * dev.evolute.kernels}, and EJML for small dense problems in two classes.
 */
package dev.evolute.spectral;
