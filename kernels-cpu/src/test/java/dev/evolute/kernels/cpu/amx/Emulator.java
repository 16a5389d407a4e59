package dev.evolute.kernels.cpu.amx;

import java.util.Arrays;
import java.util.List;

/**
 * A processor that executes the instructions which the {@link Assembler} knows, byte by byte, so
 * that the very code which an AMX machine runs is proved on any. What a routine has not set itself
 * holds rubbish when it begins; when it ends it must have given tiles and upper halves of vectors
 * back.
 */
final class Emulator implements Routine {
  private static final int ARGUMENTS = 7;
  private static final int LANES = 16;

  private final byte[] code;
  private final ProcessMemory memory;
  private final long[] registers = new long[16];
  private final int[][] vectors = new int[32][LANES];
  private final int[] masks = new int[8];
  private final EmulatedTiles tiles = new EmulatedTiles();
  private boolean zero;
  private boolean vectorsUsed;
  private int at;
  private long executed;

  Emulator(byte[] code, ProcessMemory memory) {
    this.code = code;
    this.memory = memory;
  }

  /** A unit that reaches all memory, and runs each call on a processor of its own. */
  static Unit unit() {
    return codes ->
        codes.stream()
            .<Routine>map(
                code -> arguments -> new Emulator(code, ProcessMemory.all()).call(arguments))
            .toList();
  }

  static List<Routine> of(ProcessMemory memory, byte[]... codes) {
    return Arrays.stream(codes).<Routine>map(code -> new Emulator(code, memory)).toList();
  }

  /** Instructions executed so far. */
  long executed() {
    return executed;
  }

  @Override
  public void call(long arguments) {
    Arrays.fill(registers, 0xDEADBEEFCAFEL);
    for (int[] vector : vectors) {
      Arrays.fill(vector, 0x7FC0BAD0);
    }
    Arrays.fill(masks, 0xA5A5);
    registers[ARGUMENTS] = arguments;
    zero = true;
    vectorsUsed = false;
    at = 0;
    while (step()) {
      executed++;
    }
    if (tiles.configured()) {
      throw new AssertionError("tiles were not released");
    }
    if (vectorsUsed) {
      throw new AssertionError("upper halves of vectors were not cleared");
    }
  }

  private int next() {
    return code[at++] & 255;
  }

  private int nextInt() {
    return next() | next() << 8 | next() << 16 | next() << 24;
  }

  private boolean step() {
    int first = next();
    switch (first) {
      case 0xC3 -> {
        return false;
      }
      case 0xE9 -> {
        int distance = nextInt();
        at += distance;
      }
      case 0x0F -> {
        int condition = next();
        int distance = nextInt();
        boolean taken =
            switch (condition) {
              case 0x84 -> zero;
              case 0x85 -> !zero;
              default -> throw unknown();
            };
        at += taken ? distance : 0;
      }
      case 0xC4 -> vex();
      case 0xC5 -> {
        if (next() != 0xF8 || next() != 0x77) {
          throw unknown();
        }
        vectorsUsed = false;
      }
      case 0x62 -> evex();
      default -> {
        if (first >> 3 != 9) {
          throw unknown();
        }
        integer(first);
      }
    }
    return true;
  }

  private AssertionError unknown() {
    return new AssertionError("no instruction known at byte " + at + " of the code");
  }

  private void integer(int rex) {
    int opcode = next();
    Operand x = operand(rex >> 2 & 1, rex >> 1 & 1, rex & 1);
    switch (opcode) {
      case 0x8B -> registers[x.reg] = memory.getLong(x.address);
      case 0x89 -> {
        if (x.direct) {
          registers[x.rm] = registers[x.reg];
        } else {
          memory.setLong(x.address, registers[x.reg]);
        }
      }
      case 0xC7 -> registers[x.rm] = nextInt();
      case 0x81 -> {
        registers[x.rm] += nextInt();
        zero = registers[x.rm] == 0;
      }
      case 0x01 -> {
        registers[x.rm] += registers[x.reg];
        zero = registers[x.rm] == 0;
      }
      case 0x85 -> zero = (registers[x.rm] & registers[x.reg]) == 0;
      default -> throw unknown();
    }
  }

  /**
   * What ModRM and its followers say.
   *
   * @param direct whether rm is a register
   * @param step the index register's value, which is a row's length to tiles
   */
  private record Operand(boolean direct, int reg, int rm, long address, long step) {}

  private Operand operand(int highReg, int highIndex, int highBase) {
    int modrm = next();
    int reg = highReg << 3 | modrm >> 3 & 7;
    int rm = modrm & 7;
    if (modrm >> 6 == 3) {
      return new Operand(true, reg, highBase << 3 | rm, 0, 0);
    }
    if (modrm >> 6 != 2) {
      throw unknown();
    }
    long step = 0;
    if (rm == 4) {
      int sib = next();
      if (sib >> 6 != 0) {
        throw unknown();
      }
      step = registers[highIndex << 3 | sib >> 3 & 7];
      rm = sib & 7;
    }
    long base = registers[highBase << 3 | rm];
    return new Operand(false, reg, rm, base + nextInt(), step);
  }

  private void vex() {
    int flipped = ~next();
    int second = next();
    int map = ~flipped & 31;
    int prefix = second & 3;
    int source = ~second >> 3 & 15;
    if ((second & 0x84) != 0) {
      throw unknown();
    }
    int opcode = next();
    Operand x = operand(flipped >> 7 & 1, flipped >> 6 & 1, flipped >> 5 & 1);
    switch (map << 12 | prefix << 8 | opcode) {
      case 0x1090 -> masks[x.reg] = memory.getShort(x.address) & 0xFFFF;
      case 0x2049 -> {
        if (x.direct) {
          tiles.release();
        } else {
          tiles.configure(memory, x.address);
        }
      }
      case 0x2349 -> tiles.zero(x.reg);
      case 0x234B -> tiles.load(x.reg, memory, x.address, x.step);
      case 0x224B -> tiles.store(x.reg, memory, x.address, x.step);
      case 0x225C -> tiles.multiply(x.reg, x.rm, source);
      default -> throw unknown();
    }
  }

  private void evex() {
    int flipped = ~next();
    int second = next();
    int third = next();
    int map = ~flipped & 15;
    int prefix = second & 3;
    int source = ~second >> 3 & 15 | (~third >> 3 & 1) << 4;
    int mask = third & 7;
    int lanes = (third >> 5 & 3) == 2 ? LANES : LANES / 2;
    int opcode = next();
    Operand x = operand(flipped >> 7 & 1, flipped >> 6 & 1, flipped >> 5 & 1);
    int reg = x.reg | (flipped >> 4 & 1) << 4;
    int rm = x.rm | (x.direct ? (flipped >> 6 & 1) << 4 : 0);
    vectorsUsed = true;
    switch (map << 12 | prefix << 8 | opcode) {
      case 0x1010 -> {
        for (int i = 0; i < lanes; i++) {
          boolean on = mask == 0 || (masks[mask] >> i & 1) != 0;
          vectors[reg][i] = on ? memory.getInt(x.address + 4 * i) : 0;
        }
      }
      case 0x1011 -> {
        for (int i = 0; i < lanes; i++) {
          memory.setInt(x.address + 4 * i, vectors[reg][i]);
        }
      }
      case 0x2272 -> round(vectors[reg], vectors[rm]);
      case 0x2133 -> widen(vectors[reg], vectors[rm]);
      case 0x1172 -> {
        if ((reg & 7) != 6) {
          throw unknown();
        }
        int bits = next();
        for (int i = 0; i < LANES; i++) {
          vectors[source][i] = vectors[rm][i] << bits;
        }
      }
      case 0x11EB -> {
        for (int i = 0; i < LANES; i++) {
          vectors[reg][i] = vectors[source][i] | vectors[rm][i];
        }
      }
      case 0x11EF -> {
        for (int i = 0; i < LANES; i++) {
          vectors[reg][i] = vectors[source][i] ^ vectors[rm][i];
        }
      }
      case 0x1058 -> {
        for (int i = 0; i < LANES; i++) {
          float left = Float.intBitsToFloat(vectors[source][i]);
          float right = Float.intBitsToFloat(vectors[rm][i]);
          vectors[reg][i] = Float.floatToRawIntBits(left + right);
        }
      }
      case 0x105C -> {
        for (int i = 0; i < LANES; i++) {
          float left = Float.intBitsToFloat(vectors[source][i]);
          float right = Float.intBitsToFloat(vectors[rm][i]);
          vectors[reg][i] = Float.floatToRawIntBits(left - right);
        }
      }
      default -> throw unknown();
    }
  }

  private static void round(int[] to, int[] from) {
    int[] packed = new int[LANES];
    for (int i = 0; i < LANES; i++) {
      packed[i / 2] |= Bf16.round(from[i]) << 16 * (i % 2);
    }
    System.arraycopy(packed, 0, to, 0, LANES);
  }

  private static void widen(int[] to, int[] from) {
    int[] wide = new int[LANES];
    for (int i = 0; i < LANES; i++) {
      wide[i] = from[i / 2] >>> 16 * (i % 2) & 0xFFFF;
    }
    System.arraycopy(wide, 0, to, 0, LANES);
  }
}
