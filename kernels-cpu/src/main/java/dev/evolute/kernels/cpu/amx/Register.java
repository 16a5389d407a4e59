package dev.evolute.kernels.cpu.amx;

/**
 * The integer registers that a routine may overwrite by the System V calling convention, less the
 * one that addresses cannot use as any other (rsp). The number is the processor's.
 */
enum Register {
  RAX(0),
  RCX(1),
  RDX(2),
  RSI(6),
  RDI(7),
  R8(8),
  R9(9),
  R10(10),
  R11(11);

  final int number;

  Register(int number) {
    this.number = number;
  }
}
