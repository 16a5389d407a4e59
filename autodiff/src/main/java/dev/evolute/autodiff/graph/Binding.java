package dev.evolute.autodiff.graph;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the nodes of a program: each value of a layout with the views of memory it works on. */
final class Binding {
  private final Buffer primal;
  private final Layout layout;
  private final Kernels kernels;
  private final Vectors vectors;
  private final Map<Value, Buffer> data;
  private final Map<Value, Node> nodes = new HashMap<>();

  /**
   * @param primal the layout's primal elements
   * @param data the memory of each value that is data
   */
  Binding(Buffer primal, Layout layout, Kernels kernels, Vectors vectors, Map<Value, Buffer> data) {
    this.primal = primal;
    this.layout = layout;
    this.kernels = kernels;
    this.vectors = vectors;
    this.data = data;
  }

  /**
   * The node of a value, after those of its inputs.
   *
   * @param loss one fp64 element for a term of the loss, else null
   */
  Node node(Value value, Buffer loss) {
    Node node = new Node(value, kernels, vectors.state());
    nodes.put(value, node);
    Layout.Places p = layout.places.get(value);
    Shape shape = value.shape();
    node.out = loss == null ? matrix(primal, p.out, shape) : Matrix.of(loss, 1, 1);
    node.adjoint.out = matrix(primal, p.cotangent, shape);
    node.tangentOut = matrix(vectors.scratch(), p.tangent, shape);
    node.tangentAdjoint.out = matrix(vectors.scratch(), p.tangentCotangent, shape);
    node.saved = views(primal, p.saved, value.op().saved(value.inputs()));
    node.kept = views(primal, p.kept, value.op().kept(value.inputs()));
    node.savedTangent =
        views(vectors.scratch(), p.savedTangent, value.op().savedTangent(value.inputs()));
    for (int i = 0; i < value.inputs().size(); i++) {
      input(node, i, value.inputs().get(i));
    }
    return node;
  }

  private void input(Node node, int i, Value input) {
    if (input.isData()) {
      node.in[i] = Matrix.of(data.get(input), input.shape().rows(), input.shape().cols());
    } else if (input.isParameter()) {
      node.in[i] = part(vectors.theta(), input);
      node.adjoint.in[i] = part(vectors.gradient(), input);
      if (layout.curved) {
        node.tangentIn[i] = part(vectors.tangent(), input);
        node.tangentAdjoint.in[i] = part(vectors.product(), input);
      }
    } else {
      Node source = nodes.get(input);
      node.in[i] = source.out;
      node.adjoint.in[i] = source.adjoint.out;
      node.tangentIn[i] = source.tangentOut;
      node.tangentAdjoint.in[i] = source.tangentAdjoint.out;
    }
  }

  private static Matrix matrix(Buffer memory, MemoryPlan.Slot slot, Shape shape) {
    if (slot == null) {
      return null;
    }
    return Matrix.of(memory.view(slot.offset, shape.size()), shape.rows(), shape.cols());
  }

  private static Buffer[] views(Buffer memory, List<MemoryPlan.Slot> slots, long[] sizes) {
    Buffer[] views = new Buffer[slots.size()];
    for (int i = 0; i < views.length; i++) {
      views[i] = memory.view(slots.get(i).offset, sizes[i]);
    }
    return views;
  }

  /** A parameter in a vector {@code [P]}. */
  static Matrix part(Buffer flat, Value parameter) {
    Shape shape = parameter.shape();
    return Matrix.of(flat.view(parameter.offset(), shape.size()), shape.rows(), shape.cols());
  }

  /** In a reverse pass the first writer of a cotangent overwrites, later ones add. */
  static void accumulate(List<Node> reverse) {
    Set<Value> written = new HashSet<>();
    for (Node node : reverse) {
      for (int i = 0; i < node.adjoint.in.length; i++) {
        if (node.adjoint.wants(i)) {
          node.adjoint.beta[i] = written.add(node.value.inputs().get(i)) ? 0 : 1;
        }
      }
    }
  }
}
