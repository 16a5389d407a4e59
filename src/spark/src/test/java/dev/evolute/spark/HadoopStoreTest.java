package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.UserException;
import dev.evolute.app.engine.Store;
import dev.evolute.app.study.Progress;
import dev.evolute.app.train.TrainSettings;
import dev.evolute.app.train.Training;
import dev.evolute.autodiff.io.Checkpoint;
import dev.evolute.autodiff.io.Tensor;
import dev.evolute.kernels.DType;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints in the file systems of Hadoop: whole or not at all, whatever breaks. */
class HadoopStoreTest {
  private static final String NAME = "checkpoint.safetensors";

  @TempDir Path folder;

  /**
   * Without checksums beside files, and with the rename of object stores: the old file goes first.
   */
  public static final class Objects extends DelegateToFileSystem {
    /** Whether whoever renames dies when the old file has gone. */
    static boolean dies;

    private static final class Files extends RawLocalFileSystem {
      @Override
      public URI getUri() {
        return URI.create("objects:///");
      }

      @Override
      public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
          throws IOException {
        if (dies) {
          throw new IOException("the process has ended");
        }
        return super.rename(from, to);
      }
    }

    public Objects(URI uri, Configuration configuration) throws IOException, URISyntaxException {
      super(uri, new Files(), configuration, "objects", false);
    }
  }

  private static Configuration configuration() {
    Configuration configuration = new Configuration();
    configuration.set("fs.AbstractFileSystem.objects.impl", Objects.class.getName());
    return configuration;
  }

  private Store store(String scheme) {
    return HadoopStore.open(scheme + ":" + folder.resolve("runs/1"), configuration());
  }

  private static Checkpoint checkpoint(int step) {
    double[] values = new double[50_000];
    Arrays.setAll(values, i -> Math.sin(i + step));
    return new Checkpoint(
        Map.of("step", "" + step),
        Map.of("theta", new Tensor(DType.F64, List.of(values.length), values)));
  }

  private static void assertHolds(int step, Store store) throws IOException {
    assertTrue(store.has(NAME));
    Checkpoint there = store.load(NAME);
    assertEquals(checkpoint(step).texts(), there.texts());
    assertArrayEquals(
        checkpoint(step).tensors().get("theta").values(), there.tensors().get("theta").values());
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "objects"})
  void aCheckpointReplacesTheOneBefore(String scheme) throws IOException {
    Store store = store(scheme);
    assertFalse(store.has(NAME));
    store.save(NAME, checkpoint(1));
    assertHolds(1, store);
    store.save(NAME, checkpoint(2));
    assertHolds(2, store(scheme));
    // The same file as folders have.
    assertEquals(
        checkpoint(2).texts(), Checkpoint.load(folder.resolve("runs/1").resolve(NAME)).texts());
    store.delete(NAME);
    assertFalse(store.has(NAME));
    store.delete(NAME);
  }

  @Test
  void whoeverDiesWhileRenamingLeavesTheNewOne() throws IOException {
    Store store = store("objects");
    store.save(NAME, checkpoint(1));
    Objects.dies = true;
    try {
      assertThrows(IOException.class, () -> store.save(NAME, checkpoint(2)));
      assertFalse(Files.exists(folder.resolve("runs/1").resolve(NAME)), "the old one has gone");
    } finally {
      Objects.dies = false;
    }
    assertHolds(2, store("objects"));
    store.save(NAME, checkpoint(3));
    assertHolds(3, store);
    store.delete(NAME);
    assertFalse(store.has(NAME));
  }

  @Test
  void aFirstCheckpointThatIsNotWholeIsNone() throws IOException {
    Store store = store("objects");
    store.save(NAME, checkpoint(1));
    Path file = folder.resolve("runs/1").resolve(NAME);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file.resolveSibling(NAME + ".new"), Arrays.copyOf(whole, whole.length / 2));
    assertHolds(1, store);
    Files.delete(file);
    assertFalse(store.has(NAME));
  }

  @Test
  void damageIsTold() throws IOException {
    Store store = store("objects");
    store.save(NAME, checkpoint(1));
    Path file = folder.resolve("runs/1").resolve(NAME);
    byte[] whole = Files.readAllBytes(file);
    whole[whole.length - 9] ^= 4;
    Files.write(file, whole);
    String place = "objects:" + file;
    assertEquals(
        place + ": the checkpoint is damaged, its checksum does not fit; restore a copy of it",
        assertThrows(IOException.class, () -> store.load(NAME)).getMessage());
    Files.write(file, Arrays.copyOf(whole, 1000));
    assertTrue(
        assertThrows(IOException.class, () -> store.load(NAME)).getMessage().contains("truncated"));
  }

  private static String refused(String place) {
    String sentence =
        assertThrows(UserException.class, () -> HadoopStore.open(place, configuration()))
            .getMessage();
    assertEquals(1, sentence.lines().count(), sentence);
    return sentence;
  }

  @Test
  void placesThatAreNoneAreRefusedBeforeTheWork() throws IOException {
    assertTrue(
        refused("gopher://host/runs").startsWith("--checkpoints: no file system here is that of"));
    assertTrue(refused("s3a://bucket/runs").contains("put its jars on Spark's class path"));
    Path file = Files.writeString(folder.resolve("file"), "");
    assertTrue(
        refused("file:" + file + "/below")
            .startsWith("--checkpoints: files cannot be written to file:" + file + "/below ("));
    assertTrue(refused("hdfs://").startsWith("--checkpoints: files cannot be written to hdfs://"));
  }

  /** A run that was stopped goes on from there, and nothing of it is in its output folder. */
  @Test
  void runsGoOnFromThere() throws IOException {
    Store store = store("objects");
    Path whole = Files.createDirectories(folder.resolve("whole"));
    Path out = Files.createDirectories(folder.resolve("out"));
    Path again = Files.createDirectories(folder.resolve("again"));
    Training.run(settings(whole, false), null, null, Progress.silent());
    Training.run(settings(out, false), null, store, Runs.watched(() -> {}, 5));
    assertTrue(store.has(NAME));
    assertFalse(Files.exists(out.resolve(NAME)));
    assertEquals(
        store.place()
            + " holds an unfinished run; go on with --resume, start over with --fresh, or choose"
            + " another folder with --checkpoints",
        assertThrows(
                UserException.class,
                () -> Training.run(settings(again, false), null, store, Progress.silent()))
            .getMessage());
    Training.run(settings(again, true), null, store, Progress.silent());
    assertEquals(Runs.series(whole), Runs.series(again));
    assertArrayEquals(Runs.parameters(whole), Runs.parameters(again));
    assertFalse(store.has(NAME));
  }

  private static TrainSettings settings(Path out, boolean resume) {
    return Runs.settings("mlp:784-12-10:tanh", 9, 0.1, DType.F32, out, resume);
  }
}
