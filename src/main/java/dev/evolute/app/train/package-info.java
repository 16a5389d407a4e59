/**
 * Training: a network by name on data by name, with mini-batches, validation, checkpoints, the
 * sharpness along the way, and a report at the end; in this process or on an engine. It may import
 * {@code dev.evolute.app.data}, {@code dev.evolute.app.engine}, {@code dev.evolute.app.model},
 * {@code dev.evolute.app.report}, {@code dev.evolute.app.study} for progress and machine, {@code
 * dev.evolute.autodiff} and {@code dev.evolute.kernels}, and knows nothing of the command line.
 */
package dev.evolute.app.train;
