/**
 * The seam to engines that take sums over data on many machines: what a command asks one for, and
 * what it hands out. Engines are found by {@link java.util.ServiceLoader}, and nothing here knows
 * one; imports autodiff, {@code app.data} and {@code app.model}.
 */
package dev.evolute.app.engine;
