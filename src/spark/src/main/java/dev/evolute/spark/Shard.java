package dev.evolute.spark;

import dev.evolute.autodiff.graph.Block;
import dev.evolute.autodiff.graph.ChunkPlan;
import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.Curvature;
import dev.evolute.autodiff.graph.OutputPasses;
import dev.evolute.autodiff.graph.Products;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The loss of a shard's samples, compiled for a device of its own. */
final class Shard implements Shards.Living {
  private static final long NOWHERE = -1;

  private final int number;
  private final Device device;
  private final Chunks loss;
  private final Map<List<Block>, Products> restricted = new HashMap<>();

  /** Null until they are asked for. */
  private OutputPasses outputs;

  /** Number of the point that is kept. */
  private long point = NOWHERE;

  Shard(Pass.Run run, int number) {
    this.number = number;
    Recipe recipe = run.recipe().value();
    Sharding sharding = run.sharding();
    int from = sharding.from(number, recipe.samples());
    int to = sharding.from(number + 1, recipe.samples());
    device = Device.open(sharding.device(), sharding.threads());
    try {
      ChunkPlan plan = ChunkPlan.of(to - from, recipe.rows(), recipe.loss());
      loss = plan.compile(device, sharding.dtype(), sharding.budget());
      try {
        recipe.load(from, to, loss);
      } catch (RuntimeException e) {
        loss.close();
        throw e;
      }
    } catch (RuntimeException e) {
      device.close();
      throw e;
    }
  }

  /** Where it stands now. */
  synchronized Place place() {
    return Place.of(loss);
  }

  /** Its share of a pass. One that was given up may still run while the next one comes. */
  synchronized Partial run(Pass pass) {
    return switch (pass.kind()) {
      case VALUE -> {
        goTo(pass);
        yield new Partial(number, loss.value());
      }
      case GRADIENT -> {
        goTo(pass);
        loss.gradientPass();
        yield gradient();
      }
      case KEEP -> {
        keep(pass);
        yield gradient();
      }
      case PRODUCTS -> {
        requirePoint(pass);
        yield new Partial(number, loss.loss(), products(pass));
      }
      case SPLIT -> {
        requirePoint(pass);
        yield new Partial(number, loss.loss(), split(pass));
      }
      case JVP -> {
        requirePoint(pass);
        yield new Partial(number, loss.loss(), jvp(pass));
      }
      case VJP -> {
        requirePoint(pass);
        yield new Partial(number, loss.loss(), vjp(pass));
      }
    };
  }

  private void goTo(Pass pass) {
    point = NOWHERE;
    pass.place().value().to(loss);
  }

  private void keep(Pass pass) {
    goTo(pass);
    loss.keep();
    point = pass.point();
  }

  /** A shard that is here for the first time has not seen the point yet. */
  private void requirePoint(Pass pass) {
    if (point != pass.point()) {
      keep(pass);
    }
  }

  private Partial gradient() {
    return new Partial(number, loss.loss(), Packet.of(loss.gradient()));
  }

  private Packet[] products(Pass pass) {
    Packet[] v = pass.vectors().of(number);
    if (pass.rows() != null) {
      Block columns = Pass.block(pass.columns());
      Block rows = Pass.block(pass.rows());
      v[0].to(loss.tangent(), columns);
      pass.which().run(between(rows, columns));
      return new Packet[] {Packet.of(loss.product(), rows)};
    }
    if (v.length == 1) {
      v[0].to(loss.tangent());
      pass.which().run(loss);
      return new Packet[] {Packet.of(loss.product())};
    }
    return together(pass.which(), v);
  }

  /** What a chunk computes anew serves all vectors. */
  private Packet[] together(Curvature which, Packet[] v) {
    DType dtype = loss.dtype();
    long size = loss.size();
    Packet[] products = new Packet[v.length];
    try (Buffer x = device.allocate(dtype, v.length * size);
        Buffer y = device.allocate(dtype, v.length * size)) {
      for (int j = 0; j < v.length; j++) {
        v[j].to(x.view(j * size, size));
      }
      int columns = Math.toIntExact(size);
      loss.passes(which, Matrix.of(x, v.length, columns), Matrix.of(y, v.length, columns));
      for (int j = 0; j < v.length; j++) {
        products[j] = Packet.of(y.view(j * size, size));
      }
    }
    return products;
  }

  private Products between(Block rows, Block columns) {
    return restricted.computeIfAbsent(
        List.of(rows, columns), blocks -> loss.restrict(rows, columns));
  }

  private Packet[] split(Pass pass) {
    pass.vectors().of(number)[0].to(loss.tangent());
    try (Buffer gaussNewton = device.allocate(loss.dtype(), loss.size());
        Buffer residual = device.allocate(loss.dtype(), loss.size())) {
      loss.splitPass(gaussNewton, residual);
      return new Packet[] {Packet.of(gaussNewton), Packet.of(residual)};
    }
  }

  private Packet jvp(Pass pass) {
    pass.vectors().of(number)[0].to(loss.tangent());
    try (Buffer outputs = device.allocate(loss.dtype(), outputs().size())) {
      outputs().jvpPass(outputs);
      return Packet.of(outputs);
    }
  }

  private Packet vjp(Pass pass) {
    try (Buffer outputs = device.allocate(loss.dtype(), outputs().size())) {
      pass.vectors().of(number)[0].to(outputs);
      outputs().vjpPass(outputs);
      return Packet.of(loss.product());
    }
  }

  private OutputPasses outputs() {
    if (outputs == null) {
      outputs = loss.outputPasses();
    }
    return outputs;
  }

  @Override
  public synchronized void close() {
    loss.close();
    device.close();
  }
}
