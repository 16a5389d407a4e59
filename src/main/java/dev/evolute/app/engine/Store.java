package dev.evolute.app.engine;

import dev.evolute.autodiff.io.Checkpoint;
import java.io.IOException;

/** A folder of checkpoints that outlives the process. */
public interface Store {
  /** Where it is, for messages. */
  String place();

  /** Where a checkpoint is, for messages. */
  String place(String name);

  /** The option that names it. */
  String option();

  /** Writes a checkpoint, in the place of one that was there: a reader finds either, and whole. */
  void save(String name, Checkpoint checkpoint) throws IOException;

  /** Whether there is one. */
  boolean has(String name) throws IOException;

  /**
   * Reads one.
   *
   * @throws IOException if it cannot be read, is truncated, damaged, or no checkpoint
   */
  Checkpoint load(String name) throws IOException;

  /** Removes one, if it is there. */
  void delete(String name) throws IOException;
}
