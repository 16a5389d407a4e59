/**
 * Parameters and arrays in files that others read too: safetensors and NumPy's .npy and .npz.
 * Imports {@code dev.evolute.autodiff.graph}, and Jackson for the header of safetensors.
 */
package dev.evolute.autodiff.io;
