/**
 * What a machine can hold. Not exported but to the application, which refuses in the same words;
 * imports nothing of this library.
 */
package dev.evolute.autodiff.memory;
