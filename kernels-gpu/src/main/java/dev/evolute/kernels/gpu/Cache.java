package dev.evolute.kernels.gpu;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Files that are costly to make, kept by the hash of all they are made from: in the folder of the
 * property {@code evolute.cache} or the variable {@code EVOLUTE_CACHE}, else {@code evolute} in the
 * user's cache. A file begins with the hash of the rest and appears at once, whole, under its name,
 * so that two processes may write and one may be killed.
 */
final class Cache {
  private static final int HASH_BYTES = 32;

  private final Path folder;

  /**
   * @param name of the folder within the cache
   */
  Cache(String name) {
    this(root().resolve(name));
  }

  Cache(Path folder) {
    this.folder = folder;
  }

  private static Path root() {
    String chosen = System.getProperty("evolute.cache", System.getenv("EVOLUTE_CACHE"));
    if (chosen != null && !chosen.isEmpty()) {
      return Path.of(chosen);
    }
    String users = System.getenv("XDG_CACHE_HOME");
    return users != null && !users.isEmpty()
        ? Path.of(users, "evolute")
        : Path.of(System.getProperty("user.home"), ".cache", "evolute");
  }

  Path folder() {
    return folder;
  }

  /** A name for what is made from these texts; their borders count. */
  static String key(List<String> parts) {
    MessageDigest digest = sha256();
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** What was stored under the key; nothing where it is not there or damaged. */
  Optional<byte[]> load(String key) {
    try {
      byte[] file = Files.readAllBytes(folder.resolve(key));
      byte[] content = Arrays.copyOfRange(file, Math.min(HASH_BYTES, file.length), file.length);
      boolean whole =
          file.length >= HASH_BYTES
              && Arrays.equals(sha256().digest(content), Arrays.copyOf(file, HASH_BYTES));
      return whole ? Optional.of(content) : Optional.empty();
    } catch (IOException notThere) {
      return Optional.empty();
    }
  }

  /** Stores it if that is possible; a cache that cannot be written only costs time. */
  void store(String key, byte[] content) {
    Path part = null;
    try {
      makePrivate(folder);
      part = Files.createTempFile(folder, key.substring(0, 8), ".part");
      byte[] hash = sha256().digest(content);
      byte[] file = Arrays.copyOf(hash, HASH_BYTES + content.length);
      System.arraycopy(content, 0, file, HASH_BYTES, content.length);
      Files.write(part, file);
      move(part, folder.resolve(key));
    } catch (IOException full) {
      delete(part);
    }
  }

  /**
   * Makes new content of what is stored, of nothing where there is none: one process and thread at
   * a time. As with {@link #store}, what cannot be written is not.
   */
  void update(String key, UnaryOperator<byte[]> change) {
    synchronized (Cache.class) {
      try {
        makePrivate(folder);
        try (FileChannel lock =
            FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
          // Held until the file is closed.
          lock.lock();
          store(key, change.apply(load(key).orElseGet(() -> new byte[0])));
        }
      } catch (IOException notWritable) {
        // Then it is as it was.
        return;
      }
    }
  }

  /** Gives the file its name, at once. */
  static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** A folder that only its user may enter: code is loaded from it. */
  static void makePrivate(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  private static void delete(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException left) {
      // A part of a file in a cache does no harm.
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
