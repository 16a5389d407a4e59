package dev.evolute.autodiff.graph;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Matrix;
import dev.evolute.kernels.Operand;
import dev.evolute.kernels.PackedMatrix;
import dev.evolute.kernels.Targets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An operation of a compiled {@link Program}, bound to its buffers; running it allocates nothing.
 */
public final class Node {
  final Op op;
  final Value value;
  final Matrix[] in;
  final Matrix[] tangentIn;
  final Adjoint adjoint;
  final Adjoint tangentAdjoint;
  final List<PackedMatrix> packed = new ArrayList<>();

  /** State by name, fp64, which outlives passes, of all programs that share it. */
  private final Map<String, Buffer> state;

  Matrix out;
  Matrix tangentOut;
  Buffer[] saved;
  Buffer[] kept;
  Buffer[] savedTangent;
  private final Kernels kernels;

  /** What runs when the program is closed; shared by all views of this node. */
  private final List<Runnable> releases;

  /** Zeros and scratch in the shapes of the inputs, where something was not there; shared too. */
  private final Matrix[] zeros;

  private final Matrix[] scratch;
  private Operand[] operands = new Operand[0];
  private Targets targets;
  private Object held;

  Node(Value value, Kernels kernels, Map<String, Buffer> state) {
    this.op = value.op();
    this.value = value;
    this.kernels = kernels;
    this.state = state;
    int inputs = value.inputs().size();
    releases = new ArrayList<>();
    zeros = new Matrix[inputs];
    scratch = new Matrix[inputs];
    in = new Matrix[inputs];
    tangentIn = new Matrix[inputs];
    adjoint = new Adjoint(inputs);
    tangentAdjoint = new Adjoint(inputs);
  }

  /** The same operation on the same primal buffers, with an adjoint of its own. */
  private Node(Node original, Adjoint adjoint, Buffer[] kept) {
    op = original.op;
    value = original.value;
    kernels = original.kernels;
    state = original.state;
    releases = original.releases;
    zeros = original.zeros;
    scratch = original.scratch;
    in = original.in;
    tangentIn = original.tangentIn.clone();
    this.adjoint = adjoint;
    tangentAdjoint = new Adjoint(original.tangentAdjoint);
    out = original.out;
    tangentOut = original.tangentOut;
    saved = original.saved;
    savedTangent = original.savedTangent;
    this.kept = kept;
    operands = original.operands;
    targets = original.targets;
    held = original.held;
  }

  /** This node where the tangents of {@code moved} values only are not zero. */
  Node moving(Set<Value> moved) {
    Node view = new Node(this, adjoint, kept);
    for (int i = 0; i < tangentIn.length; i++) {
      if (!moved.contains(value.inputs().get(i))) {
        view.tangentIn[i] = null;
      }
    }
    return view;
  }

  /** This node in the reverse pass of another function of theta. */
  Node withCotangents(Adjoint adjoint, Buffer[] kept) {
    return new Node(this, adjoint, kept);
  }

  /** Whether the tangent of an input is not zero. */
  boolean moves() {
    for (Matrix tangent : tangentIn) {
      if (tangent != null) {
        return true;
      }
    }
    return false;
  }

  /** The kernels that compute it, in the program's type. */
  public Kernels kernels() {
    return kernels;
  }

  /** Value of input i. */
  public Matrix in(int i) {
    return in[i];
  }

  /** Where the result goes; for a term of the loss one fp64 element. */
  public Matrix out() {
    return out;
  }

  /** Tangent of input i, or null where it is zero because no parameter in it moves. */
  public Matrix tangentIn(int i) {
    return tangentIn[i];
  }

  /** Where the result's tangent goes; a null one in {@link #tangentIn} counts as zero. */
  public Matrix tangentOut() {
    return tangentOut;
  }

  /** The cotangents of the reverse pass, as the last one left them. */
  public Adjoint adjoint() {
    return adjoint;
  }

  /** Buffer i of {@link Op#saved}. */
  public Buffer saved(int i) {
    return saved[i];
  }

  /** Buffer i of {@link Op#kept}. */
  public Buffer kept(int i) {
    return kept[i];
  }

  /** Buffer i of {@link Op#savedTangent}. */
  public Buffer savedTangent(int i) {
    return savedTangent[i];
  }

  /** The tangent of input i, or zeros where it does not move. */
  public Matrix tangentOrZeros(int i) {
    return tangentIn[i] != null ? tangentIn[i] : blank(zeros, i);
  }

  /** Room in the shape of input i for a derivative that nobody asked for. */
  public Matrix scratch(int i) {
    return blank(scratch, i);
  }

  private Matrix blank(Matrix[] blanks, int i) {
    if (blanks[i] == null) {
      Shape shape = value.inputs().get(i).shape();
      Buffer memory = allocate(kernels.dtype(), shape.size());
      blanks[i] = Matrix.of(memory, shape.rows(), shape.cols());
    }
    return blanks[i];
  }

  /** The name of input i. */
  public String inputName(int i) {
    return value.inputs().get(i).name();
  }

  /** Whether input i is data: fixed until it is set anew, so that packing it once pays. */
  public boolean isData(int i) {
    return value.inputs().get(i).isData();
  }

  /** Keeps operands between {@link Op#bind} and the passes. */
  public void operands(Operand... operands) {
    this.operands = operands;
  }

  /** What {@link #operands(Operand...)} kept. */
  public Operand operand(int i) {
    return operands[i];
  }

  /** Keeps what logits are compared with, as {@link #operands(Operand...)} does. */
  public void targets(Targets targets) {
    this.targets = targets;
  }

  /** What {@link #targets(Targets)} kept. */
  public Targets targets() {
    return targets;
  }

  /** Keeps what {@link Op#bind} made of the buffers of this node. */
  public void hold(Object object) {
    held = object;
  }

  /** What {@link #hold} was given. */
  public Object held() {
    return held;
  }

  /** Runs when the program is closed. */
  public void onClose(Runnable release) {
    releases.add(release);
  }

  /** New memory that is freed with the program. */
  public Buffer allocate(DType dtype, long length) {
    Buffer buffer = kernels.device().allocate(dtype, length);
    onClose(buffer::close);
    return buffer;
  }

  /**
   * Numbers in fp64 that outlive passes, for {@link Op#bind}: only {@link Op#advance} changes them.
   * Programs that share theta share them.
   *
   * @param name unique in the program
   * @param initial the value of all
   */
  public Buffer state(String name, long length, double initial) {
    return state.computeIfAbsent(
        name,
        absent -> {
          Buffer buffer = kernels.device().allocate(DType.F64, length);
          double[] values = new double[Math.toIntExact(length)];
          Arrays.fill(values, initial);
          buffer.set(values);
          return buffer;
        });
  }

  /** Frees what is not in the program's memory plan. */
  void close() {
    packed.forEach(PackedMatrix::close);
    releases.forEach(Runnable::run);
  }

  /** Packs a matrix for as long as the program lives; it is packed again when data are set. */
  public PackedMatrix pack(Matrix matrix) {
    PackedMatrix copy = kernels.pack(matrix);
    packed.add(copy);
    return copy;
  }
}
