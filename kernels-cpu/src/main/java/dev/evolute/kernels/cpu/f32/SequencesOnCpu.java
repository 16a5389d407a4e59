package dev.evolute.kernels.cpu.f32;

/**
 * What a sequence model needs beside products and attention: checks, and the split over threads.
 */
interface SequencesOnCpu extends OnCpu {}
