package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Epilogue;
import dev.evolute.kernels.Matrix;
import java.lang.foreign.MemorySegment;

/** What follows a product, on a block of C that is still in the cache. */
public final class Epilogues {
  private Epilogues() {}

  /** Rows {@code [i0, i1)}, {@code count} columns from {@code j0} on. */
  public static void run(Epilogue e, Matrix c, int i0, int i1, int j0, int count) {
    for (int i = i0; i < i1; i++) {
      row(e, c, i, j0, count);
    }
  }

  private static void row(Epilogue e, Matrix c, int i, int j0, int count) {
    MemorySegment cs = c.buffer().segment();
    long at = (long) i * c.stride() + j0;
    Buffer bias = e.bias();
    if (bias != null) {
      Elementwise.addTo(bias.segment(), j0, cs, at, count);
    }
    Activation f = e.activation();
    if (f != null) {
      Matrix first = e.first();
      MemorySegment slope = first == null ? null : first.buffer().segment();
      long slopeAt = first == null ? 0 : (long) i * first.stride() + j0;
      Activations.inPlace(f, cs, at, slope, slopeAt, count);
    }
    if (e.times() != null) {
      Elementwise.multiplyTo(
          e.times().buffer().segment(), (long) i * e.times().stride() + j0, cs, at, count);
    }
    if (e.plus() != null) {
      Elementwise.addTo(
          e.plus().buffer().segment(), (long) i * e.plus().stride() + j0, cs, at, count);
    }
  }
}
