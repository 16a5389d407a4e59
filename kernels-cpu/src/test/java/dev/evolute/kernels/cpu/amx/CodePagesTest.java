package dev.evolute.kernels.cpu.amx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Machine code is written, then executable, and at no time both. */
final class CodePagesTest {
  private static final Path MAPS = Path.of("/proc/self/maps");

  @BeforeEach
  void thisIsLinuxOnX86() {
    Assumptions.assumeTrue(Files.exists(MAPS), "no Linux");
    Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"), "no x86-64");
  }

  /** Rights of the pages at an address by the process's own map, such as {@code r-xp}. */
  private static String rights(long address) throws IOException {
    for (String line : Files.readAllLines(MAPS)) {
      String[] parts = line.split("[- ]");
      if (Long.parseUnsignedLong(parts[0], 16) <= address
          && address < Long.parseUnsignedLong(parts[1], 16)) {
        return line.substring(line.indexOf(' ') + 1, line.indexOf(' ') + 5);
      }
    }
    return "none";
  }

  /** Adds 42 to the number it is given the address of. */
  private static byte[] adder() {
    Assembler code = new Assembler();
    code.load(Register.RAX, Register.RDI, 0);
    code.add(Register.RAX, 42);
    code.store(Register.RDI, 0, Register.RAX);
    code.ret();
    return code.bytes();
  }

  @Test
  void pagesAreWritableThenExecutableAndNeverBoth() throws IOException {
    byte[] large = new byte[3 * 4096];
    CodePages pages = CodePages.write(List.of(large, adder()));
    long last = pages.address() + 3 * 4096;
    assertEquals("rw-p", rights(pages.address()));
    assertEquals("rw-p", rights(last));
    pages.seal();
    assertEquals("r-xp", rights(pages.address()));
    assertEquals("r-xp", rights(last));
    pages.close();
    assertTrue(!rights(last).contains("x"), rights(last));
  }

  @Test
  void everyRoutineOfAPageIsCalledAtItsStart() {
    byte[] nothing = {(byte) 0xC3};
    try (CodePages pages = CodePages.write(List.of(nothing, adder(), adder()))) {
      List<Routine> routines = pages.seal();
      Arguments arguments = new Arguments();
      for (int i = 0; i < 20_000; i++) {
        arguments.call(routines.get(i % 3));
      }
      long sum = arguments.memory().get(ValueLayout.JAVA_LONG, 0);
      assertEquals(42L * (6667 + 6666), sum);
    }
  }

  @Test
  void jumpsRunAsTheyAreWritten() {
    Assembler code = new Assembler();
    Assembler.Label again = new Assembler.Label();
    Assembler.Label end = new Assembler.Label();
    code.load(Register.RCX, Register.RDI, 0);
    code.set(Register.RAX, 0);
    code.bind(again);
    code.test(Register.RCX);
    code.jumpIfZero(end);
    code.add(Register.RAX, Register.RCX);
    code.add(Register.RCX, -1);
    code.jump(again);
    code.bind(end);
    code.store(Register.RDI, 8, Register.RAX);
    code.ret();
    Arguments arguments = new Arguments();
    arguments.set(0, 100);
    try (CodePages pages = CodePages.write(List.of(code.bytes()))) {
      arguments.call(pages.seal().getFirst());
    }
    assertEquals(5050, arguments.memory().get(ValueLayout.JAVA_LONG, 8));
    arguments.set(0, 100).set(8, 0);
    new Emulator(code.bytes(), ProcessMemory.of(arguments.memory()))
        .call(arguments.memory().address());
    assertEquals(5050, arguments.memory().get(ValueLayout.JAVA_LONG, 8));
  }
}
