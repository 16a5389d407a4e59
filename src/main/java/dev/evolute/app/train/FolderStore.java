package dev.evolute.app.train;

import dev.evolute.app.engine.Store;
import dev.evolute.autodiff.io.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checkpoints in a folder of this machine. */
record FolderStore(Path folder) implements Store {
  @Override
  public String place() {
    return folder.toString();
  }

  @Override
  public String place(String name) {
    return folder.resolve(name).toString();
  }

  @Override
  public String option() {
    return "--out";
  }

  @Override
  public void save(String name, Checkpoint checkpoint) throws IOException {
    checkpoint.save(folder.resolve(name));
  }

  @Override
  public boolean has(String name) {
    return Files.exists(folder.resolve(name));
  }

  @Override
  public Checkpoint load(String name) throws IOException {
    return Checkpoint.load(folder.resolve(name));
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(folder.resolve(name));
  }
}
