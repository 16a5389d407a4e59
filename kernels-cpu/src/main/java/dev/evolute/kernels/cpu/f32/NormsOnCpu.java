package dev.evolute.kernels.cpu.f32;

/** Normalisation of rows: checks, and the split over threads. */
interface NormsOnCpu extends OnCpu {}
