package dev.evolute.kernels.cpu.amx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Instructions are encoded as GNU's assembler does it, whose bytes stand in a file. */
final class AssemblerTest {
  /** Bytes, in hexadecimal, by the text of an instruction. */
  private static Map<String, String> bytes() throws IOException {
    Map<String, String> bytes = new LinkedHashMap<>();
    try (InputStream in = AssemblerTest.class.getResourceAsStream("encodings.txt")) {
      String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      for (String line : text.lines().toList()) {
        int bar = line.indexOf('|');
        bytes.put(line.substring(bar + 1).strip(), line.substring(0, bar).strip());
      }
    }
    return bytes;
  }

  @Test
  void everyInstructionHasTheBytesOfTheSystemsAssembler() throws IOException {
    Map<String, String> expected = bytes();
    assertEquals(expected.size(), EncodingCases.all().size());
    for (EncodingCases.Case which : EncodingCases.all()) {
      Assembler assembler = new Assembler();
      which.emit().accept(assembler);
      String actual = HexFormat.of().formatHex(assembler.bytes());
      assertEquals(expected.get(which.text()), actual, which.text());
    }
  }

  /** The bytes are those of GNU's assembler, too, which prefers short jumps and is not asked. */
  @Test
  void jumpsGoToTheirLabelsForwardsAndBackwards() {
    Assembler code = new Assembler();
    Assembler.Label start = new Assembler.Label();
    Assembler.Label end = new Assembler.Label();
    code.bind(start);
    code.jumpIfZero(end);
    code.jump(end);
    code.jumpUnlessZero(start);
    code.bind(end);
    code.jump(start);
    byte[] expected =
        HexFormat.of().parseHex("0f840b000000" + "e906000000" + "0f85efffffff" + "e9eaffffff");
    assertArrayEquals(expected, code.bytes());
  }

  @Test
  void codeGrowsBeyondItsFirstRoom() {
    Assembler code = new Assembler();
    for (int i = 0; i < 5000; i++) {
      code.ret();
    }
    assertEquals(5000, code.bytes().length);
    assertEquals((byte) 0xC3, code.bytes()[4999]);
  }
}
