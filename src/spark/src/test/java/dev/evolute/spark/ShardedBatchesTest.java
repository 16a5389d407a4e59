package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.UserException;
import dev.evolute.app.data.Images;
import dev.evolute.app.data.Samples;
import dev.evolute.app.engine.BatchLoss;
import dev.evolute.app.engine.TrainingTask;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.train.LocalBatches;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps of shards beside steps of one process. */
class ShardedBatchesTest {
  private static final long SEED = 7;
  private static final int BATCH = 26;

  private static Device device;

  @BeforeAll
  static void open() {
    device = Device.open("cpu", 1);
  }

  @AfterAll
  static void close() {
    device.close();
  }

  private static Samples digits(int from, int to) {
    return Images.open("mnist-1k", null).only(IntStream.range(from, to).toArray());
  }

  /** As many as take two bytes each. */
  private static final int VOCABULARY = 300;

  private record Sentences(int count, int inputs) implements Samples {
    @Override
    public int targets() {
      return inputs;
    }

    @Override
    public void write(int sample, double[] x, int xAt, double[] y, int yAt) {
      for (int i = 0; i < inputs; i++) {
        x[xAt + i] = (7 * sample + i * i) % VOCABULARY;
        y[yAt + i] = (7 * sample + (i + 1) * (i + 1)) % VOCABULARY;
      }
    }
  }

  private static NamedModel model(String name) {
    return NamedModel.isSequential(name)
        ? NamedModel.ofText(name, VOCABULARY)
        : NamedModel.onImages(name).fit("mnist-1k", 784, 10);
  }

  /** Epochs of three steps, the last of which is short. */
  private static TrainingTask task(String model, int samples, int held, DType dtype) {
    NamedModel network = model(model);
    boolean text = network.sequential();
    return new TrainingTask(
        network,
        "mnist-1k",
        text ? new Sentences(samples, network.inputs()) : digits(0, samples),
        text ? new Sentences(held, network.inputs()) : digits(900, 900 + held),
        BATCH,
        BATCH,
        dtype,
        SEED);
  }

  private static ShardedBatches sharded(TrainingTask task, int shards) {
    Sharding sharding = new Sharding(shards, task.dtype(), "cpu", 1, 1L << 30);
    return ShardedBatches.of(Local.spark(), task, sharding, device);
  }

  private static void start(BatchLoss batches, NamedModel model) {
    model.start().fill(batches.objective(), 3);
  }

  private static Map<String, List<Double>> state(Objective objective) {
    Map<String, List<Double>> all = new TreeMap<>();
    objective
        .state()
        .forEach((name, v) -> all.put(name, Arrays.stream(v.toArray()).boxed().toList()));
    return all;
  }

  /** One shard is one process to the bit: masks, statistics, short batches, held-out samples. */
  @ParameterizedTest
  @ValueSource(strings = {"mlp:784-12-10:tanh", "resnet:1:2", "vit:2-2-8-14", "decoder:1-2-8-16"})
  void oneShardIsOneProcess(String name) {
    TrainingTask task = task(name, 65, 9, DType.F32);
    try (BatchLoss here = new LocalBatches(task, device);
        BatchLoss there = sharded(task, 1)) {
      start(here, task.model());
      start(there, task.model());
      for (long step : new long[] {0, 1, 2, 3, 11}) {
        assertEquals(here.count(step), there.count(step));
        assertEquals(here.gradient(step), there.gradient(step));
        assertArrayEquals(here.gradient().toArray(), there.gradient().toArray());
        assertEquals(state(here.objective()), state(there.objective()));
      }
      assertEquals(here.evaluate(), there.evaluate());
    }
  }

  private static Program over(TrainingTask task, int[] which) {
    return ByHand.over(task.model(), task.train(), which, task.dtype(), device);
  }

  private static void assertClose(double[] expected, double[] actual, double close) {
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    assertArrayEquals(expected, actual, close * largest);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void stepsAreThoseOfOneProcessOverTheUnionOfTheParts(DType dtype) {
    double close = dtype == DType.F64 ? 1e-12 : 1e-6;
    TrainingTask task = task("mlp:784-12-10:tanh", 65, 0, dtype);
    int shards = 3;
    try (BatchLoss there = sharded(task, shards)) {
      start(there, task.model());
      for (long step : new long[] {0, 2, 5}) {
        int[] union = ByHand.union(ByHand.parts(65, BATCH, shards, SEED, step));
        assertEquals(union.length, there.count(step));
        assertEquals(union.length, Arrays.stream(union).distinct().count());
        try (Program here = over(task, union)) {
          task.model().start().fill(here, 3);
          here.gradientPass();
          assertEquals(here.loss(), there.gradient(step), close * here.loss());
          assertClose(here.gradient().toArray(), there.gradient().toArray(), close);
        }
      }
    }
  }

  /** Statistics of batches are those of a part, and masks are drawn by the shard. */
  @ParameterizedTest
  @ValueSource(strings = {"resnet:1:2", "vit:3-2-8-14"})
  void stepsAreTheMeanOfThePartsByTheirSamples(String name) {
    TrainingTask task = task(name, 65, 0, DType.F64);
    int shards = 3;
    long step = 5;
    try (BatchLoss there = sharded(task, shards)) {
      start(there, task.model());
      double expected = 0;
      double[] gradient = new double[(int) there.objective().size()];
      Map<String, double[]> state = new TreeMap<>();
      List<int[]> parts = ByHand.parts(65, BATCH, shards, SEED, step);
      double count = parts.stream().mapToInt(part -> part.length).sum();
      for (int shard = 0; shard < shards; shard++) {
        int[] part = parts.get(shard);
        double share = part.length / count;
        try (Program here = over(task, part)) {
          task.model().start().fill(here, 3);
          // Of one pass a step, in a shard as well.
          task.model().network().draw(here, ByHand.seed(SEED, shard), step);
          here.gradientPass();
          here.advance();
          expected += share * here.loss();
          add(gradient, share, here.gradient());
          here.state()
              .forEach(
                  (key, v) ->
                      add(state.computeIfAbsent(key, k -> new double[(int) v.length()]), share, v));
        }
      }
      assertEquals(expected, there.gradient(step), 1e-12 * expected);
      assertClose(gradient, there.gradient().toArray(), 1e-12);
      assertEquals(state.keySet(), there.objective().state().keySet());
      state.forEach(
          (key, v) -> assertClose(v, there.objective().state().get(key).toArray(), 1e-12));
    }
  }

  private static void add(double[] sum, double share, Buffer v) {
    double[] values = v.toArray();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += share * values[i];
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 50})
  void heldOutSamplesAreEvaluatedByTheShards(int held) {
    TrainingTask task = task("mlp:784-12-10:tanh", 65, held, DType.F64);
    try (BatchLoss here = new LocalBatches(task, device);
        BatchLoss there = sharded(task, 3)) {
      start(here, task.model());
      start(there, task.model());
      BatchLoss.Evaluation expected = here.evaluate();
      BatchLoss.Evaluation evaluation = there.evaluate();
      assertEquals(expected.loss(), evaluation.loss(), 1e-12 * expected.loss());
      assertEquals(expected.right(), evaluation.right());
      assertEquals(held, evaluation.samples());
    }
  }

  /** A shard that has been elsewhere in between gives the same bits. */
  @Test
  void aShardThatIsMadeAnewKnowsAllItNeeds() {
    TrainingTask task = task("vit:2-2-8-14", 65, 0, DType.F32);
    try (BatchLoss first = sharded(task, 2);
        ShardedBatches second = sharded(task, 2)) {
      start(first, task.model());
      start(second, task.model());
      for (long step = 0; step < 4; step++) {
        first.gradient(step);
      }
      second.gradient(3);
      assertArrayEquals(first.gradient().toArray(), second.gradient().toArray());
      assertFalse(first.gradient(2) == first.gradient(3));
    }
  }

  @Test
  void moreShardsThanSamplesOfABatchAreRefused() {
    TrainingTask task = task("mlp:784-12-10:tanh", 65, 0, DType.F32);
    assertEquals(
        "--shards: each of 27 is to have a part of every batch of 26 samples; give at most 26, or a"
            + " larger --batch",
        assertThrows(UserException.class, () -> sharded(task, 27)).getMessage());
  }

  @Test
  void shardsAreClosedWithTheirTraining() {
    int before = Shards.all();
    try (BatchLoss batches = sharded(task("mlp:784-12-10:tanh", 65, 0, DType.F32), 3)) {
      assertEquals(before + 3, Shards.all());
      assertTrue(batches.count(0) > 0);
    }
    assertEquals(before, Shards.all());
  }
}
