package dev.evolute.spark;

import dev.evolute.app.data.Samples;
import dev.evolute.app.model.NamedModel;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.optim.Sampler;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.CounterRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What shards draw and compute, in one process and in plain words. */
final class ByHand {
  private ByHand() {}

  /** The samples of a step, shard by shard. */
  static List<int[]> parts(int samples, int batch, int shards, long seed, long step) {
    List<int[]> parts = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      int from = samples * shard / shards;
      int own = samples * (shard + 1) / shards - from;
      int part = batch * (shard + 1) / shards - batch * shard / shards;
      Sampler sampler = new Sampler(own, part, false, seed(seed, shard));
      sampler.seek(step);
      int[] drawn = new int[part];
      int count = sampler.next(drawn);
      parts.add(Arrays.stream(drawn, 0, count).map(i -> from + i).toArray());
    }
    return parts;
  }

  static long seed(long seed, int shard) {
    return shard == 0 ? seed : CounterRandom.bits(seed, 0x7368617264L, shard);
  }

  static int[] union(List<int[]> parts) {
    return parts.stream().flatMapToInt(Arrays::stream).toArray();
  }

  /** A network over some samples in one pass, as it is trained. */
  static Program over(NamedModel model, Samples samples, int[] which, DType dtype, Device device) {
    Graph graph = new Graph();
    model.loss(which.length).record(graph, which.length);
    Program program = Program.compile(graph, device, dtype, Program.Purpose.TRAINING);
    double[] x = new double[which.length * samples.inputs()];
    double[] y = new double[which.length * samples.targets()];
    for (int i = 0; i < which.length; i++) {
      samples.write(which[i], x, i * samples.inputs(), y, i * samples.targets());
    }
    for (Value data : graph.data()) {
      if (data.name().equals("x")) {
        program.set(data, x);
      } else if (data.name().equals("y")) {
        program.set(data, y);
      }
    }
    return program;
  }
}
