package dev.evolute.kernels.cpu.amx;

import java.util.List;

/** What runs machine code: this processor, or in tests an interpreter of it. */
interface Unit {
  /** Makes pieces of code callable for as long as the unit lives. */
  List<Routine> load(List<byte[]> codes);
}
