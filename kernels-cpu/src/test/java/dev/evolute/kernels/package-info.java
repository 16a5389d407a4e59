/**
 * The conformance suite of the contract: {@link dev.evolute.kernels.KernelsConformance} gathers one
 * file of facts a kernel family, and every device runs all of them by one small subclass. {@link
 * dev.evolute.kernels.Naive} holds the double references, {@link dev.evolute.kernels.Workspace} the
 * operands. Imports the contract and JUnit.
 */
package dev.evolute.kernels;
