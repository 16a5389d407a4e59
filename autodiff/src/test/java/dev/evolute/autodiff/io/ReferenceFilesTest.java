package dev.evolute.autodiff.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that NumPy and the reference implementation of safetensors made, by make.py beside them.
 */
class ReferenceFilesTest {
  private static final double[] X = {
    0.125, 1.125, 2.125, 3.125, 10.125, 11.125, 12.125, 13.125, 20.125, 21.125, 22.125, 23.125
  };

  @TempDir Path folder;

  private static Path file(String name) throws Exception {
    return Path.of(ReferenceFilesTest.class.getResource(name).toURI());
  }

  private static void assertTensor(Tensor tensor, DType dtype, double[] values, Integer... shape) {
    assertEquals(dtype, tensor.dtype());
    assertEquals(List.of(shape), tensor.shape());
    assertArrayEquals(values, tensor.values());
  }

  @ParameterizedTest
  @CsvSource({
    "c_f8, F64",
    "c_f4, F32",
    "fortran_f8, F64",
    "big_endian_f8, F64",
    "big_endian_f4, F32",
    "version_2, F64",
    "version_3, F64"
  })
  void npyInEveryOrderAndVersion(String name, DType dtype) throws Exception {
    assertTensor(Npy.read(file(name + ".npy")), dtype, X, 3, 4);
  }

  @Test
  void npyOfEveryRank() throws Exception {
    assertTensor(Npy.read(file("scalar_f8.npy")), DType.F64, new double[] {0.1});
    assertTensor(Npy.read(file("vector_f4.npy")), DType.F32, Arrays.copyOf(X, 4), 4);
    assertTensor(Npy.read(file("empty_f8.npy")), DType.F64, new double[0], 0, 5);
    double[] counting = new double[24];
    Arrays.setAll(counting, i -> i);
    assertTensor(Npy.read(file("fortran_3d_f4.npy")), DType.F32, counting, 2, 3, 4);
  }

  @Test
  void integersOfNumPyAreExact() throws Exception {
    assertTensor(Npy.read(file("integers.npy")), DType.F64, new double[] {0, 1, 2, 3, 4}, 5);
    double[] bytes = {0, 1, 127, 128, 254, 255};
    assertTensor(Npy.read(file("bytes_u1.npy")), DType.F64, bytes, 2, 3);
    double[] negative = {-32768, -1, 0, 258};
    assertTensor(Npy.read(file("big_endian_i2.npy")), DType.F64, negative, 4);
    assertTensor(Npy.read(file("booleans.npy")), DType.F64, new double[] {1, 0, 1}, 3);
    Path file = file("inexact_u8.npy");
    Exception e = assertThrows(IOException.class, () -> Npy.read(file));
    assertEquals(
        file
            + ": element 1 (counted from 0) is 18446744073709551615, which float64 does not have"
            + " exactly; integers up to 2^53 can be read",
        e.getMessage());
    byte[] whole = Files.readAllBytes(file);
    Path edited = folder.resolve("edited.npy");
    ByteBuffer last = ByteBuffer.wrap(whole, whole.length - Long.BYTES, Long.BYTES);
    last.order(ByteOrder.LITTLE_ENDIAN).putLong((1L << 53) + 1);
    Files.write(edited, whole);
    e = assertThrows(IOException.class, () -> Npy.read(edited));
    assertTrue(e.getMessage().contains("9007199254740993, which"), e.getMessage());
    last.clear().position(whole.length - Long.BYTES).putLong(1L << 53);
    Files.write(edited, whole);
    assertEquals(0x1p53, Npy.read(edited).values()[1]);
  }

  @Test
  void npzStoredAndCompressed() throws Exception {
    for (DType dtype : DType.values()) {
      String name = dtype == DType.F64 ? "stored.npz" : "compressed.npz";
      Map<String, Tensor> tensors = Npz.read(file(name));
      assertEquals(List.of("W1", "b1"), List.copyOf(tensors.keySet()));
      assertTensor(tensors.get("W1"), dtype, X, 3, 4);
      assertTensor(tensors.get("b1"), dtype, Arrays.copyOf(X, 4), 4);
    }
  }

  @Test
  void safetensorsOfBothTypes() throws Exception {
    for (String name : new String[] {"f4", "f8"}) {
      DType dtype = name.equals("f4") ? DType.F32 : DType.F64;
      Map<String, Tensor> tensors = Safetensors.read(file(name + ".safetensors"));
      assertEquals(List.of("W1", "b1"), List.copyOf(tensors.keySet()));
      assertTensor(tensors.get("W1"), dtype, X, 3, 4);
      assertTensor(tensors.get("b1"), dtype, Arrays.copyOf(X, 4), 4);
    }
    Map<String, Tensor> mixed = Safetensors.read(file("mixed.safetensors"));
    assertTensor(mixed.get("h"), DType.F32, X, 3, 4);
    assertTensor(mixed.get("d"), DType.F64, X, 3, 4);
  }

  /** What the reference writes without metadata is written byte for byte. */
  @ParameterizedTest
  @ValueSource(strings = {"f4", "mixed"})
  void safetensorsWritesTheReferencesBytes(String name) throws Exception {
    Path reference = file(name + ".safetensors");
    Path own = folder.resolve("own.safetensors");
    Safetensors.write(own, Safetensors.read(reference));
    assertArrayEquals(Files.readAllBytes(reference), Files.readAllBytes(own));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "records.npy | the elements are records; float32, float64 and integers can be read, save it"
            + " with astype(numpy.float64)"
      })
  void otherTypesOfNumPyAreNamed(String name, String message) throws Exception {
    Path file = file(name);
    Exception e = assertThrows(IOException.class, () -> Npy.read(file));
    assertEquals(file + ": " + message, e.getMessage());
  }

  @Test
  void otherTypesOfSafetensorsAreNamed() throws Exception {
    Path file = file("f2.safetensors");
    Exception e = assertThrows(IOException.class, () -> Safetensors.read(file));
    assertEquals(file + ", h: the elements are F16; F32 and F64 can be read", e.getMessage());
  }

  /** Cut anywhere, or with a byte too many, a file is refused in one sentence; zip allows more. */
  @ParameterizedTest
  @ValueSource(
      strings = {"c_f8.npy", "fortran_f8.npy", "version_2.npy", "stored.npz", "f4.safetensors"})
  void truncatedFilesAreRefused(String name) throws Exception {
    byte[] whole = Files.readAllBytes(file(name));
    int most = name.endsWith("npz") ? whole.length : whole.length + 1;
    for (int length = 0; length <= most; length++) {
      if (length == whole.length) {
        continue;
      }
      Path cut = Files.write(folder.resolve(name), Arrays.copyOf(whole, length));
      Exception e =
          assertThrows(
              IOException.class,
              () -> {
                switch (name.substring(name.indexOf('.'))) {
                  case ".npy" -> Npy.read(cut);
                  case ".npz" -> Npz.read(cut);
                  default -> Safetensors.read(cut);
                }
              },
              name + " of " + length + " bytes");
      assertEquals(IOException.class, e.getClass(), e.toString());
      assertEquals(0, e.getMessage().indexOf(cut.toString()), e.getMessage());
    }
  }
}
