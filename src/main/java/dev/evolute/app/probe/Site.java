package dev.evolute.app.probe;

import dev.evolute.app.engine.Engine;
import dev.evolute.app.engine.Session;
import dev.evolute.app.engine.Traffic;
import dev.evolute.app.report.Numbers;
import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.memory.Memory;
import dev.evolute.kernels.Device;
import java.util.Locale;
import java.util.function.Consumer;

/** Where the loss of a subject is computed: in this process, or in the executors of an engine. */
final class Site implements AutoCloseable {
  /** Theta, gradient, and what goes into a product and comes out. */
  private static final int VECTORS = 4;

  private final ProbeSettings settings;

  /** Null where it is this process. */
  private final Session session;

  private Site(ProbeSettings settings, Session session) {
    this.settings = settings;
    this.session = session;
  }

  /**
   * Gets hold of executors where they are asked for.
   *
   * @param say shows the user a line
   * @throws dev.evolute.app.UserException where there is no engine or it gives none
   */
  static Site of(ProbeSettings settings, Consumer<String> say) {
    if (settings.engine() == null) {
      return new Site(settings, null);
    }
    Site site = new Site(settings, Engine.find().open(settings.engine(), say));
    say.accept(site.session.description());
    return site;
  }

  /** What of it decides the bits of the results. */
  String key() {
    String device = session == null ? settings.device() : session.key() + ", vectors on cpu";
    return "on %s threads %d".formatted(device, settings.threads());
  }

  /** What the executors are, for a report; null where it is this process. */
  String engine() {
    return session == null ? null : session.description();
  }

  /** Opens the device of the solvers' vectors, and in this process of all else. */
  Device device() {
    return Device.open(session == null ? settings.device() : "cpu", settings.threads());
  }

  /**
   * Refuses what this machine cannot hold; executors say so themselves.
   *
   * @param vectorBytes of the solvers
   */
  void requireMemory(Subject subject, long vectorBytes) {
    long size = subject.model().network().size();
    long bytes =
        session == null
            ? subject.plan().bytesRecomputed(subject.dtype())
            : VECTORS * size * subject.dtype().bytes();
    Memory.require(
        "probe: " + size + " parameters",
        bytes + vectorBytes,
        "take a smaller network, fewer --samples, --parts ends or, with f64, --precision f32");
  }

  /** The loss with its data and at its parameters; the caller closes it. */
  Objective loss(Subject subject, Device device) {
    return session == null ? subject.on(device) : subject.on(session, device);
  }

  /** Bytes of a loss in this process. */
  long bytes(Objective loss) {
    return loss instanceof Chunks chunks
        ? chunks.bytes()
        : VECTORS * loss.size() * loss.dtype().bytes();
  }

  /** Tells what products move between processes, where they do. */
  void sayTraffic(Objective loss, int products, Consumer<String> say) {
    if (session == null) {
      return;
    }
    Traffic traffic = session.traffic(loss.size(), loss.dtype());
    if (traffic.executors() > 0) {
      say.accept(
          String.format(
              Locale.ROOT,
              "each product sends %s to each of %d executors and brings %s back: %s in all",
              Numbers.bytes(traffic.out()),
              traffic.executors(),
              Numbers.bytes(traffic.back()),
              Numbers.bytes(traffic.bytes(products))));
    }
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
    }
  }
}
