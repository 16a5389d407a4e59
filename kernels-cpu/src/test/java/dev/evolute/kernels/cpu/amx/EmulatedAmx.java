package dev.evolute.kernels.cpu.amx;

import dev.evolute.kernels.Precision;
import dev.evolute.kernels.cpu.FastProducts;
import dev.evolute.kernels.cpu.Workers;

/** Products on tiles, whatever their shape, whose machine code the interpreter runs. */
public final class EmulatedAmx {
  private EmulatedAmx() {}

  public static FastProducts open(Workers workers, Precision precision) {
    return new TileGemm(workers, new Routines(Scheme.of(precision), Emulator.unit()), true);
  }

  /** Whether this processor could run it, too. */
  public static boolean isReal() {
    return Amx.trouble() == null;
  }

  /** The same on this processor. */
  public static FastProducts openReal(Workers workers, Precision precision) {
    return new TileGemm(workers, Routines.here(Scheme.of(precision)), true);
  }
}
