package dev.evolute.app.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Products in a file come back for the vectors they are of, and for no others. */
class SavedProductsTest {
  @TempDir Path folder;
  private final Device device = Device.open("cpu", 1);
  private final List<String> said = new ArrayList<>();

  @AfterEach
  void close() {
    device.close();
  }

  private Buffer of(DType dtype, double... values) {
    Buffer buffer = device.allocate(dtype, values.length);
    buffer.set(values);
    return buffer;
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void eachComesBackOnceInItsOrder(DType dtype) {
    Path file = folder.resolve("there/some.products");
    double third = dtype == DType.F32 ? 1f / 3 : 1.0 / 3;
    int size = 40_000;
    double[] many = new double[size];
    for (int i = 0; i < size; i++) {
      many[i] = (float) Math.sin(i);
    }
    try (Buffer x = of(dtype, 1, 2, 3);
        Buffer y = of(dtype, third, -0.0, Double.POSITIVE_INFINITY);
        Buffer longer = of(dtype, many)) {
      try (SavedProducts products = new SavedProducts(said::add)) {
        assertFalse(products.begin(file, "key"));
        products.keep(x, y);
        products.keep(longer, longer);
      }
      try (SavedProducts products = new SavedProducts(said::add);
          Buffer found = device.allocate(dtype, 3);
          Buffer foundLonger = device.allocate(dtype, size)) {
        assertTrue(products.begin(file, "key"));
        assertTrue(products.replay(x, found));
        assertArrayEquals(y.toArray(), found.toArray());
        assertTrue(products.replay(longer, foundLonger));
        assertArrayEquals(many, foundLonger.toArray());
        assertFalse(products.replay(x, found));
      }
    }
    assertEquals(List.of(), said);
  }

  @Test
  void anotherVectorEndsWhatWasKept() throws IOException {
    Path file = folder.resolve("some.products");
    try (Buffer one = of(DType.F64, 1, 2);
        Buffer two = of(DType.F64, 1, 3);
        Buffer found = of(DType.F64, 0, 0)) {
      try (SavedProducts products = new SavedProducts(said::add)) {
        products.begin(file, "key");
        products.keep(one, two);
        products.keep(one, two);
      }
      try (SavedProducts products = new SavedProducts(said::add)) {
        assertTrue(products.begin(file, "key"));
        assertTrue(products.replay(one, found));
        assertFalse(products.replay(two, found));
        // The second, of the way that is not gone, is no more there.
        assertFalse(products.replay(one, found));
        products.keep(two, one);
      }
      try (SavedProducts products = new SavedProducts(said::add)) {
        products.begin(file, "key");
        assertTrue(products.replay(one, found));
        assertTrue(products.replay(two, found));
        assertArrayEquals(one.toArray(), found.toArray());
      }
      try (SavedProducts products = new SavedProducts(said::add)) {
        assertFalse(products.begin(file, "other key"));
        assertFalse(products.replay(one, found));
        products.keep(one, two);
        products.done();
        assertFalse(Files.exists(file));
      }
    }
  }

  @Test
  void whatIsCutShortOrDamagedIsNotTaken() throws IOException {
    Path file = folder.resolve("some.products");
    try (Buffer x = of(DType.F64, 1, 2);
        Buffer y = of(DType.F64, 3, 4);
        Buffer found = of(DType.F64, 0, 0)) {
      try (SavedProducts products = new SavedProducts(said::add)) {
        products.begin(file, "key");
        products.keep(x, y);
      }
      byte[] whole = Files.readAllBytes(file);
      for (int i = "key\n".length(); i < whole.length; i++) {
        byte[] damaged = whole.clone();
        damaged[i] ^= 4;
        Files.write(file, damaged);
        try (SavedProducts products = new SavedProducts(said::add)) {
          products.begin(file, "key");
          assertFalse(products.replay(x, found), "byte " + i);
        }
        Files.write(file, Arrays.copyOf(whole, i));
        try (SavedProducts products = new SavedProducts(said::add)) {
          products.begin(file, "key");
          assertFalse(products.replay(x, found), i + " bytes");
        }
      }
    }
  }

  @Test
  void aFolderThatCannotBeWrittenIsToldAndTheRestGoesOn() throws IOException {
    Path inTheWay = Files.writeString(folder.resolve("file"), "", StandardOpenOption.CREATE);
    try (Buffer x = of(DType.F64, 1, 2);
        SavedProducts products = new SavedProducts(said::add)) {
      assertFalse(products.begin(inTheWay.resolve("some.products"), "key"));
      products.keep(x, x);
      assertFalse(products.replay(x, x));
    }
    assertEquals(1, said.size());
    assertTrue(said.getFirst().startsWith("evolute: products cannot be kept in "), said::toString);
  }
}
