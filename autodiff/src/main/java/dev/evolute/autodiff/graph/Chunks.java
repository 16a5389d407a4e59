package dev.evolute.autodiff.graph;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The loss of many samples as a sum over chunks, in the order of the samples: value, gradient and
 * every product are those of one program over all samples, up to rounding, however they are cut.
 * Made by a {@link ChunkPlan}.
 *
 * <p>Where the primal values of all chunks are kept, each full chunk has a program of its own.
 * Otherwise one program takes their samples in turn, and each product computes values, gradient and
 * what it needs beside them anew.
 */
public final class Chunks implements Objective {
  /** Samples {@code [from, from + rows)} in a program. */
  private record Part(Program program, int from, int rows, List<Feed> feeds) {
    /** Whether the program holds these samples at all times. */
    boolean resident() {
      return feeds.isEmpty();
    }
  }

  /** Where a shared program's samples come from. */
  private record Feed(Value value, Buffer from, Buffer to) {}

  private final ChunkPlan plan;
  private final Device device;
  private final DType dtype;
  private final Kernels kernels;
  private final List<Buffer> owned = new ArrayList<>();
  private final List<Program> programs = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();

  /** Samples of all full chunks, where a program takes them in turn. */
  private final Map<String, Buffer> store = new HashMap<>();

  private final Map<String, Buffer> state = new LinkedHashMap<>();

  private Vectors vectors;
  private Buffer gradient;
  private Buffer product;
  private Sum whole;
  private double loss;
  private boolean kept;
  private long moves;

  private Chunks(ChunkPlan plan, Device device, DType dtype) {
    this.plan = plan;
    this.device = device;
    this.dtype = dtype;
    this.kernels = device.kernels(dtype);
  }

  static Chunks compile(ChunkPlan plan, Device device, DType dtype, boolean kept) {
    Chunks chunks = new Chunks(plan, device, dtype);
    try {
      chunks.place(kept || plan.full == 1);
      return chunks;
    } catch (RuntimeException e) {
      chunks.close();
      throw e;
    }
  }

  private void place(boolean resident) {
    vectors =
        new Vectors(
            own(size()), own(size()), own(size()), own(size()), own(plan.tangentElements()), state);
    gradient = own(size());
    product = own(size());
    Program turns = resident ? null : program(plan.chunk);
    for (int i = 0; i < plan.full; i++) {
      int from = i * plan.rows;
      parts.add(
          resident
              ? new Part(program(plan.chunk), from, plan.rows, List.of())
              : new Part(turns, from, plan.rows, feeds(turns, from)));
    }
    if (plan.rest != null) {
      int from = plan.full * plan.rows;
      parts.add(new Part(program(plan.rest), from, plan.samples - from, List.of()));
    }
    if (plan.common != null) {
      parts.add(new Part(program(plan.common), 0, 0, List.of()));
    }
    whole =
        new Sum(
            parts.stream().<Products>map(Part::program).toList(),
            List.of(vectors.product()),
            List.of(product));
  }

  private Buffer own(long length) {
    Buffer buffer = device.allocate(dtype, length);
    owned.add(buffer);
    return buffer;
  }

  private Program program(Layout layout) {
    Program program = Program.compile(layout, device, dtype, vectors);
    programs.add(program);
    return program;
  }

  private List<Feed> feeds(Program program, int from) {
    List<Feed> feeds = new ArrayList<>();
    for (Value value : plan.chunk.data) {
      if (plan.sampled.contains(value.name())) {
        long size = value.shape().size();
        Buffer all = store.computeIfAbsent(value.name(), name -> own(plan.full * size));
        long at = (long) from * value.shape().cols();
        feeds.add(new Feed(value, all.view(at, size), program.data(value)));
      }
    }
    return feeds;
  }

  // Data

  /** Number of samples N. */
  public int samples() {
    return plan.samples;
  }

  /** Whether primal values of all chunks are kept, rather than computed anew for each product. */
  public boolean keepsAll() {
    return store.isEmpty();
  }

  /** Bytes of all buffers and packed operands. */
  public long bytes() {
    long elements = owned.stream().mapToLong(Buffer::length).sum();
    return elements * dtype.bytes() + programs.stream().mapToLong(Program::primalBytes).sum();
  }

  /** Sets data by name: those of all samples, row by row, or those shared by all. */
  public void set(String name, double[] values) {
    Value value = data(name);
    boolean sampled = plan.sampled.contains(name);
    long length = (long) (sampled ? plan.samples : value.shape().rows()) * value.shape().cols();
    if (values.length != length) {
      throw new IllegalArgumentException(
          "set: " + name + " takes " + length + " values, " + values.length + " given");
    }
    if (sampled) {
      setRows(name, 0, values);
      return;
    }
    moved();
    for (Program program : programs) {
      program.set(data(program.graph(), name), values);
    }
  }

  /**
   * Sets the data of some samples.
   *
   * @param from the first sample
   * @param values whole rows
   */
  public void setRows(String name, int from, double[] values) {
    int cols = data(name).shape().cols();
    int rows = values.length / cols;
    if (!plan.sampled.contains(name)
        || rows * cols != values.length
        || from < 0
        || rows > plan.samples - from) {
      throw new IllegalArgumentException(
          "set: "
              + values.length
              + " values of "
              + name
              + " from sample "
              + from
              + " on; rows of "
              + cols
              + " for some of "
              + plan.samples
              + " samples are needed");
    }
    moved();
    for (Part part : parts) {
      int first = Math.max(from, part.from);
      int count = (Math.min(from + rows, part.from + part.rows) - first) * cols;
      if (count <= 0) {
        continue;
      }
      int offset = (first - from) * cols;
      if (part.resident()) {
        Value value = data(part.program.graph(), name);
        part.program.set(value, (long) (first - part.from) * cols, values, offset, count);
      } else if (store.containsKey(name)) {
        store.get(name).write((long) first * cols, values, offset, count);
      }
    }
  }

  private Value data(String name) {
    return data(plan.chunk.graph, name);
  }

  private static Value data(Graph graph, String name) {
    return graph.data().stream()
        .filter(x -> x.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "set: there are no data " + name + "; there are " + graph.data()));
  }

  // What objectives have

  @Override
  public Device device() {
    return device;
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public List<Value> parameters() {
    return plan.chunk.graph.parameters();
  }

  @Override
  public long size() {
    return plan.chunk.graph.size();
  }

  @Override
  public Buffer theta() {
    return vectors.theta();
  }

  @Override
  public Buffer gradient() {
    return gradient;
  }

  @Override
  public Buffer tangent() {
    return vectors.tangent();
  }

  @Override
  public Buffer product() {
    return product;
  }

  @Override
  public Map<String, Buffer> state() {
    return Collections.unmodifiableMap(state);
  }

  @Override
  public double loss() {
    return loss;
  }

  @Override
  public long moves() {
    return moves;
  }

  private void moved() {
    kept = false;
    moves++;
  }

  @Override
  public double value() {
    moved();
    loss = 0;
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      load(part);
      loss += part.program.value();
    }
    return loss;
  }

  @Override
  public void gradientPass() {
    sumGradients(false);
  }

  @Override
  public void keep() {
    sumGradients(true);
    kept = true;
  }

  private void sumGradients(boolean keep) {
    moved();
    loss = 0;
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      load(part);
      if (keep && part.resident()) {
        part.program.keep();
      } else {
        part.program.gradientPass();
      }
      loss += part.program.loss();
      kernels.axpby(1, vectors.gradient(), i == 0 ? 0 : 1, gradient);
    }
  }

  /** Copies a chunk's samples to the program it shares. */
  private void load(Part part) {
    for (int i = 0; i < part.feeds.size(); i++) {
      Feed feed = part.feeds.get(i);
      kernels.copy(feed.from, feed.to);
      part.program.refresh(feed.value);
    }
  }

  /** Makes a part ready for products. */
  private void prepare(Part part) {
    if (!part.resident()) {
      load(part);
      part.program.keep();
    }
  }

  private void requireKept() {
    if (!kept) {
      throw new IllegalStateException(
          "a product: no point is kept; call keep() after the last pass or change of data");
    }
  }

  @Override
  public void hessianPass() {
    whole.hessianPass();
  }

  @Override
  public void gaussNewtonPass() {
    whole.gaussNewtonPass();
  }

  @Override
  public void residualPass() {
    whole.residualPass();
  }

  @Override
  public void splitPass(Buffer gaussNewton, Buffer residual) {
    requireKept();
    for (int i = 0; i < parts.size(); i++) {
      prepare(parts.get(i));
      parts.get(i).program.addSplit(i == 0 ? 0 : 1, gaussNewton, residual);
    }
    kernels.copy(gaussNewton, product);
    kernels.axpby(1, residual, 1, product);
  }

  /** What a chunk computes anew serves all vectors. */
  @Override
  public void passes(Curvature which, Matrix v, Matrix products) {
    requireKept();
    Buffer[] x = Objective.vectors(this, v, v.rows());
    Buffer[] y = Objective.vectors(this, products, v.rows());
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      prepare(part);
      for (int j = 0; j < x.length; j++) {
        kernels.copy(x[j], vectors.tangent());
        which.run(part.program);
        kernels.axpby(1, vectors.product(), i == 0 ? 0 : 1, y[j]);
      }
    }
  }

  @Override
  public Products restrict(Block rows, Block columns) {
    Map<Program, Products> restricted = new HashMap<>();
    for (Program program : programs) {
      restricted.put(program, program.restrict(rows, columns));
    }
    List<Buffer> from = new ArrayList<>();
    List<Buffer> to = new ArrayList<>();
    for (Block.Range range : rows.covering(parameters()).ranges()) {
      from.add(vectors.product().view(range.from(), range.length()));
      to.add(product.view(range.from(), range.length()));
    }
    return new Sum(parts.stream().map(part -> restricted.get(part.program)).toList(), from, to);
  }

  /** Outputs stand chunk by chunk, in the order of the samples. */
  @Override
  public OutputPasses outputPasses() {
    Map<Program, OutputPasses> made = new HashMap<>();
    List<Part> sampled = parts.stream().filter(part -> part.rows > 0).toList();
    for (Part part : sampled) {
      made.computeIfAbsent(part.program, Program::outputPasses);
    }
    List<OutputPasses> passes = sampled.stream().map(part -> made.get(part.program)).toList();
    return new Outputs(sampled, passes);
  }

  /** The output passes of all parts that have samples. */
  private final class Outputs implements OutputPasses {
    private final List<Part> sampled;
    private final List<OutputPasses> passes;

    Outputs(List<Part> sampled, List<OutputPasses> passes) {
      this.sampled = sampled;
      this.passes = passes;
    }

    @Override
    public long size() {
      return passes.stream().mapToLong(OutputPasses::size).sum();
    }

    @Override
    public void jvpPass(Buffer to) {
      requireKept();
      long at = 0;
      for (int i = 0; i < passes.size(); i++) {
        long rows = passes.get(i).size();
        prepare(sampled.get(i));
        passes.get(i).jvpPass(to.view(at, rows));
        at += rows;
      }
    }

    @Override
    public void vjpPass(Buffer from) {
      requireKept();
      long at = 0;
      for (int i = 0; i < passes.size(); i++) {
        long rows = passes.get(i).size();
        prepare(sampled.get(i));
        passes.get(i).vjpPass(from.view(at, rows));
        kernels.axpby(1, vectors.product(), i == 0 ? 0 : 1, product);
        at += rows;
      }
    }
  }

  /** Products of all parts, and their sum in some ranges. */
  private final class Sum implements Products {
    private final List<Products> products;
    private final List<Buffer> from;
    private final List<Buffer> to;

    Sum(List<Products> products, List<Buffer> from, List<Buffer> to) {
      this.products = products;
      this.from = from;
      this.to = to;
    }

    private void run(Curvature which) {
      requireKept();
      for (int i = 0; i < parts.size(); i++) {
        prepare(parts.get(i));
        which.run(products.get(i));
        for (int r = 0; r < from.size(); r++) {
          kernels.axpby(1, from.get(r), i == 0 ? 0 : 1, to.get(r));
        }
      }
    }

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
  }

  /** Frees all memory. */
  @Override
  public void close() {
    programs.forEach(Program::close);
    owned.forEach(Buffer::close);
    state.values().forEach(Buffer::close);
  }
}
