/**
 * The loss at one point of parameter space: value, gradient, and as operators its Hessian,
 * Gauss-Newton matrix and residual part, and blocks of them with their norms; the network's output
 * there: Jacobian, tangent kernel, Hessian, and gradients sample by sample. Imports {@code
 * dev.evolute.autodiff.graph} and {@code dev.evolute.spectral}.
 */
package dev.evolute.autodiff.curvature;
