package dev.evolute.app.cli;

import dev.evolute.app.UsageException;
import dev.evolute.app.engine.Request;
import dev.evolute.kernels.Precision;
import java.util.List;
import picocli.CommandLine.Option;

/** Where sums over data are taken, if not in this process. */
final class EngineOptions {
  private static final int USUAL_CORES = 1;
  private static final String USUAL_MEMORY = "2g";

  /** For a shell. */
  static final class Addresses extends Names {
    Addresses() {
      super(List.of("local[2]", "local-cluster[2]", "spark-submit", "spark://"));
    }
  }

  @Option(
      names = "--engine",
      paramLabel = "ADDRESS",
      completionCandidates = Addresses.class,
      description =
          "take all sums over data on Apache Spark:%n"
              + "  spark://HOST:PORT (a standalone master)%n"
              + "  spark-submit (what that was given)%n"
              + "  local-cluster[N] (N processes of this machine)%n"
              + "  local[N] (N tasks in this process)")
  private String address;

  @Option(
      names = "--executors",
      paramLabel = "N",
      description = "processes of the engine (default: as many as it gives)")
  private Integer executors;

  @Option(
      names = "--executor-cores",
      paramLabel = "N",
      description = "cores of each, the threads of a shard (default: " + USUAL_CORES + ")")
  private Integer cores;

  @Option(
      names = "--executor-memory",
      paramLabel = "SIZE",
      description =
          "Java heap of each; it may take as much again for values of the network (default: "
              + USUAL_MEMORY
              + ")")
  private String memory;

  @Option(
      names = "--shards",
      paramLabel = "N",
      description = "parts of the samples, which decide every bit (default: one an executor)")
  private Integer shards;

  /**
   * What is asked for.
   *
   * @param device where shards compute
   * @return null where everything is done in this process
   * @throws UsageException where options do not go together
   */
  Request request(String device) {
    if (address == null) {
      without("--executors", executors);
      without("--executor-cores", cores);
      without("--executor-memory", memory);
      without("--shards", shards);
      return null;
    }
    requireExact(device);
    return new Request(
        address,
        positive("--executors", executors, 0),
        positive("--executor-cores", cores, USUAL_CORES),
        memory == null ? USUAL_MEMORY : memory,
        device,
        positive("--shards", shards, 0));
  }

  /** Solvers allow for cheap products by what the device of their vectors knows of them. */
  private static void requireExact(String device) {
    String last = device.substring(device.lastIndexOf(':') + 1);
    for (Precision precision : Precision.values()) {
      if (precision != Precision.F32 && precision.name().equalsIgnoreCase(last)) {
        throw new UsageException(
            "--device %s: executors multiply with all bits; leave out :%s with --engine"
                .formatted(device, last));
      }
    }
  }

  private static void without(String option, Object value) {
    if (value != null) {
      throw new UsageException(
          "%s %s is for --engine; give its address, or leave %s out"
              .formatted(option, value, option));
    }
  }

  private static int positive(String option, Integer value, int usual) {
    if (value != null && value < 1) {
      throw new UsageException("%s: %d given, at least 1 is needed".formatted(option, value));
    }
    return value == null ? usual : value;
  }
}
