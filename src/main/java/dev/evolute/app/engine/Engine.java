package dev.evolute.app.engine;

import dev.evolute.app.UsageException;
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
   * The same by the engine that is there.
   *
   * @throws UsageException where there is none
   */
  static Session start(Request request, Consumer<String> say) {
    return ServiceLoader.load(Engine.class)
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "--engine: this installation has no engine; the source tree's ./evolute fetches"
                        + " Apache Spark when it is given, and a program of your own needs"
                        + " evolute-spark on its class path"))
        .open(request, say);
  }
}
