package dev.evolute.kernels.cpu.f32;

/**
 * Convolution, pooling and batch normalisation of images, with their derivatives: checks, and the
 * split over threads.
 */
interface ImagesOnCpu extends OnCpu {}
