package dev.evolute.kernels.gpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The one change that JCuda's natives need where only CUDA 13 is installed: they ask for {@code
 * libnvrtc.so.12} and for symbols of the version of that name. Both names are replaced by others of
 * the same length, in the string table and, as a hash, in the table of needed versions.
 *
 * <p>Source: System V ABI, chapter "Object Files"; Linux Standard Base, "Symbol Versioning".
 */
final class Elf {
  private static final int SECTION_TABLE = 40;
  private static final int SECTION_SIZE = 58;
  private static final int SECTION_COUNT = 60;
  private static final int STRING_TABLE = 3;
  private static final int NEEDED_VERSIONS = 0x6ffffffe;
  private static final long ALLOCATED = 2;

  private Elf() {}

  /** The file with each mention of a library replaced, in place. */
  static byte[] retarget(byte[] file, String from, String to) {
    if (from.length() != to.length()) {
      throw new IllegalArgumentException(from + " and " + to + " differ in length");
    }
    ByteBuffer elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int table = (int) elf.getLong(SECTION_TABLE);
    for (int i = 0; i < elf.getShort(SECTION_COUNT); i++) {
      int section = table + i * elf.getShort(SECTION_SIZE);
      int type = elf.getInt(section + 4);
      int offset = (int) elf.getLong(section + 24);
      int size = (int) elf.getLong(section + 32);
      if (type == STRING_TABLE && (elf.getLong(section + 8) & ALLOCATED) != 0) {
        strings(elf, offset, size, from, to);
      } else if (type == NEEDED_VERSIONS) {
        versions(elf, offset, hash(from), hash(to));
      }
    }
    return file;
  }

  private static void strings(ByteBuffer elf, int offset, int size, String from, String to) {
    byte[] old = ("\0" + from + "\0").getBytes(StandardCharsets.US_ASCII);
    byte[] found = new byte[old.length];
    for (int at = offset; at <= offset + size - old.length; at++) {
      elf.get(at, found);
      if (java.util.Arrays.equals(found, old)) {
        elf.put(at + 1, to.getBytes(StandardCharsets.US_ASCII));
      }
    }
  }

  private static void versions(ByteBuffer elf, int offset, int from, int to) {
    int library = offset;
    while (true) {
      int version = library + elf.getInt(library + 8);
      for (int i = elf.getShort(library + 2); i > 0; i--) {
        if (elf.getInt(version) == from) {
          elf.putInt(version, to);
        }
        version += elf.getInt(version + 12);
      }
      int next = elf.getInt(library + 12);
      if (next == 0) {
        return;
      }
      library += next;
    }
  }

  /** The hash of the System V ABI. */
  static int hash(String name) {
    int h = 0;
    for (int i = 0; i < name.length(); i++) {
      h = (h << 4) + name.charAt(i);
      int top = h & 0xf0000000;
      h = (h ^ top >>> 24) & ~top;
    }
    return h;
  }
}
