package dev.evolute.app.train;

import dev.evolute.app.UserException;
import dev.evolute.app.data.Samples;
import dev.evolute.app.model.NamedModel;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.ChunkPlan;
import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.io.Tensor;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.Tracker;
import java.util.ArrayList;
import java.util.List;

/**
 * The largest eigenvalue of the Hessian of the mean loss over the first training samples, followed
 * from probe to probe. The network is the evaluated one, without drop path and with the running
 * statistics of batch norms, so that samples do not depend on each other.
 */
final class Sharpness implements AutoCloseable {
  private final Chunks loss;
  private final Tracker tracker;

  /** Probes made, and products they took. */
  long probes;

  long products;

  /**
   * Compiles the loss.
   *
   * @param rows samples of one pass
   */
  Sharpness(
      NamedModel model,
      Samples samples,
      Tracking tracking,
      int rows,
      Device device,
      DType dtype,
      long seed) {
    int count = tracking.samples();
    loss = ChunkPlan.of(count, rows, model.evaluation().loss(count)).compile(device, dtype);
    tracker = new Tracker(tracking.options(seed));
    NamedModel.load(samples, count, loss);
  }

  /**
   * The eigenvalue at an objective's theta and state, and how far it may lie above what was found.
   */
  Tracker.Followed at(Objective objective) {
    loss.kernels().copy(objective.theta(), loss.theta());
    loss.state().forEach((name, state) -> state.set(objective.state().get(name).toArray()));
    try {
      Tracker.Point point = tracker.next(Point.of(loss).hessian());
      probes++;
      products += point.products();
      return point.max();
    } catch (ArithmeticException e) {
      throw new UserException("the sharpness cannot be probed: " + e.getMessage(), e);
    }
  }

  /** What the next probe goes on from: numbers first, then vectors {@code [P]}. */
  List<Tensor> state() {
    Tracker.State state = tracker.state();
    List<Tensor> all = new ArrayList<>();
    all.add(Tensor.of(DType.F64, state.numbers(), state.numbers().length));
    for (Buffer v : state.vectors()) {
      all.add(Tensor.of(v.dtype(), v.toArray(), (int) v.length()));
    }
    return all;
  }

  /** Has the next probe go on from a {@link #state}. */
  void resume(List<Tensor> state) {
    List<Buffer> vectors = new ArrayList<>();
    try {
      for (Tensor tensor : state.subList(1, state.size())) {
        Buffer v = loss.device().allocate(loss.dtype(), loss.theta().length());
        vectors.add(v);
        v.set(tensor.values());
      }
      tracker.resume(new Tracker.State(state.getFirst().values(), vectors));
    } finally {
      vectors.forEach(Buffer::close);
    }
  }

  @Override
  public void close() {
    tracker.close();
    loss.close();
  }
}
