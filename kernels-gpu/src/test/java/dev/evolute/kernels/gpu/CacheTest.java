package dev.evolute.kernels.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheTest {
  @TempDir Path folder;

  @Test
  void whatIsStoredComesBackAndNothingElseIsLeft() throws Exception {
    Cache cache = new Cache(folder.resolve("kernels"));
    String key = Cache.key(List.of("source"));
    assertTrue(cache.load(key).isEmpty());
    cache.store(key, new byte[] {1, 2, 3});
    cache.store(key, new byte[] {4, 5});
    assertArrayEquals(new byte[] {4, 5}, cache.load(key).orElseThrow());
    try (Stream<Path> files = Files.list(cache.folder())) {
      assertEquals(List.of(key), files.map(file -> file.getFileName().toString()).toList());
    }
  }

  @Test
  void aDamagedFileCountsAsNone() throws Exception {
    Cache cache = new Cache(folder);
    String key = Cache.key(List.of("source"));
    cache.store(key, new byte[100]);
    byte[] file = Files.readAllBytes(folder.resolve(key));
    file[70]++;
    Files.write(folder.resolve(key), file);
    assertTrue(cache.load(key).isEmpty());
    Files.write(folder.resolve(key), new byte[5]);
    assertTrue(cache.load(key).isEmpty());
  }

  @Test
  void aFolderThatCannotBeMadeOnlyCostsTime() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    Cache cache = new Cache(file.resolve("kernels"));
    cache.store("0123456789", new byte[1]);
    assertTrue(cache.load("0123456789").isEmpty());
  }

  @Test
  void bordersBetweenTextsCount() {
    assertNotEquals(Cache.key(List.of("ab", "c")), Cache.key(List.of("a", "bc")));
  }
}
