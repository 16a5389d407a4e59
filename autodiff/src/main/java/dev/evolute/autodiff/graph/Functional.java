package dev.evolute.autodiff.graph;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code phi = <u, z>} of one value z of a program and fixed weights u, at the kept point: a second
 * function of theta beside the loss. Values are the program's; the cotangents {@code d phi} are its
 * own, so that the loss keeps its own too.
 */
public final class Functional implements AutoCloseable {
  private final Program program;
  private final Buffer memory;
  private final List<Node> nodes = new ArrayList<>();
  private final Node end;
  private final Linearization passes;
  private final List<RowGradient> rowGradients;

  /** One input 1 of a row-wise node, and where its derivative stands in theta. */
  private record RowGradient(Node node, long offset) {}

  Functional(Program program, List<Node> ancestors) {
    this.program = program;
    MemoryPlan plan = new MemoryPlan();
    Map<Node, List<MemoryPlan.Slot>> slots = new HashMap<>();
    for (Node node : ancestors) {
      if (node.value.differentiable()) {
        List<MemoryPlan.Slot> own = new ArrayList<>();
        own.add(plan.slot(node.value.shape().size(), 0, 0));
        for (Buffer kept : node.kept) {
          own.add(plan.slot(kept.length(), 0, 0));
        }
        slots.put(node, own);
      }
    }
    memory = program.device().allocate(program.dtype(), plan.place());
    Map<Value, Matrix> cotangents = new HashMap<>();
    for (Node node : ancestors) {
      if (node.value.differentiable()) {
        nodes.add(node(node, slots.get(node), cotangents));
      }
    }
    end = nodes.get(nodes.size() - 1);
    Binding.accumulate(nodes.reversed());
    List<Value> parameters = program.graph().parameters();
    passes = new Linearization(program, nodes, parameters, parameters, end);
    rowGradients = rowGradients();
  }

  private Node node(Node node, List<MemoryPlan.Slot> slots, Map<Value, Matrix> cotangents) {
    Adjoint adjoint = new Adjoint(node.in.length);
    Shape shape = node.value.shape();
    Buffer cotangent = memory.view(slots.get(0).offset, shape.size());
    adjoint.out = Matrix.of(cotangent, shape.rows(), shape.cols());
    cotangents.put(node.value, adjoint.out);
    for (int i = 0; i < adjoint.in.length; i++) {
      adjoint.in[i] = cotangents.get(node.value.inputs().get(i));
    }
    Buffer[] kept = new Buffer[node.kept.length];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = memory.view(slots.get(i + 1).offset, node.kept[i].length());
    }
    return node.withCotangents(adjoint, kept);
  }

  /** The weights u, in the shape of the value; to be written before {@link #keep}. */
  public Buffer weights() {
    return end.adjoint.out.buffer();
  }

  /** Computes the cotangents of all values for the present weights, at the kept point. */
  public void keep() {
    program.requireKept();
    for (Node node : nodes.reversed()) {
      if (node.adjoint.wantsAny()) {
        node.op.vjp(node, node.adjoint);
      }
      node.op.keep(node);
    }
  }

  /** {@link Program#product()} = {@code (Hess phi) v} for v in {@link Program#tangent()}. */
  public void hessianPass() {
    passes.tangentPass();
    program.kernels().fill(0, passes.endCotangent());
    passes.hessianReverse();
  }

  /** {@link Program#product()} = {@code grad phi}. */
  public void gradientPass() {
    program.kernels().copy(weights(), passes.endCotangent());
    passes.vjpPass();
  }

  /**
   * The gradients of single samples, {@code grad <u_r, z_r>} for the rows r of z, one a row. Where
   * every operation works on the rows of its first input, they are outer products of what is kept;
   * otherwise each takes a reverse pass of its own.
   *
   * @param from the first sample
   * @param rows {@code [samples x P]}, dense, written
   */
  public void rowGradients(int from, Matrix rows) {
    program.requireKept();
    long size = program.size();
    Kernels kernels = program.kernels();
    if (rowGradients == null) {
      for (int r = 0; r < rows.rows(); r++) {
        rowGradient(from + r, rows.buffer().view(r * size, size));
      }
      return;
    }
    kernels.fill(0, rows.buffer().view(0, rows.rows() * size));
    for (RowGradient g : rowGradients) {
      g.node.op.vjpRows(g.node, from, rows, g.offset);
    }
  }

  private void rowGradient(int row, Buffer gradient) {
    Kernels kernels = program.kernels();
    long width = end.value.shape().cols();
    kernels.fill(0, passes.endCotangent());
    kernels.copy(
        weights().view(row * width, width), passes.endCotangent().view(row * width, width));
    passes.vjpPass();
    kernels.copy(program.product(), gradient);
  }

  /** Null where some node mixes rows, or shares what is computed from parameters between them. */
  private List<RowGradient> rowGradients() {
    List<RowGradient> found = new ArrayList<>();
    for (Node node : nodes.reversed()) {
      List<Value> inputs = node.value.inputs();
      if (!node.op.actsOnRows() || inputs.get(0).isParameter()) {
        return null;
      }
      for (Value input : inputs.subList(1, inputs.size())) {
        if (input.isParameter()) {
          found.add(new RowGradient(node, input.offset()));
        } else if (input.differentiable()) {
          return null;
        }
      }
    }
    return found;
  }

  /** Frees the cotangents. */
  @Override
  public void close() {
    memory.close();
  }
}
