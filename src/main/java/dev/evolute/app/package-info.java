/**
 * The application: what a user runs. Below it live {@code cli} (commands and their errors), {@code
 * study} (one package a paper), {@code data} (data sets) and {@code report} (result files and
 * pictures). It may import {@code dev.evolute.autodiff} and {@code dev.evolute.kernels}, and no
 * class of a device.
 */
package dev.evolute.app;
