/**
 * Where the time of a computation goes, kernel by kernel, on any device: a device that times what
 * is asked of it, what its kernels have to do, and what the device could do.
 */
package dev.evolute.app.profile;
