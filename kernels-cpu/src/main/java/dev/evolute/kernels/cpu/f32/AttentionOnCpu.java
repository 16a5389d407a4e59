package dev.evolute.kernels.cpu.f32;

/** Scaled dot-product attention with its derivatives: checks, and the split over threads. */
interface AttentionOnCpu extends OnCpu {}
