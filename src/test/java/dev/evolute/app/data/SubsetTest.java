package dev.evolute.app.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.evolute.app.UserException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubsetTest {
  @ParameterizedTest
  @CsvSource({
    "mnist-1k,0.1307,0.3081,d03ed1d417b058bb8695f98328c6ac79d71d3ea4ef9139740380a60fd873f471",
    "fashion-mnist-1k,0.2860,0.3530,"
        + "a3793354129f371b795a22edf3e29c8e66632b3c3ea2860e8a68a282a211621d"
  })
  void bundledSubsetIsWhatItSays(String name, double mean, double std, String sha256) {
    Dataset set = DataSets.open(name, null);
    assertEquals(name, set.name());
    assertTrue(set.real());
    assertEquals("train", set.split());
    assertEquals(1000, set.samples());
    assertEquals(784, set.features());
    assertEquals(10, set.classes());
    assertEquals(sha256, set.sha256());
    assertEquals(mean, set.mean(), 5e-5);
    assertEquals(std, set.std(), 5e-5);
    assertTrue(set.source().contains("MNIST") && set.source().contains(";"), set.source());
    assertArrayEquals(SubsetMaker.indices(60_000), set.sourceIndices());

    int[] perClass = new int[10];
    for (byte label : set.labels()) {
      perClass[label]++;
    }
    // About 100 a class, deviation below 10: 60 to 140 is four deviations away.
    assertTrue(Arrays.stream(perClass).allMatch(c -> c > 60 && c < 140), name);

    // A uniform sample of images has nearly the mean and deviation of all of them.
    double[] own = SubsetMaker.meanAndStd(set.pixels());
    assertEquals(set.mean(), own[0], 0.01);
    assertEquals(set.std(), own[1], 0.01);
  }

  @Test
  void storedMomentsAreThoseOfTheKnownSets() {
    for (KnownSet known : KnownSet.ALL) {
      Dataset set = DataSets.open(known.subsetName(), null);
      assertEquals(known.mean(), set.mean());
      assertEquals(known.std(), set.std());
      assertEquals(known.source(), set.source());
    }
  }

  @Test
  void indicesAreDifferentAscendingAndSpread() {
    int[] indices = SubsetMaker.indices(60_000);
    assertEquals(1000, Arrays.stream(indices).distinct().count());
    int[] sorted = indices.clone();
    Arrays.sort(sorted);
    assertArrayEquals(sorted, indices);
    assertTrue(indices[0] >= 0 && indices[999] < 60_000);
    // Mean of 1,000 uniform indices: 30,000 with deviation 548.
    assertEquals(30_000, Arrays.stream(indices).average().orElseThrow(), 2500);
  }

  @Test
  void momentsOfAFewPixelsMatchByHand() {
    double[] moments = SubsetMaker.meanAndStd(new byte[] {0, 0, (byte) 255, (byte) 255});
    assertEquals(0.5, moments[0], 1e-16);
    assertEquals(0.5, moments[1], 1e-16);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mnist-1k", "fashion-mnist-1k"})
  void noticeIsBesideTheData(String name) throws IOException {
    try (InputStream notice = Subset.class.getResourceAsStream(name + ".NOTICE.txt")) {
      String text = new String(notice.readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(text.contains(name + ".idx.gz") && text.contains("Licence"), text);
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"mnist", "fashion-mnist"})
  void subsetIsMadeAgainFromTheFullSet(String name, @TempDir Path folder) throws IOException {
    Dataset full = fullOrAbort(name);
    assertEquals(60_000, full.samples());
    SubsetMaker.write(SubsetMaker.make(full), folder);
    String subset = name + "-1k";
    assertEquals(
        new String(resource(subset + ".properties"), StandardCharsets.UTF_8),
        Files.readString(folder.resolve(subset + ".properties")));
    // Unpacked: two zlib versions need not compress alike.
    assertArrayEquals(
        unpacked(resource(subset + ".idx.gz")),
        unpacked(Files.readAllBytes(folder.resolve(subset + ".idx.gz"))));

    Dataset test = DataSets.open(name, "test", null);
    assertEquals(10_000, test.samples());
    assertEquals(full.mean(), test.mean());
  }

  private static Dataset fullOrAbort(String name) {
    try {
      return DataSets.open(name, null);
    } catch (UserException notFound) {
      return abort(notFound.getMessage());
    }
  }

  private static byte[] resource(String file) throws IOException {
    try (InputStream in = Subset.class.getResourceAsStream(file)) {
      return in.readAllBytes();
    }
  }

  private static byte[] unpacked(byte[] gzip) throws IOException {
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
      return in.readAllBytes();
    }
  }
}
