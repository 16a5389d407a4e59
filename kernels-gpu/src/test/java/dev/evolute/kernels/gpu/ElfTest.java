package dev.evolute.kernels.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ElfTest {
  private static byte[] jnvrtc() throws Exception {
    String path = "/lib/libJNvrtc-12.6.0-linux-x86_64.so";
    try (InputStream in = jcuda.Pointer.class.getResourceAsStream(path)) {
      return in.readAllBytes();
    }
  }

  private static int count(byte[] file, String text) {
    String all = new String(file, StandardCharsets.ISO_8859_1);
    int found = 0;
    for (int at = all.indexOf(text); at >= 0; at = all.indexOf(text, at + 1)) {
      found++;
    }
    return found;
  }

  @Test
  void namesOfLibraryAndVersionAreReplacedAndComeBack() throws Exception {
    byte[] changed = Elf.retarget(jnvrtc(), "libnvrtc.so.12", "libnvrtc.so.13");
    assertEquals(0, count(changed, "\0libnvrtc.so.12\0"));
    assertEquals(1, count(changed, "\0libnvrtc.so.13\0"));
    int differing = 0;
    byte[] original = jnvrtc();
    for (int i = 0; i < original.length; i++) {
      differing += original[i] == changed[i] ? 0 : 1;
    }
    assertEquals(2, differing, "a digit of the name, and of its hash");
    assertArrayEquals(original, Elf.retarget(changed, "libnvrtc.so.13", "libnvrtc.so.12"));
  }

  @Test
  void theHashIsThatOfTheAbi() {
    assertEquals(0x077905a6, Elf.hash("printf"));
  }
}
