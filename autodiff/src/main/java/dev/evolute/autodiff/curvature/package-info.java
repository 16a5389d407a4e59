/**
 * The loss at one point of parameter space: value, gradient, and its Hessian and Gauss-Newton
 * matrix as operators. Imports {@code dev.evolute.autodiff.graph} and {@code dev.evolute.spectral}.
 */
package dev.evolute.autodiff.curvature;
