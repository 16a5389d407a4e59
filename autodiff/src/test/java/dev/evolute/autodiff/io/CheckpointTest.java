package dev.evolute.autodiff.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint comes back to the bit, or is refused in one sentence. */
class CheckpointTest {
  @TempDir Path folder;

  private Path saved() throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("step", "17");
    texts.put("settings", "{\"model\": \"mlp\", \"quoted\": \"\u00e9\"}");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("W", Tensor.of(DType.F32, new double[] {1, -0.0, Float.MIN_VALUE, 2.5}, 2, 2));
    tensors.put("series", Tensor.of(DType.F64, new double[] {Double.NaN, Math.PI, 1e-300}, 3));
    Path path = folder.resolve("run.safetensors");
    new Checkpoint(texts, tensors).save(path);
    return path;
  }

  private static String refused(Path path) {
    return assertThrows(IOException.class, () -> Checkpoint.load(path)).getMessage();
  }

  @Test
  void textsAndArraysComeBackToTheBit() throws IOException {
    Checkpoint loaded = Checkpoint.load(saved());
    assertEquals("17", loaded.texts().get("step"));
    assertEquals(List.of("step", "settings"), List.copyOf(loaded.texts().keySet()));
    assertArrayEquals(
        new double[] {1, -0.0, Float.MIN_VALUE, 2.5}, loaded.tensors().get("W").values());
    assertArrayEquals(
        new double[] {Double.NaN, Math.PI, 1e-300}, loaded.tensors().get("series").values());
    // Other programs read it as what it is.
    assertEquals(4, Safetensors.read(folder.resolve("run.safetensors")).get("W").values().length);
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count(), "nothing is left beside it");
    }
  }

  /** A store that is no folder holds the same bytes, and what is read from there is the same. */
  @Test
  void bytesAreThoseOfTheFile() throws IOException {
    Path path = saved();
    Checkpoint loaded = Checkpoint.load(path);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    loaded.write(bytes);
    assertArrayEquals(Files.readAllBytes(path), bytes.toByteArray());
    Checkpoint read = Checkpoint.read("there", MemorySegment.ofArray(bytes.toByteArray()));
    assertEquals(loaded.texts(), read.texts());
    assertEquals(loaded.tensors().keySet(), read.tensors().keySet());
    byte[] half = Arrays.copyOf(bytes.toByteArray(), bytes.size() / 2);
    assertTrue(
        assertThrows(IOException.class, () -> Checkpoint.read("there", MemorySegment.ofArray(half)))
            .getMessage()
            .startsWith("there"));
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(saved());
    Path path = folder.resolve("cut.safetensors");
    for (int length = 0; length < whole.length; length++) {
      Files.write(path, Arrays.copyOf(whole, length));
      assertTrue(refused(path).startsWith(path + ": "), "cut to " + length);
    }
  }

  /** Whatever bit flips, no other state is read. */
  @Test
  void everyFlippedBitIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(saved());
    Path path = folder.resolve("flipped.safetensors");
    for (int i = 0; i < whole.length; i++) {
      byte[] bytes = whole.clone();
      bytes[i] ^= 0x10;
      Files.write(path, bytes);
      assertFalse(refused(path).isEmpty(), "byte " + i);
    }
    whole[whole.length - 1] ^= 1;
    Files.write(path, whole);
    assertEquals(
        path + ": the checkpoint is damaged, its checksum does not fit; restore a copy of it",
        refused(path));
  }

  @Test
  void anotherVersionAndAnotherFileAreNamed() throws IOException {
    Path path = folder.resolve("other.safetensors");
    Safetensors.write(path, new Safetensors.Content(Map.of("evolute.checkpoint", "0"), Map.of()));
    assertEquals(
        path
            + ": the checkpoint has version 0 of the format, this program reads 1; go on with the"
            + " program that wrote it, or start anew",
        refused(path));
    Safetensors.write(path, Map.of("W", Tensor.of(DType.F32, new double[] {1}, 1)));
    assertEquals(
        path + ": this is no checkpoint; its metadata lack evolute.checkpoint", refused(path));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Checkpoint(Map.of("evolute.crc32c", ""), Map.of()).save(path));
  }
}
