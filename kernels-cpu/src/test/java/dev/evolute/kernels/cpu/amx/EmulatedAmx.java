package dev.evolute.kernels.cpu.amx;

import dev.evolute.kernels.Precision;
import dev.evolute.kernels.cpu.FastProducts;
import dev.evolute.kernels.cpu.Workers;

/** Products on tiles whose machine code the interpreter runs, whatever their shape. */
public final class EmulatedAmx {
  private EmulatedAmx() {}

  public static FastProducts open(Workers workers, Precision precision) {
    return new TileGemm(workers, new Routines(Scheme.of(precision), Emulator.unit()), true);
  }
}
