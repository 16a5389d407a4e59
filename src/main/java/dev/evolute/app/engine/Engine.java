package dev.evolute.app.engine;

import dev.evolute.app.UsageException;
import dev.evolute.app.data.Images;
import java.nio.file.Path;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/** Takes sums over data in other processes. A module that is one registers itself as a service. */
public interface Engine {
  /**
   * Gets hold of executors.
   *
   * @param say shows the user a line
   * @throws dev.evolute.app.UserException where nobody answers, or no executor comes
   */
  Session open(Request request, Consumer<String> say);

  /**
   * Opens images of a kind that the engine reads.
   *
   * @param name as it was typed, such as {@code parquet:PATH}
   * @return null where it is of none
   * @throws dev.evolute.app.UserException where they are not there, or not such
   */
  Images images(String name);

  /**
   * The engine that is there.
   *
   * @throws UsageException where there is none
   */
  static Engine find() {
    return ServiceLoader.load(Engine.class)
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "--engine: this installation has no engine; the source tree's ./evolute fetches"
                        + " Apache Spark when it is given, and a program of your own needs"
                        + " evolute-spark on its class path"));
  }

  /**
   * Opens images that the engine reads, or that the application does.
   *
   * @param engine whether there is to be one
   * @param dataDir folder to look in first, or null
   * @throws dev.evolute.app.UserException where there are none
   */
  static Images open(boolean engine, String name, Path dataDir) {
    Images ofEngine = engine && !Images.isOne(name) ? find().images(name) : null;
    return ofEngine == null ? Images.open(name, dataDir) : ofEngine;
  }
}
