/**
 * How theta moves from one step to the next: optimisers, step sizes, clipping, gradient
 * accumulation, line search, and the mini-batches they see. Imports {@code
 * dev.evolute.autodiff.graph}.
 */
package dev.evolute.autodiff.optim;
