/**
 * {@code evolute probe}: the spectrum of one network's Hessian at one point, whole and by layers.
 */
package dev.evolute.app.probe;
