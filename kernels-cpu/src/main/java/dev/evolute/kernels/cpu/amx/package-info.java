/**
 * Products of f32 matrices on the tiles of AMX, a matrix unit for BF16 that Intel's server
 * processors have had since Sapphire Rapids. The Vector API does not reach it, so Java writes the
 * machine code itself ({@link dev.evolute.kernels.cpu.amx.Assembler}) and calls it through the
 * foreign-function API ({@link dev.evolute.kernels.cpu.amx.CodePages}).
 *
 * <p>An f32 number is the sum of three BF16 numbers. A {@link dev.evolute.kernels.cpu.amx.Scheme}
 * says how many of them and which of their products are taken: {@link
 * dev.evolute.kernels.cpu.amx.SplitCode} splits operands into tiles, {@link
 * dev.evolute.kernels.cpu.amx.ProductCode} multiplies them, {@link
 * dev.evolute.kernels.cpu.amx.TileGemm} loops around both.
 *
 * <p>Nothing here is loaded before {@link dev.evolute.kernels.Device#precision} asks for it.
 */
package dev.evolute.kernels.cpu.amx;
