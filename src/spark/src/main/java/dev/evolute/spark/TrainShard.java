package dev.evolute.spark;

import dev.evolute.app.engine.BatchLoss;
import dev.evolute.app.engine.TrainingTask;
import dev.evolute.app.train.LocalBatches;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.ArrayList;
import java.util.List;

/** A shard's samples and its part of every batch, on a device of its own. */
final class TrainShard implements Shards.Living {
  private final TrainRun run;
  private final int number;
  private final int held;
  private final Device device;
  private final LocalBatches batches;

  TrainShard(TrainRun run, int number) {
    this.run = run;
    this.number = number;
    TrainingTask task = run.task(number);
    held = task.held().count();
    device = Device.open(run.sharding().device(), run.sharding().threads());
    try {
      batches = new LocalBatches(task, device);
    } catch (RuntimeException e) {
      device.close();
      throw e;
    }
  }

  /** Its share of a pass. One that was given up may still run while the next one comes. */
  synchronized Partial run(TrainPass pass) {
    pass.place().to(batches.objective());
    return pass.step() == TrainPass.EVALUATION ? evaluate() : gradient(pass.step());
  }

  /**
   * Weighed by its share of the step's samples: the loss, the gradient, and the running statistics
   * that its part moved, in the order of {@link Place}.
   */
  private Partial gradient(long step) {
    double loss = batches.gradient(step);
    double share = (double) batches.count(step) / run.count(step);
    List<Packet> vectors = new ArrayList<>();
    vectors.add(weighed(share, batches.gradient()));
    batches.objective().state().values().forEach(state -> vectors.add(weighed(share, state)));
    return new Partial(number, share * loss, vectors.toArray(Packet[]::new));
  }

  private Packet weighed(double share, Buffer v) {
    try (Buffer part = device.allocate(v.dtype(), v.length())) {
      device.kernels(v.dtype()).axpby(share, v, 0, part);
      return Packet.of(part);
    }
  }

  /** Weighed by its share of the samples: the loss; and how many are right. */
  private Partial evaluate() {
    BatchLoss.Evaluation here = held == 0 ? new BatchLoss.Evaluation(0, 0, 0) : batches.evaluate();
    try (Buffer right = device.allocate(DType.F64, 1)) {
      right.set(new double[] {here.right()});
      double share = (double) held / run.heldSamples();
      return new Partial(number, share * here.loss(), Packet.of(right));
    }
  }

  @Override
  public synchronized void close() {
    batches.close();
    device.close();
  }
}
