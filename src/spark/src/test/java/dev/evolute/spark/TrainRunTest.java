package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.autodiff.optim.Sampler;
import dev.evolute.kernels.DType;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Who draws how many. */
class TrainRunTest {
  private static TrainRun run(int samples, int batch, int shards) {
    Sharding sharding = new Sharding(shards, DType.F32, "cpu", 1, 1);
    return new TrainRun(
        "mnist-mlp", "", 784, 10, 10, samples, 0, batch, batch, 5, sharding, null, null);
  }

  @Test
  void countsAreThoseThatSamplersDraw() {
    Random random = new Random(2);
    for (int trial = 0; trial < 100; trial++) {
      int shards = 1 + random.nextInt(7);
      int batch = shards + random.nextInt(20);
      int samples = batch + random.nextInt(60);
      TrainRun run = run(samples, batch, shards);
      Sampler[] samplers = new Sampler[shards];
      int all = 0;
      int whole = 0;
      for (int shard = 0; shard < shards; shard++) {
        all += run.samples(shard);
        whole += run.part(shard);
        assertTrue(run.part(shard) >= 1 && Math.abs(run.part(shard) - batch / shards) <= 1);
        samplers[shard] = new Sampler(run.samples(shard), run.part(shard), false, 1);
      }
      assertEquals(samples, all);
      assertTrue(whole <= batch && whole >= Math.min(batch, samples - shards), "all of " + batch);
      for (long step = 0; step < 50; step++) {
        int sum = 0;
        for (int shard = 0; shard < shards; shard++) {
          int drawn = samplers[shard].next(new int[batch]);
          assertEquals(drawn, run.count(shard, step));
          sum += drawn;
        }
        assertEquals(sum, run.count(step));
      }
    }
  }

  @Test
  void shardsDrawApart() {
    TrainRun run = run(100, 10, 3);
    assertEquals(5, run.seed(0), "one shard draws what one process does");
    assertTrue(run.seed(1) != run.seed(2) && run.seed(1) != run.seed(0));
  }
}
