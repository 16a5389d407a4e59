package dev.evolute.app.data;

import dev.evolute.app.UserException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A published data set: how it is told from any other.
 *
 * <p>MNIST and its look-alikes share file names, shapes and label range, so only content says which
 * one a folder holds: each file has a SHA-256, taken over its uncompressed form.
 *
 * @param name what a user types, and the name of the set's own folder
 * @param title what a sentence calls it
 * @param origin who made it
 * @param licence what is known about its licence
 * @param classes number of labels
 * @param otherFolders further subfolders to look in (other tools' layouts)
 * @param mean mean of all training pixels, scaled to {@code [0, 1]}
 * @param std standard deviation (population form) of the same pixels
 * @param sha256 one hash a file, in the order of {@link IdxFile}
 */
record KnownSet(
    String name,
    String title,
    String origin,
    String licence,
    int classes,
    List<String> otherFolders,
    double mean,
    double std,
    List<String> sha256) {

  static final KnownSet MNIST =
      new KnownSet(
          "mnist",
          "MNIST",
          "MNIST handwritten digits by Yann LeCun, Corinna Cortes and Christopher J.C. Burges,"
              + " made from NIST databases",
          "commonly distributed under CC BY-SA 3.0",
          10,
          List.of("MNIST/raw"),
          0.13066047627384286,
          0.3081078038564627,
          List.of(
              "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
              "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
              "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
              "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"));

  static final KnownSet FASHION_MNIST =
      new KnownSet(
          "fashion-mnist",
          "Fashion-MNIST",
          "Fashion-MNIST article images by Zalando SE (Han Xiao, Kashif Rasul, Roland Vollgraf)",
          "MIT licence",
          10,
          List.of("FashionMNIST/raw"),
          0.2860405969887955,
          0.35302424451492254,
          List.of(
              "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
              "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
              "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
              "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"));

  static final List<KnownSet> ALL = List.of(MNIST, FASHION_MNIST);

  String sha256(IdxFile file) {
    return sha256.get(file.ordinal());
  }

  /** Name of the bundled subset. */
  String subsetName() {
    return name + "-1k";
  }

  /** Origin and licence in one sentence. */
  String source() {
    return origin + "; " + licence;
  }

  /** Where under {@code root} the set may lie, its own subfolder first. */
  List<Path> folders(Path root) {
    List<Path> folders = new ArrayList<>();
    folders.add(root.resolve(name));
    otherFolders.forEach(folder -> folders.add(root.resolve(folder)));
    folders.add(root);
    return folders;
  }

  /**
   * Proves that {@code content}, read from {@code path}, is this set's.
   *
   * @throws UserException where it is something else
   */
  void requireHash(IdxFile file, Path path, Idx content) {
    String actual = content.sha256();
    if (!actual.equals(sha256(file))) {
      throw new UserException(
          "%s is not the %s of %s: the SHA-256 of its uncompressed content is %s, expected %s;"
                  .formatted(path, file.plainName(), title, actual, sha256(file))
              + " move it away and run `evolute data get %s`".formatted(name));
    }
  }
}
