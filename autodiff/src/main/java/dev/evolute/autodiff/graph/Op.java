package dev.evolute.autodiff.graph;

import dev.evolute.kernels.Matrix;
import java.util.List;

/**
 * A differentiable operation {@code y = f(x_1, x_2, ...)}. It knows four things, from which all
 * first and second derivatives of a program follow; {@code d} is a cotangent, a prime a tangent, J
 * the Jacobian at the present inputs:
 *
 * <pre>
 *   forward      y    = f(x)
 *   vjp          dx   = J^T dy
 *   jvp          y'   = J x'
 *   vjpTangent   dx'  = J^T dy' + (J')^T dy       the derivative of vjp along x'
 * </pre>
 *
 * A pass calls it where it has something to do: {@code jvp} and {@code vjpTangent} where at least
 * one input moves, {@code vjp} where at least one cotangent is wanted. Of several inputs others may
 * stand still, and have a null tangent, or not be wanted.
 *
 * <p>An operation has no state of its own; what it works on is the {@link Node} it is given. A
 * cotangent is written as {@code dx = beta dx + ...} with the node's beta: 0 for the first writer
 * of a value used several times, 1 for the others.
 */
public interface Op {
  /** The name in messages: {@code matmul}. */
  String name();

  /** Number of inputs. */
  default int arity() {
    return 2;
  }

  /**
   * The shape of the result, for inputs as many as {@link #arity}.
   *
   * @throws IllegalArgumentException with both shapes if the inputs do not fit
   */
  Shape shape(List<Value> inputs);

  /** Sizes of what {@code forward} leaves for the reverse pass beside its result. */
  default long[] saved(List<Value> inputs) {
    return new long[0];
  }

  /** Sizes of what {@link #keep} prepares at a point for {@code vjpTangent}. */
  default long[] kept(List<Value> inputs) {
    return new long[0];
  }

  /** Sizes of what {@link #jvp} leaves beside its result for {@link #vjpTangent}. */
  default long[] savedTangent(List<Value> inputs) {
    return new long[0];
  }

  /** Elements of the data that {@link #bind} packs, without their padding. */
  default long packed(List<Value> inputs) {
    return 0;
  }

  /**
   * Whether the reverse passes read the values of the inputs, so that they must outlive forward.
   */
  default boolean readsInputs() {
    return false;
  }

  /** Whether the reverse pass reads the result, so that it must outlive forward. */
  default boolean readsResult() {
    return false;
  }

  /** Whether this is a term of the loss: its Hessian belongs to the Gauss-Newton product. */
  default boolean isLoss() {
    return false;
  }

  /**
   * Whether row r of the result depends on row r of the first input only, and on the others as
   * wholes: samples in rows then stay apart, and {@link #vjpRows} gives their gradients.
   */
  default boolean actsOnRows() {
    return false;
  }

  /**
   * Prepares what a node needs besides buffers, once, when a program is compiled. Its operands may
   * be inputs and saved buffers; cotangents and kept buffers differ from pass to pass.
   */
  default void bind(Node n) {}

  /**
   * Writes the result to {@link Node#out()}, and what the reverse pass needs to {@link Node#saved}.
   */
  void forward(Node n);

  /**
   * Lets what outlives a pass follow the last forward pass: the running statistics of a batch
   * normalisation. A step of training asks for it; no pass does, so that a probe changes nothing.
   */
  default void advance(Node n) {}

  /**
   * Adds to the cotangents of the inputs that are wanted: {@code dx_i = beta_i dx_i + J_i^T dy}.
   */
  void vjp(Node n, Adjoint d);

  /**
   * The derivative with respect to a parameter as second input, sample by sample: adds that of row
   * {@code from + r} of the result, for the cotangent in {@link Node#adjoint()}, to row r of {@code
   * gradients} from column {@code at} on. Only for operations of two inputs that {@link
   * #actsOnRows}.
   *
   * @param gradients {@code [samples x P]}, dense
   */
  default void vjpRows(Node n, int from, Matrix gradients, long at) {
    throw new UnsupportedOperationException(name() + " has no gradients of single samples");
  }

  /**
   * Computes what stays fixed over all products at a point, after {@code forward} and {@code vjp}.
   */
  default void keep(Node n) {}

  /** Writes the tangent of the result, from those of the inputs that move: {@code y' = J x'}. */
  void jvp(Node n);

  /** With {@code d'} as the adjoint; {@link Node#adjoint()} holds {@code d}. */
  void vjpTangent(Node n, Adjoint tangent);
}
