package dev.evolute.spark;

import dev.evolute.app.UserException;
import dev.evolute.autodiff.graph.Block;
import dev.evolute.autodiff.graph.Curvature;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.graph.OutputPasses;
import dev.evolute.autodiff.graph.Products;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import dev.evolute.spark.Pass.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * The loss of many samples as a sum over shards, which live in the executors of a Spark
 * application. Each pass is one job: parameters or vectors go out by broadcast, every shard adds up
 * its chunks on its own device, and the sums come back and are added in an order that only the
 * number of shards decides ({@link Partial}). For one {@link Sharding}, one kind of processor and
 * one build results are therefore the same to the bit, on any number of executors, and where
 * executors are lost in the middle: Spark runs their tasks again, and their shards are made anew.
 *
 * <p>Solvers work where the driver is, on vectors {@code [P]} of its own device.
 */
public final class SparkObjective implements Objective {
  /** Sums that one process adds: beyond so many shards, executors add groups of them first. */
  static final int FAN = 16;

  /** Bytes of vectors that go with the pass; Spark itself calls more than this a large task. */
  static final long MOST_INSIDE = 900_000;

  private final JavaSparkContext spark;
  private final Executors executors;
  private final Placement placement;
  private final Pass.Run run;
  private final int fan;
  private final Graph graph;
  private final int samples;
  private final Device device;
  private final Kernels kernels;
  private final List<Buffer> owned = new ArrayList<>();
  private final Buffer theta;
  private final Buffer gradient;
  private final Buffer tangent;
  private final Buffer product;
  private final Map<String, Buffer> state = new LinkedHashMap<>();

  private double loss;
  private long moves;

  /** Where products are made; null where no point is kept. */
  private Broadcast<Place> place;

  private SparkObjective(
      JavaSparkContext spark, Recipe recipe, Sharding sharding, Device device, int fan) {
    this.spark = spark;
    this.device = device;
    this.fan = fan;
    kernels = device.kernels(sharding.dtype());
    run = new Pass.Run(UUID.randomUUID().toString(), sharding, spark.broadcast(recipe));
    graph = new Graph();
    recipe.loss().record(graph, 1);
    samples = recipe.samples();
    theta = own(sharding.dtype());
    gradient = own(sharding.dtype());
    tangent = own(sharding.dtype());
    product = own(sharding.dtype());
    executors = new Executors(spark.sc());
    placement = new Placement(spark, executors, run.id(), sharding.shards());
  }

  private Buffer own(DType dtype) {
    Buffer buffer = device.allocate(dtype, graph.size());
    owned.add(buffer);
    return buffer;
  }

  /**
   * Makes all shards, in the executors.
   *
   * @param device of the driver's vectors
   * @throws UserException where the cluster cannot, or a shard would not fit into its executor
   * @throws IllegalArgumentException where the loss cannot be cut so
   */
  public static SparkObjective of(
      JavaSparkContext spark, Recipe recipe, Sharding sharding, Device device) {
    return of(spark, recipe, sharding, device, FAN);
  }

  /**
   * The same.
   *
   * @param fan a power of two
   */
  static SparkObjective of(
      JavaSparkContext spark, Recipe recipe, Sharding sharding, Device device, int fan) {
    if (sharding.shards() > recipe.samples()) {
      throw new IllegalArgumentException(
          "sharding: %d shards of %d samples; give each at least one"
              .formatted(sharding.shards(), recipe.samples()));
    }
    boolean inDriver = spark.sc().isLocal();
    Needs.of(recipe, sharding)
        .require(
            sharding.budget(),
            inDriver ? 0 : spark.getConf().getSizeAsBytes("spark.executor.memory", "1g"));
    SparkObjective objective = new SparkObjective(spark, recipe, sharding, device, fan);
    try {
      objective.make();
      return objective;
    } catch (RuntimeException e) {
      objective.close();
      throw e;
    }
  }

  private void make() {
    Map<String, double[]> first = make(placement.shards(), run).getFirst().state();
    first.forEach(
        (name, values) -> {
          Buffer buffer = device.allocate(DType.F64, values.length);
          buffer.set(values);
          state.put(name, buffer);
        });
  }

  private static List<Place> make(JavaRDD<Integer> shards, Pass.Run run) {
    return Failures.told(() -> Job.run(shards, shard -> Shards.of(run, shard).place()));
  }

  // Jobs

  private Partial run(Pass pass) {
    int shards = run.sharding().shards();
    return Failures.told(
        () ->
            Partial.whole(
                partials(
                    placement.shards(),
                    shard -> Shards.of(pass.run(), shard).run(pass),
                    shards,
                    fan),
                shards));
  }

  /** What comes back to the driver; beyond the fan, sums of aligned groups of shards. */
  static List<Partial> partials(
      JavaRDD<Integer> shards, Job.Work<Integer, Partial> work, int count, int fan) {
    return count <= fan
        ? Job.run(shards, work)
        : Job.run(groups(shards, work, count, fan), sum -> sum);
  }

  private static JavaRDD<Partial> groups(
      JavaRDD<Integer> shards, Job.Work<Integer, Partial> work, int count, int fan) {
    JavaRDD<Partial> partials = shards.map(work::of);
    int groups = count;
    for (int span = fan; groups > fan; span *= fan) {
      int width = span;
      groups = Math.ceilDiv(groups, fan);
      partials =
          partials
              .mapToPair(partial -> new Tuple2<>(partial.first / width, partial))
              .groupByKey(groups)
              .map(group -> sum(group._2()));
    }
    return partials;
  }

  private static Partial sum(Iterable<Partial> group) {
    List<Partial> partials = new ArrayList<>();
    group.forEach(partials::add);
    return Partial.sum(partials);
  }

  /** A pass at theta as it is now. */
  private Partial move(Kind kind) {
    leave();
    moves++;
    Broadcast<Place> here = spark.broadcast(Place.of(this));
    try {
      Partial sum = run(Pass.at(run, kind, moves, here));
      loss = sum.loss();
      if (kind == Kind.KEEP) {
        place = here;
      }
      return sum;
    } finally {
      if (place != here) {
        destroy(here);
      }
    }
  }

  private void leave() {
    if (place != null) {
      destroy(place);
      place = null;
    }
  }

  private void destroy(Broadcast<?> broadcast) {
    if (!spark.sc().isStopped()) {
      broadcast.destroy();
    }
  }

  private Pass kept() {
    if (place == null) {
      throw new IllegalStateException(
          "a product: no point is kept; call keep() after the last pass or change of data");
    }
    return Pass.at(run, Kind.KEEP, moves, place);
  }

  /** A job on some vectors at the kept point. */
  private Partial products(Pass kept, Kind kind, Curvature which, Packet... vectors) {
    return with(List.<Packet[]>of(vectors), sent -> run(kept.with(kind, which, sent)));
  }

  /**
   * A job on vectors.
   *
   * @param vectors one entry for all shards, or one for each
   */
  private <R> R with(List<Packet[]> vectors, Function<Pass.Vectors, R> job) {
    long elements = vectors.stream().flatMap(Stream::of).mapToLong(Packet::length).sum();
    if (elements * dtype().bytes() <= MOST_INSIDE) {
      return job.apply(new Pass.Vectors(new ArrayList<>(vectors), null));
    }
    ArrayList<Broadcast<Packet[]>> sent = new ArrayList<>();
    try {
      vectors.forEach(entry -> sent.add(spark.broadcast(entry)));
      return job.apply(new Pass.Vectors(null, sent));
    } finally {
      sent.forEach(this::destroy);
    }
  }

  // What objectives have

  @Override
  public Device device() {
    return device;
  }

  @Override
  public DType dtype() {
    return run.sharding().dtype();
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public List<Value> parameters() {
    return graph.parameters();
  }

  @Override
  public long size() {
    return graph.size();
  }

  @Override
  public Buffer theta() {
    return theta;
  }

  @Override
  public Map<String, Buffer> state() {
    return Collections.unmodifiableMap(state);
  }

  @Override
  public double value() {
    move(Kind.VALUE);
    return loss;
  }

  @Override
  public double loss() {
    return loss;
  }

  @Override
  public void gradientPass() {
    move(Kind.GRADIENT).vector(0).to(gradient);
  }

  @Override
  public Buffer gradient() {
    return gradient;
  }

  @Override
  public void keep() {
    move(Kind.KEEP).vector(0).to(gradient);
  }

  @Override
  public long moves() {
    return moves;
  }

  @Override
  public Buffer tangent() {
    return tangent;
  }

  @Override
  public Buffer product() {
    return product;
  }

  @Override
  public void hessianPass() {
    pass(Curvature.HESSIAN);
  }

  @Override
  public void gaussNewtonPass() {
    pass(Curvature.GAUSS_NEWTON);
  }

  @Override
  public void residualPass() {
    pass(Curvature.RESIDUAL);
  }

  private void pass(Curvature which) {
    products(kept(), Kind.PRODUCTS, which, Packet.of(tangent)).vector(0).to(product);
  }

  @Override
  public void splitPass(Buffer gaussNewton, Buffer residual) {
    Partial sum = products(kept(), Kind.SPLIT, null, Packet.of(tangent));
    sum.vector(0).to(gaussNewton);
    sum.vector(1).to(residual);
    kernels.copy(gaussNewton, product);
    kernels.axpby(1, residual, 1, product);
  }

  /** All vectors go out and come back together: one job for all. */
  @Override
  public void passes(Curvature which, Matrix v, Matrix products) {
    Buffer[] x = Objective.vectors(this, v, v.rows());
    Buffer[] y = Objective.vectors(this, products, v.rows());
    Partial sum = products(kept(), Kind.PRODUCTS, which, Packet.all(List.of(x)));
    for (int j = 0; j < y.length; j++) {
      sum.vector(j).to(y[j]);
    }
  }

  /** Only the columns go out, only the rows come back. */
  @Override
  public Products restrict(Block rows, Block columns) {
    Block wanted = rows.covering(parameters());
    Block moved = columns.covering(parameters());
    return new Products() {
      @Override
      public void hessianPass() {
        run(Curvature.HESSIAN);
      }

      @Override
      public void gaussNewtonPass() {
        run(Curvature.GAUSS_NEWTON);
      }

      @Override
      public void residualPass() {
        run(Curvature.RESIDUAL);
      }

      private void run(Curvature which) {
        products(kept().between(wanted, moved), Kind.PRODUCTS, which, Packet.of(tangent, moved))
            .vector(0)
            .to(product, wanted);
      }
    };
  }

  /**
   * {@code J v} is one job and {@code J^T u} another: each shard sends its own samples' part of the
   * one, and is sent its part of the other.
   */
  @Override
  public OutputPasses outputPasses() {
    int each = Math.toIntExact(graph.output().shape().size());
    return new OutputPasses() {
      @Override
      public long size() {
        return (long) samples * each;
      }

      @Override
      public void jvpPass(Buffer to) {
        Pass kept = kept();
        List<Packet> parts =
            with(
                List.<Packet[]>of(new Packet[] {Packet.of(tangent)}),
                sent -> apart(kept.with(Kind.JVP, null, sent)));
        for (int shard = 0; shard < parts.size(); shard++) {
          parts.get(shard).to(part(to, shard));
        }
      }

      @Override
      public void vjpPass(Buffer from) {
        Pass kept = kept();
        List<Packet[]> parts = new ArrayList<>();
        for (int shard = 0; shard < run.sharding().shards(); shard++) {
          parts.add(new Packet[] {Packet.of(part(from, shard))});
        }
        with(parts, sent -> run(kept.with(Kind.VJP, null, sent))).vector(0).to(product);
      }

      /** The outputs of a shard's samples. */
      private Buffer part(Buffer outputs, int shard) {
        int from = run.sharding().from(shard, samples);
        int to = run.sharding().from(shard + 1, samples);
        return outputs.view((long) from * each, (long) (to - from) * each);
      }
    };
  }

  /** The vector of each shard, by their numbers. */
  private List<Packet> apart(Pass pass) {
    return Failures.told(
        () ->
            Job.run(placement.shards(), shard -> Shards.of(pass.run(), shard).run(pass).vector(0)));
  }

  /** How the loss is cut. */
  public Sharding sharding() {
    return run.sharding();
  }

  /** How many executors have shards now. */
  public int executors() {
    return placement.width();
  }

  /** Frees all memory, in the executors too. */
  @Override
  public void close() {
    leave();
    try {
      placement.close();
    } finally {
      destroy(run.recipe());
      executors.close();
      owned.forEach(Buffer::close);
      state.values().forEach(Buffer::close);
    }
  }
}
