/**
 * {@code evolute probe}: the spectrum of one network's Hessian at one point, whole and by layers.
 * It may import what {@code dev.evolute.app.train} may, and {@code dev.evolute.spectral}.
 */
package dev.evolute.app.probe;
