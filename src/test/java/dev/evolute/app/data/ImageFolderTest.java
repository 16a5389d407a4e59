package dev.evolute.app.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.UserException;
import dev.evolute.autodiff.io.Npy;
import dev.evolute.autodiff.io.Tensor;
import dev.evolute.kernels.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images in folders of a user's own. */
class ImageFolderTest {
  @TempDir Path folder;

  private static double[][] all(Samples samples) {
    double[] x = new double[samples.count() * samples.inputs()];
    double[] y = new double[samples.count() * samples.targets()];
    for (int i = 0; i < samples.count(); i++) {
      samples.write(i, x, i * samples.inputs(), y, i * samples.targets());
    }
    return new double[][] {x, y};
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void idxFilesAreStandardisedByTheirOwnPixels(boolean gzipped) {
    TinySet tiny = TinySet.named("tiny", 5);
    tiny.writeTo(folder, gzipped);
    Images images = Images.open("idx:" + folder, null);
    assertEquals(7, images.count());
    assertEquals(6, images.features());
    byte[] labels = tiny.files().get(IdxFile.TRAIN_LABELS).data();
    byte[] pixels = tiny.files().get(IdxFile.TRAIN_IMAGES).data();
    double[][] all = all(images.first(7));
    double sum = 0;
    double squares = 0;
    for (double value : all[0]) {
      sum += value;
      squares += value * value;
    }
    assertEquals(0, sum / 42, 1e-12);
    assertEquals(1, squares / 42, 1e-12);
    // One step between levels is the same everywhere.
    double unit = (all[0][1] - all[0][0]) / ((pixels[1] & 0xff) - (pixels[0] & 0xff));
    for (int i = 1; i < pixels.length; i++) {
      double steps = (pixels[i] & 0xff) - (pixels[0] & 0xff);
      assertEquals(all[0][0] + steps * unit, all[0][i], 1e-12);
    }
    for (int i = 0; i < 7; i++) {
      for (int c = 0; c < images.classes(); c++) {
        assertEquals(c == labels[i] ? 1 : 0, all[1][i * images.classes() + c]);
      }
    }
  }

  private void numpy(double[] images, Integer[] shape, double... labels) throws IOException {
    Npy.write(folder.resolve("images.npy"), Tensor.of(DType.F64, images, shape));
    Npy.write(folder.resolve("labels.npy"), Tensor.of(DType.F32, labels, labels.length));
  }

  @Test
  void arraysOfNumPyAreTakenAsTheyStand() throws IOException {
    double[] x = {0.5, -1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    numpy(x, new Integer[] {3, 2, 2}, 1, 0, 2);
    Images images = Images.open("numpy:" + folder, null);
    assertEquals(4, images.features());
    assertEquals(3, images.classes());
    assertEquals(64, images.sha256().length());
    double[][] all = all(images.first(3));
    assertArrayEquals(x, all[0]);
    assertArrayEquals(new double[] {0, 1, 0, 1, 0, 0, 0, 0, 1}, all[1]);
    double[][] some = all(images.only(new int[] {2}));
    assertArrayEquals(new double[] {8, 9, 10, 11}, some[0]);
    assertArrayEquals(new double[] {0, 0, 1}, some[1]);
  }

  private String refused(String name) {
    String sentence = assertThrows(UserException.class, () -> Images.open(name, null)).getMessage();
    assertEquals(1, sentence.lines().count());
    return sentence;
  }

  private void refusedNumPy(String words) {
    String sentence = refused("numpy:" + folder);
    assertTrue(sentence.contains(words), sentence);
  }

  @Test
  void whatIsWrongIsToldInASentence() throws IOException {
    Path none = folder.resolve("none");
    assertEquals(
        "--data idx:%s: there is no folder %s".formatted(none, none), refused("idx:" + none));
    assertEquals(
        "--data idx:%s: there is no train-images-idx3-ubyte, nor train-images-idx3-ubyte.gz, in it"
            .formatted(folder),
        refused("idx:" + folder));
    refusedNumPy("there is no images.npy in it");
    Integer[] two = {2, 2};
    numpy(new double[] {1, 2, 3, 4}, two, 0, 1, 1);
    refusedNumPy("images.npy has 2 rows of 2 numbers, and " + folder.resolve("labels.npy") + " 3");
    numpy(new double[] {1, 2, 3, Double.NaN}, two, 0, 1);
    refusedNumPy("number 1 of row 1 (both counted from 0) is NaN; all have to be finite");
    numpy(new double[] {1, 2, 3, 4}, two, 0, -1);
    refusedNumPy("label 1 (counted from 0) is -1.0; whole numbers from 0 to 99999 are needed");
    numpy(new double[] {1, 2, 3, 4}, two, 0, 0.5);
    refusedNumPy("label 1 (counted from 0) is 0.5;");
    numpy(new double[] {1, 2, 3, 4}, two, 0, 0);
    refusedNumPy("all labels are 0; two classes at least are needed");
    numpy(new double[] {1, 2, 3, 4}, new Integer[] {4}, 0, 1, 0, 1);
    refusedNumPy("images.npy is of shape [4] and labels.npy of [4]; [n x ...] and [n] are needed");
    Files.writeString(folder.resolve("images.npy"), "no array");
    refusedNumPy("this is no .npy file");
    assertTrue(refused("parquet:x").contains("Parquet is read by an engine; give --engine"));
  }
}
