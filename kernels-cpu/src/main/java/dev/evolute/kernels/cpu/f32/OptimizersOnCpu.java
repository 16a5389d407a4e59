package dev.evolute.kernels.cpu.f32;

/** Parameter updates, each in one pass over memory: checks, and the split over threads. */
interface OptimizersOnCpu extends OnCpu {}
