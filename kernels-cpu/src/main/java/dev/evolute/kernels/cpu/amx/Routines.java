package dev.evolute.kernels.cpu.amx;

import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.cpu.PackedOnCpu;
import dev.evolute.kernels.cpu.f32.Packing;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The machine code of a scheme, and what it is called with. */
final class Routines {
  private static final long BYTES = Float.BYTES;
  private static final int LINES = OperandTiles.LINES;

  final Scheme scheme;
  private final Routine left;
  private final Routine right;
  private final Routine[][] products = new Routine[2][2];

  /** Those that this processor has been given; code pages stay as long as the process does. */
  private static final Map<Scheme, Routines> HERE = new EnumMap<>(Scheme.class);

  /** On this processor, written the first time. */
  static Routines here(Scheme scheme) {
    synchronized (HERE) {
      return HERE.computeIfAbsent(scheme, wanted -> new Routines(wanted, Amx.unit()));
    }
  }

  Routines(Scheme scheme, Unit unit) {
    this.scheme = scheme;
    List<byte[]> codes = new ArrayList<>();
    codes.add(SplitCode.left(scheme.parts));
    codes.add(SplitCode.right(scheme.parts));
    for (int high = 1; high <= 2; high++) {
      for (int wide = 1; wide <= 2; wide++) {
        codes.add(ProductCode.of(scheme, high, wide));
      }
    }
    List<Routine> loaded = unit.load(codes);
    left = loaded.get(0);
    right = loaded.get(1);
    for (int shape = 0; shape < 4; shape++) {
      products[shape / 2][shape % 2] = loaded.get(2 + shape);
    }
  }

  /** Multiplies: what and where to has been said. */
  void multiply(Arguments arguments, int high, int wide) {
    arguments.call(products[high - 1][wide - 1]);
  }

  /**
   * Splits rows {@code [i, i + 16)}, as many as there are, of a left operand. For the others stands
   * what stood there, and so it does in rows of sums that nobody reads.
   *
   * @param offset bytes before the matrix begins
   * @param p first inner index
   * @param depth inner indices, 1 to {@link Scheme#depth}
   * @param at byte of the panel in the tiles
   */
  void splitLeft(
      Matrix a,
      long offset,
      int i,
      int p,
      int depth,
      MemorySegment tiles,
      long at,
      TileThread thread) {
    int rows = Math.min(LINES, a.rows() - i);
    MemorySegment memory = a.buffer().segment();
    long from = memory.address() + offset + ((long) i * a.stride() + p) * BYTES;
    long step = a.stride() * BYTES;
    if (a.transposed() || !memory.isNative()) {
      int width = (depth + LINES - 1) / LINES * LINES;
      Packing.panel(a, offset, i, rows, p, depth, thread.lines, 0, width);
      from = thread.lines.address();
      step = width * BYTES;
    }
    SplitCall.left(thread.arguments, from, step, rows, depth, tiles.address() + at);
    thread.arguments.call(left);
  }

  /** The same for columns {@code [j, j + 16)} of a right operand. */
  void splitRight(
      Matrix b,
      long offset,
      int j,
      int p,
      int depth,
      MemorySegment tiles,
      long at,
      TileThread thread) {
    int columns = Math.min(LINES, b.cols() - j);
    MemorySegment memory = b.buffer().segment();
    long from = memory.address() + offset + ((long) p * b.stride() + j) * BYTES;
    long step = b.stride() * BYTES;
    if (b.transposed() || !memory.isNative()) {
      Packing.panel(b, offset, p, depth, j, columns, thread.lines, 0, LINES);
      from = thread.lines.address();
      step = LINES * BYTES;
    }
    if (depth % OperandTiles.STEP != 0) {
      int whole = depth / OperandTiles.STEP * OperandTiles.STEP;
      long done = OperandTiles.panelBytes(scheme, whole);
      tiles.asSlice(at + done, OperandTiles.panelBytes(scheme, depth) - done).fill((byte) 0);
    }
    SplitCall.right(thread.arguments, from, step, columns, depth, tiles.address() + at);
    thread.arguments.call(right);
  }

  /** All of a packed operand in tiles: made when first asked for, and kept with it. */
  OperandTiles tiles(PackedOnCpu packed, TileThread thread) {
    if (packed.copy() instanceof OperandTiles tiles && tiles.scheme() == scheme) {
      return tiles;
    }
    boolean isLeft = packed.transposed();
    int lines = isLeft ? packed.rows() : packed.cols();
    int k = isLeft ? packed.cols() : packed.rows();
    OperandTiles tiles = new OperandTiles(scheme, lines, k);
    for (int line = 0; line < lines; line += LINES) {
      Matrix columns = packed.columns(line / packed.width());
      int within = line % packed.width();
      for (int p = 0; p < k; p += scheme.depth) {
        int depth = tiles.depth(p);
        long panel = OperandTiles.panelBytes(scheme, depth);
        long at = tiles.blockAt(p) + line / LINES * panel;
        if (isLeft) {
          splitLeft(columns.t(), 0, within, p, depth, tiles.memory(), at, thread);
        } else {
          splitRight(columns, 0, within, p, depth, tiles.memory(), at, thread);
        }
      }
    }
    packed.keep(tiles);
    return tiles;
  }
}
