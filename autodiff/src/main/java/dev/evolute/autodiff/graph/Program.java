package dev.evolute.autodiff.graph;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.PackedMatrix;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph compiled for one device and one element type. All buffers are placed once, by liveness;
 * branches without a parameter get no gradient and no tangent; operands that are data are packed.
 * After that no pass allocates or looks anything up.
 *
 * <p>A program has two purposes. For {@link Purpose#TRAINING} results share memory as soon as they
 * are dead. For {@link Purpose#CURVATURE} the primal values of a point stay, and {@link #keep()}
 * makes them ready, so that each Hessian-vector product pays for tangents only (Pearlmutter's
 * R-operator, forward over reverse).
 *
 * <p>Not safe for use by several threads at once.
 */
public final class Program implements Objective {
  /** What a program is compiled for. */
  public enum Purpose {
    /** Value and gradient. */
    TRAINING,
    /** Value, gradient, and products at a point. */
    CURVATURE
  }

  private final Graph graph;
  private final Device device;
  private final DType dtype;
  private final Kernels kernels;
  private final Layout layout;
  private final boolean curved;
  private final List<Buffer> owned = new ArrayList<>();
  private final Map<Value, Buffer> data = new HashMap<>();
  private final List<Node> forward = new ArrayList<>();
  private final List<Node> reverse = new ArrayList<>();
  private final List<Node> terms = new ArrayList<>();

  /** The gradient's parts that the loss does not see: their derivative is zero. */
  private final List<Buffer> idle = new ArrayList<>();

  /** Empty where another program's vectors are shared. */
  private final Map<String, Buffer> state = new LinkedHashMap<>();

  private Vectors vectors;
  private Linearization whole;
  private boolean kept;
  private long moves;

  // The passes, as the device takes what comes again.

  private final Runnable forwardPass;
  private final Runnable gradientPass;
  private final Runnable keepPass;

  private Program(Layout layout, Device device, DType dtype) {
    this.layout = layout;
    this.graph = layout.graph;
    this.curved = layout.curved;
    this.device = device;
    this.dtype = dtype;
    this.kernels = device.kernels(dtype);
    forwardPass = device.repeated(this::forward);
    gradientPass = device.repeated(this::forwardAndReverse);
    keepPass = device.repeated(this::keepAll);
  }

  /**
   * Compiles a graph.
   *
   * @throws IllegalArgumentException if the graph has no loss or no parameter
   */
  public static Program compile(Graph graph, Device device, DType dtype, Purpose purpose) {
    if (graph.terms().isEmpty() || graph.size() == 0) {
      throw new IllegalArgumentException(
          "compile: the graph needs at least one term of the loss and one parameter; it has "
              + graph.terms().size()
              + " and "
              + graph.parameters().size());
    }
    graph.close();
    return compile(layout(graph, purpose), device, dtype, null);
  }

  /**
   * Compiles a graph for training on theta, gradient and state of another program, as a second
   * batch size or an evaluation needs. The two run one after the other; the other one is closed
   * last.
   *
   * @throws IllegalArgumentException if the graph has no loss, or other parameters
   */
  public static Program compile(Graph graph, Program other) {
    List<String> ours = graph.parameters().stream().map(Value::toString).toList();
    List<String> theirs = other.parameters().stream().map(Value::toString).toList();
    if (graph.terms().isEmpty() || !ours.equals(theirs)) {
      throw new IllegalArgumentException(
          "compile: the graph has "
              + graph.terms().size()
              + " terms of the loss and the parameters "
              + ours
              + ", the other program "
              + theirs
              + "; give a loss of the same parameters");
    }
    graph.close();
    return compile(layout(graph, Purpose.TRAINING), other.device, other.dtype, other.vectors);
  }

  private static Layout layout(Graph graph, Purpose purpose) {
    return new Layout(graph, graph.terms(), purpose == Purpose.CURVATURE);
  }

  /**
   * The bytes a program will take, before anything is allocated. The padding of packed data, a few
   * per cent of them, depends on the device and is not counted.
   */
  public static long estimate(Graph graph, DType dtype, Purpose purpose) {
    Layout layout = layout(graph, purpose);
    return layout.primalBytes(dtype) + layout.tangentBytes(dtype);
  }

  /** With vectors of its own, or with those of another program of the same parameters. */
  static Program compile(Layout layout, Device device, DType dtype, Vectors shared) {
    Program program = new Program(layout, device, dtype);
    try {
      program.vectors = shared == null ? program.vectors() : shared;
      for (Value value : layout.data) {
        program.data.put(value, program.own(value.shape().size()));
      }
      program.bind();
      return program;
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  private Vectors vectors() {
    return new Vectors(
        own(size()),
        own(size()),
        curved ? own(size()) : null,
        curved ? own(size()) : null,
        curved ? own(layout.tangentElements) : null,
        state);
  }

  private Buffer own(long length) {
    return own(device.allocate(dtype, length));
  }

  private Buffer own(Buffer buffer) {
    owned.add(buffer);
    return buffer;
  }

  private void bind() {
    Binding binding = new Binding(own(layout.primalElements), layout, kernels, vectors, data);
    for (Value value : layout.live) {
      Buffer loss = value.op().isLoss() ? own(device.allocate(DType.F64, 1)) : null;
      forward.add(binding.node(value, loss));
    }
    for (Node node : forward.reversed()) {
      if (node.value.differentiable()) {
        reverse.add(node);
      }
    }
    Binding.accumulate(reverse);
    for (Value parameter : layout.idle) {
      idle.add(Binding.part(vectors.gradient(), parameter).buffer());
    }
    for (Node node : forward) {
      node.op.bind(node);
      if (node.op.isLoss()) {
        terms.add(node);
      }
    }
    if (curved) {
      whole = new Linearization(this, forward, graph.parameters(), graph.parameters(), null);
    }
  }

  // What callers see

  /** What it was compiled from. */
  public Graph graph() {
    return graph;
  }

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
    return graph.parameters();
  }

  @Override
  public long size() {
    return graph.size();
  }

  @Override
  public Buffer theta() {
    return vectors.theta();
  }

  /** One parameter, a view into {@link #theta()}. */
  public Matrix parameter(Value parameter) {
    if (!parameter.isParameter() || parameter.graph() != graph) {
      throw new IllegalArgumentException(
          "parameter: " + parameter + " is not a parameter of this program");
    }
    return Binding.part(vectors.theta(), parameter);
  }

  @Override
  public Buffer gradient() {
    return vectors.gradient();
  }

  @Override
  public Buffer tangent() {
    requireCurvature("tangent");
    return vectors.tangent();
  }

  @Override
  public Buffer product() {
    requireCurvature("product");
    return vectors.product();
  }

  /** Bytes of all buffers and packed operands of this program. */
  public long bytes() {
    return primalBytes() + layout.tangentBytes(dtype);
  }

  /** Without the vectors and tangents, which programs may share. */
  long primalBytes() {
    long bytes = layout.primalElements * dtype.bytes();
    for (Buffer buffer : data.values()) {
      bytes += buffer.length() * dtype.bytes();
    }
    for (Node node : forward) {
      bytes += node.packed.stream().mapToLong(PackedMatrix::bytes).sum();
    }
    return bytes;
  }

  /** Sets the values of data, row by row, and packs them anew. */
  public void set(Value value, double[] values) {
    if (!value.isData() || value.graph() != graph) {
      throw new IllegalArgumentException("set: " + value + " is not data of this program");
    }
    if (values.length != value.shape().size()) {
      throw new IllegalArgumentException(
          "set: "
              + value
              + " takes "
              + value.shape().size()
              + " values, "
              + values.length
              + " given");
    }
    set(value, 0, values, 0, values.length);
  }

  /** Sets some elements from {@code at} on; data that the loss does not see are not kept. */
  void set(Value value, long at, double[] values, int from, int count) {
    Buffer buffer = data.get(value);
    if (buffer != null) {
      buffer.write(at, values, from, count);
      refresh(value);
    }
  }

  /** The memory of data, to be refreshed when it was written; null where the loss needs none. */
  Buffer data(Value value) {
    return data.get(value);
  }

  /** Packs data anew that were written. */
  void refresh(Value value) {
    moved();
    for (Node node : forward) {
      if (!node.packed.isEmpty() && node.value.inputs().contains(value)) {
        node.packed.forEach(PackedMatrix::refresh);
      }
    }
  }

  @Override
  public double value() {
    moved();
    forwardPass.run();
    return loss();
  }

  private void forward() {
    for (int i = 0; i < forward.size(); i++) {
      Node node = forward.get(i);
      node.op.forward(node);
    }
  }

  @Override
  public double loss() {
    double sum = 0;
    for (int i = 0; i < terms.size(); i++) {
      sum += terms.get(i).out.buffer().get(0);
    }
    return sum;
  }

  @Override
  public void gradientPass() {
    moved();
    gradientPass.run();
  }

  /**
   * A gradient pass with what follows it on the device, such as an optimiser's update, as one piece
   * of work where the device records what comes again: {@link Device#repeated}.
   *
   * @param after calls of kernels, the same each time
   */
  public Runnable gradientPassAnd(Runnable after) {
    Runnable both =
        device.repeated(
            () -> {
              forwardAndReverse();
              after.run();
            });
    return () -> {
      moved();
      both.run();
    };
  }

  private void forwardAndReverse() {
    forward();
    for (int i = 0; i < reverse.size(); i++) {
      Node node = reverse.get(i);
      node.op.vjp(node, node.adjoint);
    }
    for (int i = 0; i < idle.size(); i++) {
      kernels.fill(0, idle.get(i));
    }
  }

  @Override
  public void keep() {
    requireCurvature("keep");
    moved();
    keepPass.run();
    kept = true;
  }

  private void keepAll() {
    forwardAndReverse();
    for (int i = 0; i < reverse.size(); i++) {
      Node node = reverse.get(i);
      node.op.keep(node);
    }
  }

  @Override
  public Map<String, Buffer> state() {
    return Collections.unmodifiableMap(vectors.state());
  }

  /** Lets {@link #state()} follow the last forward pass: once for each step of training. */
  public void advance() {
    for (int i = 0; i < forward.size(); i++) {
      Node node = forward.get(i);
      node.op.advance(node);
    }
  }

  /** The primal values no longer are those of a kept point. */
  private void moved() {
    kept = false;
    moves++;
  }

  @Override
  public long moves() {
    return moves;
  }

  @Override
  public void hessianPass() {
    whole().hessianPass();
  }

  @Override
  public void gaussNewtonPass() {
    whole().gaussNewtonPass();
  }

  @Override
  public void residualPass() {
    whole().residualPass();
  }

  @Override
  public void splitPass(Buffer gaussNewton, Buffer residual) {
    addSplit(0, gaussNewton, residual);
    kernels.copy(gaussNewton, product());
    kernels.axpby(1, residual, 1, product());
  }

  /** Both parts of one tangent pass, added to beta times what is there. */
  void addSplit(double beta, Buffer gaussNewton, Buffer residual) {
    Linearization passes = whole();
    passes.tangentPass();
    passes.gaussNewtonReverse();
    kernels.axpby(1, product(), beta, gaussNewton);
    passes.residualReverse();
    kernels.axpby(1, product(), beta, residual);
  }

  @Override
  public void passes(Curvature which, Matrix v, Matrix products) {
    Buffer[] x = Objective.vectors(this, v, v.rows());
    Buffer[] y = Objective.vectors(this, products, v.rows());
    for (int j = 0; j < x.length; j++) {
      kernels.copy(x[j], tangent());
      which.run(this);
      kernels.copy(product(), y[j]);
    }
  }

  @Override
  public Products restrict(Block rows, Block columns) {
    requireCurvature("restrict");
    rows.within(size());
    columns.within(size());
    return new Linearization(this, forward, touched(rows), touched(columns), null);
  }

  /**
   * The output of the network: the computed value that the terms of the loss are given.
   *
   * @throws IllegalStateException if there are several, or none
   */
  public Value output() {
    return Graph.output(terms.stream().map(term -> term.value).toList());
  }

  /**
   * The values of {@link #output()}, {@code [n x c]}, after {@link #value()}: a reverse pass may
   * take their memory.
   */
  public Matrix outputs() {
    return ancestors(output()).getLast().out;
  }

  /** {@inheritDoc} A program's output is {@link #output()}. */
  @Override
  public OutputPasses outputPasses() {
    return linearize(output());
  }

  /**
   * The tangent and cotangent passes between all parameters and one value.
   *
   * @param output a computed value that the loss and some parameter have to do with
   */
  public OutputPasses linearize(Value output) {
    requireCurvature("linearize");
    List<Node> nodes = ancestors(output);
    return new Linearization(this, nodes, graph.parameters(), graph.parameters(), nodes.getLast())
        .outputPasses();
  }

  /**
   * A weighted sum of a value's elements as a function of theta, with memory of its own that the
   * caller closes.
   *
   * @param output a computed value that the loss and some parameter have to do with
   */
  public Functional functional(Value output) {
    requireCurvature("functional");
    return new Functional(this, ancestors(output));
  }

  /** The derivative of the loss with respect to a computed value, at the kept point. */
  public Buffer cotangent(Value output) {
    requireKept();
    return ancestors(output).getLast().adjoint.out.buffer();
  }

  /** The nodes a value is computed by, in order, itself last. */
  private List<Node> ancestors(Value output) {
    Set<Value> needed = new HashSet<>();
    needed.add(output);
    List<Node> nodes = new ArrayList<>();
    for (Node node : forward.reversed()) {
      if (needed.contains(node.value)) {
        nodes.add(0, node);
        needed.addAll(node.value.inputs());
      }
    }
    if (nodes.isEmpty() || !output.differentiable()) {
      throw new IllegalArgumentException(
          "output: " + output + " is not computed by this program from its parameters");
    }
    return nodes;
  }

  private List<Value> touched(Block block) {
    return graph.parameters().stream().filter(block::touches).toList();
  }

  private Linearization whole() {
    requireCurvature("a product");
    return whole;
  }

  void requireKept() {
    if (!kept) {
      throw new IllegalStateException(
          "a product: no point is kept; call keep() after the last pass or change of data");
    }
  }

  private void requireCurvature(String what) {
    if (!curved) {
      throw new IllegalStateException(
          what + ": this program was compiled for training; compile it with Purpose.CURVATURE");
    }
  }

  /** Frees all memory of the program. */
  @Override
  public void close() {
    forward.forEach(Node::close);
    owned.forEach(Buffer::close);
    state.values().forEach(Buffer::close);
  }
}
