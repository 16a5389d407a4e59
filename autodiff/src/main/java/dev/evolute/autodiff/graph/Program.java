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
public final class Program implements AutoCloseable {
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
  private final boolean curved;
  private final List<Buffer> owned = new ArrayList<>();
  private final Map<Value, Buffer> data = new HashMap<>();
  private final List<Node> forward = new ArrayList<>();
  private final List<Node> reverse = new ArrayList<>();
  private final List<Node> terms = new ArrayList<>();
  private final List<Value> idle = new ArrayList<>();
  private Buffer theta;
  private Buffer gradient;
  private Buffer tangent;
  private Buffer product;
  private long scratchElements;
  private boolean kept;
  private long moves;

  private Program(Graph graph, Device device, DType dtype, Purpose purpose) {
    this.graph = graph;
    this.device = device;
    this.dtype = dtype;
    this.kernels = device.kernels(dtype);
    this.curved = purpose == Purpose.CURVATURE;
  }

  /** Takes all memory; whoever calls closes the program if that fails half-way. */
  private void place() {
    theta = own(device.allocate(dtype, graph.size()));
    gradient = own(device.allocate(dtype, graph.size()));
    if (curved) {
      tangent = own(device.allocate(dtype, graph.size()));
      product = own(device.allocate(dtype, graph.size()));
    }
    for (Value value : graph.data()) {
      data.put(value, own(device.allocate(dtype, value.shape().size())));
    }
    bind();
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
    Program program = new Program(graph, device, dtype, purpose);
    try {
      program.place();
      return program;
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  private <B extends Buffer> B own(B buffer) {
    owned.add(buffer);
    return buffer;
  }

  // Compilation

  /** The places of one value's buffers; null where there is no such buffer. */
  private static final class Places {
    MemoryPlan.Slot out;
    MemoryPlan.Slot cotangent;
    MemoryPlan.Slot tangent;
    MemoryPlan.Slot tangentCotangent;
    final List<MemoryPlan.Slot> saved = new ArrayList<>();
    final List<MemoryPlan.Slot> kept = new ArrayList<>();
    Matrix outMatrix;
    Matrix cotangentMatrix;
    Matrix tangentMatrix;
    Matrix tangentCotangentMatrix;
  }

  private void bind() {
    List<Value> live = reachable();
    int steps = live.size();
    int end = 2 * steps;
    // In a curvature program primal values never die: steps of the tangent passes start at 0 again.
    MemoryPlan primal = new MemoryPlan();
    MemoryPlan tangents = new MemoryPlan();
    Map<Value, Places> places = new HashMap<>();
    for (int i = 0; i < steps; i++) {
      Value value = live.get(i);
      Places p = new Places();
      places.put(value, p);
      int back = end - 1 - i;
      boolean term = value.op().isLoss();
      if (!term) {
        p.out = primal.slot(value.shape().size(), i, curved ? end : i);
      }
      for (long size : value.op().saved(value.inputs())) {
        p.saved.add(primal.slot(size, i, curved ? end : value.differentiable() ? back : i));
      }
      if (value.differentiable()) {
        if (curved) {
          for (long size : value.op().kept(value.inputs())) {
            p.kept.add(primal.slot(size, 0, end));
          }
        }
        if (!term) {
          p.cotangent = primal.slot(value.shape().size(), curved ? 0 : back, curved ? end : back);
          if (curved) {
            p.tangent = tangents.slot(value.shape().size(), i, i);
            p.tangentCotangent = tangents.slot(value.shape().size(), back, back);
          }
        }
      }
    }
    for (int i = 0; i < steps; i++) {
      Value value = live.get(i);
      int back = end - 1 - i;
      boolean readLater = value.differentiable() && value.op().readsInputs();
      for (Value input : value.inputs()) {
        Places p = places.get(input);
        if (p == null) {
          continue;
        }
        p.out.last = Math.max(p.out.last, readLater ? back : i);
        if (p.cotangent == null) {
          continue;
        }
        p.cotangent.first = Math.min(p.cotangent.first, back);
        if (curved) {
          p.tangent.last = Math.max(p.tangent.last, back);
          p.tangentCotangent.first = Math.min(p.tangentCotangent.first, back);
        }
      }
    }
    long primalElements = primal.place();
    long tangentElements = tangents.place();
    scratchElements = primalElements + tangentElements;
    Buffer primalMemory = own(device.allocate(dtype, primalElements));
    Buffer tangentMemory = own(device.allocate(dtype, tangentElements));
    for (Value value : live) {
      Places p = places.get(value);
      p.outMatrix = matrix(primalMemory, p.out, value.shape());
      p.cotangentMatrix = matrix(primalMemory, p.cotangent, value.shape());
      p.tangentMatrix = matrix(tangentMemory, p.tangent, value.shape());
      p.tangentCotangentMatrix = matrix(tangentMemory, p.tangentCotangent, value.shape());
    }
    for (Value value : live) {
      forward.add(node(value, places, primalMemory));
    }
    for (int i = steps - 1; i >= 0; i--) {
      if (live.get(i).differentiable()) {
        reverse.add(forward.get(i));
      }
    }
    accumulate();
    for (Node node : forward) {
      node.op.bind(node);
      if (node.op.isLoss()) {
        terms.add(node);
      }
    }
  }

  /** What the loss needs, in recorded order. */
  private List<Value> reachable() {
    Set<Value> needed = new HashSet<>();
    List<Value> live = new ArrayList<>();
    needed.addAll(graph.terms());
    List<Value> all = graph.computed();
    for (int i = all.size() - 1; i >= 0; i--) {
      Value value = all.get(i);
      if (needed.contains(value)) {
        live.add(value);
        needed.addAll(value.inputs());
      }
    }
    for (Value parameter : graph.parameters()) {
      if (!needed.contains(parameter)) {
        idle.add(parameter);
      }
    }
    Collections.reverse(live);
    return live;
  }

  private static Matrix matrix(Buffer memory, MemoryPlan.Slot slot, Shape shape) {
    if (slot == null) {
      return null;
    }
    return Matrix.of(memory.view(slot.offset, shape.size()), shape.rows(), shape.cols());
  }

  private Matrix part(Buffer flat, Value parameter) {
    Shape shape = parameter.shape();
    return Matrix.of(flat.view(parameter.offset(), shape.size()), shape.rows(), shape.cols());
  }

  private Node node(Value value, Map<Value, Places> places, Buffer memory) {
    Node node = new Node(value, kernels);
    Places own = places.get(value);
    node.out =
        value.op().isLoss() ? Matrix.of(own(device.allocate(DType.F64, 1)), 1, 1) : own.outMatrix;
    node.adjoint.out = own.cotangentMatrix;
    node.tangentOut = own.tangentMatrix;
    node.tangentAdjoint.out = own.tangentCotangentMatrix;
    node.saved = views(memory, own.saved, value.op().saved(value.inputs()));
    node.kept = views(memory, own.kept, value.op().kept(value.inputs()));
    for (int i = 0; i < value.inputs().size(); i++) {
      Value input = value.inputs().get(i);
      if (input.isData()) {
        Shape shape = input.shape();
        node.in[i] = Matrix.of(data.get(input), shape.rows(), shape.cols());
      } else if (input.isParameter()) {
        node.in[i] = part(theta, input);
        node.adjoint.in[i] = part(gradient, input);
        if (curved) {
          node.tangentIn[i] = part(tangent, input);
          node.tangentAdjoint.in[i] = part(product, input);
        }
      } else {
        Places p = places.get(input);
        node.in[i] = p.outMatrix;
        node.adjoint.in[i] = p.cotangentMatrix;
        node.tangentIn[i] = p.tangentMatrix;
        node.tangentAdjoint.in[i] = p.tangentCotangentMatrix;
      }
    }
    return node;
  }

  private static Buffer[] views(Buffer memory, List<MemoryPlan.Slot> slots, long[] sizes) {
    Buffer[] views = new Buffer[slots.size()];
    for (int i = 0; i < views.length; i++) {
      views[i] = memory.view(slots.get(i).offset, sizes[i]);
    }
    return views;
  }

  /** The first writer of a cotangent overwrites, later ones add. */
  private void accumulate() {
    Set<Value> written = new HashSet<>();
    for (Node node : reverse) {
      List<Value> inputs = node.value.inputs();
      for (int i = 0; i < inputs.size(); i++) {
        if (inputs.get(i).differentiable()) {
          double beta = written.add(inputs.get(i)) ? 0 : 1;
          node.adjoint.beta[i] = beta;
          node.tangentAdjoint.beta[i] = beta;
        }
      }
    }
  }

  // What callers see

  public Graph graph() {
    return graph;
  }

  public Device device() {
    return device;
  }

  public DType dtype() {
    return dtype;
  }

  public Kernels kernels() {
    return kernels;
  }

  /** Number of parameters P. */
  public long size() {
    return graph.size();
  }

  /** All parameters, flat {@code [P]}; write here to move. */
  public Buffer theta() {
    return theta;
  }

  /** One parameter, a view into {@link #theta()}. */
  public Matrix parameter(Value parameter) {
    if (!parameter.isParameter() || parameter.graph() != graph) {
      throw new IllegalArgumentException(
          "parameter: " + parameter + " is not a parameter of this program");
    }
    return part(theta, parameter);
  }

  /** The gradient of the last {@link #gradientPass()}, flat {@code [P]}, in the layout of theta. */
  public Buffer gradient() {
    return gradient;
  }

  /** The direction v of the tangent passes, flat {@code [P]}. */
  public Buffer tangent() {
    requireCurvature("tangent");
    return tangent;
  }

  /** The result of the last product, flat {@code [P]}. */
  public Buffer product() {
    requireCurvature("product");
    return product;
  }

  /** Bytes of all buffers and packed operands of this program. */
  public long bytes() {
    long bytes = scratchElements * dtype.bytes();
    bytes += (curved ? 4 : 2) * size() * dtype.bytes();
    for (Value value : graph.data()) {
      bytes += value.shape().size() * dtype.bytes();
    }
    for (Node node : forward) {
      bytes += node.packed.stream().mapToLong(PackedMatrix::bytes).sum();
    }
    return bytes;
  }

  /** Sets the values of data, row by row, and packs them anew. */
  public void set(Value value, double[] values) {
    Buffer buffer = data.get(value);
    if (buffer == null) {
      throw new IllegalArgumentException("set: " + value + " is not data of this program");
    }
    if (values.length != buffer.length()) {
      throw new IllegalArgumentException(
          "set: " + value + " takes " + buffer.length() + " values, " + values.length + " given");
    }
    buffer.set(values);
    moved();
    for (Node node : forward) {
      for (int i = 0; i < node.in.length; i++) {
        if (node.value.inputs().get(i) == value) {
          node.packed.forEach(PackedMatrix::refresh);
        }
      }
    }
  }

  /** The loss at theta: one forward pass. */
  public double value() {
    moved();
    for (Node node : forward) {
      node.op.forward(node);
    }
    return loss();
  }

  /** The loss of the last forward pass. */
  public double loss() {
    double sum = 0;
    for (Node term : terms) {
      sum += term.out.buffer().get(0);
    }
    return sum;
  }

  /** Forward and reverse: leaves the gradient at theta in {@link #gradient()}. */
  public void gradientPass() {
    moved();
    for (Node node : forward) {
      node.op.forward(node);
    }
    for (Node node : reverse) {
      node.op.vjp(node, node.adjoint);
    }
    clear(gradient);
  }

  /** Parameters that the loss does not see have derivative zero. */
  private void clear(Buffer flat) {
    for (Value parameter : idle) {
      kernels.fill(0, flat.view(parameter.offset(), parameter.shape().size()));
    }
  }

  /**
   * Computes and keeps everything primal at theta: value, gradient, and what products need. Theta
   * and data must not change between this and the products.
   */
  public void keep() {
    requireCurvature("keep");
    gradientPass();
    for (Node node : reverse) {
      node.op.keep(node);
    }
    kept = true;
  }

  /** The primal values no longer are those of a kept point. */
  private void moved() {
    kept = false;
    moves++;
  }

  /** Changes with every pass that replaces primal values: tells a point that it has been left. */
  public long moves() {
    return moves;
  }

  /** {@link #product()} = H v for v in {@link #tangent()}, at the kept point. */
  public void hessianPass() {
    tangentPass();
    for (Node node : reverse) {
      node.op.vjpTangent(node, node.tangentAdjoint);
    }
    clear(product);
  }

  /**
   * {@link #product()} = {@code J^T (Hess loss) J v}, the Gauss-Newton product, for v in {@link
   * #tangent()}, at the kept point. Every loss term counts with its full Hessian, a penalty too.
   */
  public void gaussNewtonPass() {
    tangentPass();
    for (Node node : reverse) {
      if (node.op.isLoss()) {
        node.op.vjpTangent(node, node.tangentAdjoint);
      } else {
        node.op.vjp(node, node.tangentAdjoint);
      }
    }
    clear(product);
  }

  private void tangentPass() {
    requireCurvature("a product");
    if (!kept) {
      throw new IllegalStateException(
          "a product: no point is kept; call keep() after the last pass or change of data");
    }
    for (int i = reverse.size() - 1; i >= 0; i--) {
      Node node = reverse.get(i);
      node.op.jvp(node);
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
    forward.forEach(node -> node.packed.forEach(PackedMatrix::close));
    owned.forEach(Buffer::close);
  }
}
