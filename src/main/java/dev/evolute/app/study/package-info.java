/**
 * Studies: each reproduces one paper's figures and checks its claims. This package holds what all
 * of them share, the settings they are given, the progress they report, the machine they run on and
 * the list of them; every study lives in a package of its own below. It may import {@code
 * dev.evolute.app.data}, {@code dev.evolute.app.report}, {@code dev.evolute.autodiff} and {@code
 * dev.evolute.kernels}, and knows nothing of the command line.
 */
package dev.evolute.app.study;
