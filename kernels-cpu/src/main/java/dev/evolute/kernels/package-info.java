/**
 * The contract that every device implements: {@link dev.evolute.kernels.Device} owns {@link
 * dev.evolute.kernels.Buffer}s, {@link dev.evolute.kernels.Kernels} lists each numeric primitive
 * once, and {@link dev.evolute.kernels.Shapes} holds the checks whose messages users read, written
 * once for all devices. Imports nothing but the JDK.
 */
package dev.evolute.kernels;
