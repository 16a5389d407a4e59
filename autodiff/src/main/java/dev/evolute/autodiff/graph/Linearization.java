package dev.evolute.autodiff.graph;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Matrix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The tangent passes of a program at its kept point, between some parameters. Made once, from views
 * of the program's nodes that leave out what is zero or not asked for:
 *
 * <pre>
 *   forward   the nodes a tangent of the columns reaches, on their way to the end
 *   reverse   the nodes between the end and the rows
 * </pre>
 *
 * The end is the loss, or one value: the output of the network. Passes count through their nodes,
 * because C2 does not remove every iterator. Whole products are what a device may record.
 */
final class Linearization implements Products {
  private final Program program;
  private final List<Node> forward = new ArrayList<>();
  private final List<Node> reverse = new ArrayList<>();
  private final List<Buffer> untouched = new ArrayList<>();
  private final Runnable hessian;
  private final Runnable gaussNewton;
  private final Runnable residual;
  private final Matrix endTangent;
  private final Matrix endCotangent;

  /**
   * @param nodes the nodes the end needs, in order
   * @param rows parameters whose derivatives are wanted
   * @param columns parameters that move
   * @param end null for the loss
   */
  Linearization(
      Program program,
      List<Node> nodes,
      Collection<Value> rows,
      Collection<Value> columns,
      Node end) {
    this.program = program;
    Device device = program.device();
    hessian = device.repeated(this::hessian);
    gaussNewton = device.repeated(this::gaussNewton);
    residual = device.repeated(this::residual);
    endTangent = end == null ? null : end.tangentOut;
    endCotangent = end == null ? null : end.tangentAdjoint.out;
    Set<Value> wanted = new HashSet<>(rows);
    Set<Value> moved = new HashSet<>(columns);
    List<Node> views = new ArrayList<>();
    for (Node node : nodes) {
      follow(node, wanted);
      follow(node, moved);
      views.add(node.moving(moved));
    }
    Collections.reverse(views);
    Set<Value> touched = new HashSet<>();
    Set<Value> needed = new HashSet<>();
    if (end != null) {
      touched.add(end.value);
      needed.add(end.value);
    }
    for (Node node : views) {
      boolean starts = node.op.isLoss() ? node.moves() : touched.contains(node.value);
      if (starts && wanted.contains(node.value)) {
        reverse.add(node);
        connect(node, wanted, touched);
        needed.addAll(node.value.inputs());
      }
    }
    for (Node node : views) {
      if (node.moves() && needed.contains(node.value)) {
        forward.add(node);
        needed.addAll(node.value.inputs());
      }
    }
    Collections.reverse(forward);
    for (Value row : rows) {
      if (!touched.contains(row)) {
        untouched.add(program.product().view(row.offset(), row.shape().size()));
      }
    }
  }

  private static void follow(Node node, Set<Value> reached) {
    for (Value input : node.value.inputs()) {
      if (reached.contains(input)) {
        reached.add(node.value);
      }
    }
  }

  /** The first writer of a cotangent overwrites, later ones add. */
  private static void connect(Node node, Set<Value> wanted, Set<Value> touched) {
    List<Value> inputs = node.value.inputs();
    for (int i = 0; i < inputs.size(); i++) {
      if (wanted.contains(inputs.get(i))) {
        node.tangentAdjoint.beta[i] = touched.add(inputs.get(i)) ? 0 : 1;
      } else {
        node.tangentAdjoint.in[i] = null;
      }
    }
  }

  /** Products with the Jacobian of the value at the end. */
  OutputPasses outputPasses() {
    Buffer tangent = endTangent.buffer();
    return new OutputPasses() {
      @Override
      public long size() {
        return tangent.length();
      }

      @Override
      public void jvpPass(Buffer to) {
        tangentPass();
        program.kernels().copy(tangent, to);
      }

      @Override
      public void vjpPass(Buffer from) {
        program.kernels().copy(from, endCotangent());
        Linearization.this.vjpPass();
      }
    };
  }

  /** The cotangent u of the value at the end, to be written before {@link #vjpPass}. */
  Buffer endCotangent() {
    return endCotangent.buffer();
  }

  @Override
  public void hessianPass() {
    program.requireKept();
    hessian.run();
  }

  private void hessian() {
    tangents();
    hessianReverse();
  }

  @Override
  public void gaussNewtonPass() {
    program.requireKept();
    gaussNewton.run();
  }

  private void gaussNewton() {
    tangents();
    gaussNewtonReverse();
  }

  @Override
  public void residualPass() {
    program.requireKept();
    residual.run();
  }

  private void residual() {
    tangents();
    residualReverse();
  }

  /** Tangents of all values along v in {@link Program#tangent()}. */
  void tangentPass() {
    program.requireKept();
    tangents();
  }

  private void tangents() {
    for (int i = 0; i < forward.size(); i++) {
      Node node = forward.get(i);
      node.op.jvp(node);
    }
  }

  /** {@code J^T u} to {@link Program#product()}; reads no tangent. */
  void vjpPass() {
    program.requireKept();
    for (int i = 0; i < reverse.size(); i++) {
      Node node = reverse.get(i);
      node.op.vjp(node, node.tangentAdjoint);
    }
    clear();
  }

  void hessianReverse() {
    for (int i = 0; i < reverse.size(); i++) {
      curve(reverse.get(i));
    }
    clear();
  }

  void gaussNewtonReverse() {
    for (int i = 0; i < reverse.size(); i++) {
      Node node = reverse.get(i);
      if (node.op.isLoss()) {
        node.op.vjpTangent(node, node.tangentAdjoint);
      } else {
        node.op.vjp(node, node.tangentAdjoint);
      }
    }
    clear();
  }

  /** The cotangents of what the loss is given do not move: {@code dz' = 0}. */
  void residualReverse() {
    for (int i = 0; i < reverse.size(); i++) {
      Node node = reverse.get(i);
      if (node.op.isLoss()) {
        rest(node.tangentAdjoint);
      } else {
        curve(node);
      }
    }
    clear();
  }

  private void rest(Adjoint tangent) {
    for (int i = 0; i < tangent.in.length; i++) {
      if (tangent.wants(i) && tangent.beta(i) == 0) {
        program.kernels().fill(0, tangent.inBuffer(i));
      }
    }
  }

  /** Where no input moves, vjp is linear in what does. */
  private static void curve(Node node) {
    if (node.moves()) {
      node.op.vjpTangent(node, node.tangentAdjoint);
    } else {
      node.op.vjp(node, node.tangentAdjoint);
    }
  }

  /** Parameters that nothing flows to have derivative zero. */
  private void clear() {
    for (int i = 0; i < untouched.size(); i++) {
      program.kernels().fill(0, untouched.get(i));
    }
  }
}
