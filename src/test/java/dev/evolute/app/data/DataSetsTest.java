package dev.evolute.app.data;

import static dev.evolute.app.data.IdxReaderTest.assertThrowsUser;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataSetsTest {
  private final TinySet digits = TinySet.named("digits", 1);
  private final TinySet shoes = TinySet.named("shoes", 2);

  @TempDir Path folder;

  @Test
  void placesAreSearchedFlagThenEnvironmentThenUserThenSystem() throws IOException {
    Path env = Files.createDirectory(folder.resolve("env"));
    Path home = folder.resolve("home");
    Path system = folder.resolve("system");
    Map<String, String> environment = Map.of("EVOLUTE_DATA", env.toString());
    assertEquals(
        List.of(folder, env, home.resolve(".local/share/evolute"), system),
        DataSets.searchPath(folder, environment, home, system));
    assertEquals(
        List.of(home.resolve(".local/share/evolute"), system),
        DataSets.searchPath(null, Map.of(), home, system));
  }

  @Test
  void dataHomeFollowsXdgWhereItIsAbsolute() {
    Path home = Path.of("/h");
    Path xdg = folder.toAbsolutePath();
    assertEquals(
        xdg.resolve("evolute"), DataSets.dataHome(Map.of("XDG_DATA_HOME", xdg.toString()), home));
    assertEquals(
        home.resolve(".local/share/evolute"),
        DataSets.dataHome(Map.of("XDG_DATA_HOME", "relative"), home));
  }

  @Test
  void firstPlaceThatHoldsTheSetWins() {
    Path first = folder.resolve("a");
    Path second = folder.resolve("b");
    digits.writeTo(second.resolve("digits"), false);
    List<Path> places = List.of(first, second);
    assertEquals(Optional.of(second.resolve("digits")), locate(digits, places));
    digits.writeTo(first, true);
    assertEquals(Optional.of(first), locate(digits, places));
    digits.writeTo(first.resolve("raw"), true);
    assertEquals(Optional.of(first.resolve("raw")), locate(digits, places));
    digits.writeTo(first.resolve("digits"), true);
    assertEquals(Optional.of(first.resolve("digits")), locate(digits, places));
  }

  private static Optional<Path> locate(TinySet set, List<Path> places) {
    return DataSets.locate(set.known(), "train", places, new ArrayList<>());
  }

  @ParameterizedTest
  @CsvSource({
    "-idx3-ubyte,-idx1-ubyte",
    ".idx3-ubyte,.idx1-ubyte",
    "-idx3-ubyte.gz,-idx1-ubyte.gz",
    ".idx3-ubyte.gz,.idx1-ubyte"
  })
  void everySpellingOfTheFileNamesIsFound(String images, String labels) {
    TinySet.write(digits.files().get(IdxFile.TEST_IMAGES), folder.resolve("t10k-images" + images));
    TinySet.write(digits.files().get(IdxFile.TEST_LABELS), folder.resolve("t10k-labels" + labels));
    Dataset set = DataSets.openFull(digits.known(), "test", List.of(folder));
    assertEquals("digits", set.name());
    assertEquals("test", set.split());
    assertEquals(3, set.samples());
    assertEquals(2, set.rows());
    assertEquals(3, set.cols());
    assertEquals("made up; none", set.source());
    assertEquals(0, set.sourceIndices().length);
    assertArrayEquals(digits.files().get(IdxFile.TEST_IMAGES).data(), set.pixels());
    assertArrayEquals(digits.files().get(IdxFile.TEST_LABELS).data(), set.labels());
  }

  @Test
  void anotherSetOfTheSameLayoutIsPassedOver() {
    shoes.writeTo(folder.resolve("a"), false);
    digits.writeTo(folder.resolve("b"), false);
    List<Path> both = List.of(folder.resolve("a"), folder.resolve("b"));
    assertArrayEquals(
        digits.files().get(IdxFile.TRAIN_IMAGES).data(),
        DataSets.openFull(digits.known(), "train", both).pixels());
    String message =
        assertThrowsUser(
            () -> DataSets.openFull(digits.known(), "train", List.of(folder.resolve("a"))));
    assertTrue(
        message.contains(
            "(" + folder.resolve("a/train-labels-idx1-ubyte") + " holds other labels)"),
        message);
  }

  @Test
  void imagesOfAnotherSetAreRefused() {
    digits.writeTo(folder, false);
    TinySet.write(
        shoes.files().get(IdxFile.TRAIN_IMAGES), folder.resolve("train-images-idx3-ubyte"));
    String message =
        assertThrowsUser(() -> DataSets.openFull(digits.known(), "train", List.of(folder)));
    assertTrue(message.contains("is not the train-images-idx3-ubyte of DIGITS"), message);
    assertTrue(message.contains(digits.known().sha256(IdxFile.TRAIN_IMAGES)), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"})
  void truncatedFileIsAnErrorEvenWhereAnotherPlaceHasTheSet(String name) throws IOException {
    Path damaged = digits.writeTo(folder.resolve("a"), false).resolve(name);
    byte[] content = Files.readAllBytes(damaged);
    Files.write(damaged, Arrays.copyOf(content, content.length - 1));
    digits.writeTo(folder.resolve("b"), false);
    List<Path> both = List.of(folder.resolve("a"), folder.resolve("b"));
    String message = assertThrowsUser(() -> DataSets.openFull(digits.known(), "train", both));
    assertTrue(message.startsWith(damaged + " is truncated"), message);
  }

  @Test
  void absentSetSaysWhereItWasSoughtAndWhatToDo() throws IOException {
    digits.writeTo(folder, false);
    Files.delete(folder.resolve("train-labels-idx1-ubyte"));
    Path nowhere = folder.resolve("nowhere");
    assertEquals(
        "DIGITS (train images) was not found in "
            + folder
            + ", "
            + nowhere
            + " ("
            + folder
            + " lacks train-labels-idx1-ubyte); run `evolute data get digits`, or put"
            + " train-images-idx3-ubyte and train-labels-idx1-ubyte into a folder and name it with"
            + " --data-dir",
        assertThrowsUser(
            () -> DataSets.openFull(digits.known(), "train", List.of(folder, nowhere))));
  }

  @Test
  void brokenFilesInTheNamedFolderAreAnErrorForABundledSetToo() throws IOException {
    TinySet other = TinySet.named("other", 1);
    other.writeTo(folder.resolve("other"), false);
    assertTrue(DataSets.open("mnist-1k", folder.resolve("other")).real(), "another set: inside");

    Path images = other.writeTo(folder.resolve("cut"), false).resolve("train-images-idx3-ubyte");
    Files.write(images, Arrays.copyOf(Files.readAllBytes(images), 30));
    String cut = assertThrowsUser(() -> DataSets.open("mnist-1k", folder.resolve("cut")));
    assertTrue(cut.startsWith(images + " is truncated"), cut);

    Files.delete(other.writeTo(folder.resolve("half"), false).resolve("train-labels-idx1-ubyte"));
    String half = assertThrowsUser(() -> DataSets.open("mnist-1k", folder.resolve("half")));
    assertTrue(half.contains("lacks train-labels-idx1-ubyte"), half);
  }

  @Test
  void unknownNamesAndSplitsListTheKnownOnes() {
    assertEquals(
        "there is no data set 'mnits'; the known ones are mnist-1k, fashion-mnist-1k, mnist,"
            + " fashion-mnist",
        assertThrowsUser(() -> DataSets.open("mnits", null)));
    assertEquals(
        "there is no split 'validation'; give train or test",
        assertThrowsUser(() -> DataSets.open("mnist", "validation", null)));
    assertEquals(
        "mnist-1k has training images only; open mnist for its test images",
        assertThrowsUser(() -> DataSets.open("mnist-1k", "test", null)));
  }

  @Test
  void unusableDataFolderIsRefusedEvenForBundledSets() throws IOException {
    Path missing = folder.resolve("missing");
    assertEquals(
        "the data folder "
            + missing
            + " does not exist; name a readable folder with the IDX files, or leave it out",
        assertThrowsUser(() -> DataSets.open("mnist-1k", missing)));
    Path file = Files.createFile(folder.resolve("file"));
    assertTrue(assertThrowsUser(() -> DataSets.list(file)).contains(" is not a folder;"));
    Map<String, String> environment = Map.of("EVOLUTE_DATA", missing.toString());
    assertTrue(
        assertThrowsUser(() -> DataSets.searchPath(null, environment, folder, folder))
            .startsWith("the folder in EVOLUTE_DATA, " + missing + " does not exist"));
  }

  @Test
  void listNamesEverySetOnce() {
    List<DataSets.Listing> all = DataSets.list(folder);
    assertEquals(Images.NAMES, all.stream().map(DataSets.Listing::name).toList());
    assertTrue(all.get(0).found());
    assertTrue(all.get(1).found());
    for (DataSets.Listing full : all.subList(2, 4)) {
      String where = full.where();
      assertTrue(full.found() || where.contains("evolute data get " + full.name()), where);
    }
    DataSets.Listing cifar = all.get(4);
    assertTrue(cifar.found() || cifar.where().contains("--data-dir"), cifar.where());
  }

  @Test
  void cifarThatIsDamagedIsListedWithWhatIsWrong() throws IOException {
    Files.write(folder.resolve("data_batch_1.bin"), new byte[10]);
    String missing = DataSets.list(folder).get(4).where();
    assertTrue(missing.startsWith(folder.resolve("data_batch_2.bin") + " is not there"), missing);
    for (int i = 2; i <= 5; i++) {
      Files.write(folder.resolve("data_batch_" + i + ".bin"), new byte[10]);
    }
    DataSets.Listing cifar = DataSets.list(folder).get(4);
    assertEquals("cifar-10", cifar.name());
    assertFalse(cifar.found());
    assertTrue(cifar.where().contains("it is truncated"), cifar.where());
  }
}
