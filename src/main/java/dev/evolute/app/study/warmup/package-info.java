/**
 * Paper 000: Alimisis, Islamov and Lucchi, Why Do We Need Warm-up? A Theoretical Perspective. The
 * curvature of small networks against the (H0, H1) of its propositions, and descent with its step
 * against constant ones. Layers are counted from the output, as the paper does: {@code F = W_1 ...
 * W_l X}, with samples in rows here.
 */
package dev.evolute.app.study.warmup;
