/** Models built from operations, and their initialisation. Imports graph and op. */
package dev.evolute.autodiff.nn;
