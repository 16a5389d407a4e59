/**
 * Optimisers: how theta moves from one step to the next. Imports {@code
 * dev.evolute.autodiff.graph}.
 */
package dev.evolute.autodiff.optim;
