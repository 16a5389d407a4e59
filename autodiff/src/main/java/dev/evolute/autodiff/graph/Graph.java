package dev.evolute.autodiff.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A model and its loss, recorded once: data, parameters, operations, and the terms whose sum is the
 * loss. Parameters stand one behind the other in theta, in the order in which they are declared.
 * Nothing is computed here; {@link Program#compile} makes a graph run.
 */
public final class Graph {
  private final List<Value> data = new ArrayList<>();
  private final List<Value> parameters = new ArrayList<>();
  private final List<Value> terms = new ArrayList<>();
  private final List<Value> computed = new ArrayList<>();
  private long size;
  private boolean compiled;

  /** An empty graph. */
  public Graph() {}

  /** Data of a fixed shape; its values are set on the program. */
  public Value data(String name, int rows, int cols) {
    open(name);
    Value value = new Value(this, Value.Kind.DATA, name, positive(name, rows, cols), -1);
    data.add(value);
    return value;
  }

  /** The next parameter of theta. */
  public Value parameter(String name, int rows, int cols) {
    open(name);
    Value value = new Value(this, Value.Kind.PARAMETER, name, positive(name, rows, cols), size);
    parameters.add(value);
    size += value.shape().size();
    return value;
  }

  /**
   * The parameter of this name; of several, the first.
   *
   * @throws IllegalArgumentException with all names if there is none
   */
  public Value parameter(String name) {
    for (Value parameter : parameters) {
      if (parameter.name().equals(name)) {
        return parameter;
      }
    }
    throw new IllegalArgumentException(
        "parameter: there is no '" + name + "'; this graph has " + parameters);
  }

  /** No more can be recorded: programs share the graph from here on. */
  void close() {
    compiled = true;
  }

  private void open(String what) {
    if (compiled) {
      throw new IllegalStateException(
          what + ": the graph has been compiled and cannot grow; record a new one");
    }
  }

  private static Shape positive(String name, int rows, int cols) {
    if (rows < 1 || cols < 1) {
      throw new IllegalArgumentException(
          name + ": shape [" + rows + " x " + cols + "] is empty; both sizes must be at least 1");
    }
    return new Shape(rows, cols);
  }

  /**
   * The result of an operation.
   *
   * @throws IllegalArgumentException if the shapes do not fit, or a value is of another graph
   */
  public Value apply(Op op, Value... inputs) {
    if (op.isLoss()) {
      throw new IllegalArgumentException(
          op.name() + ": a term of the loss has no result to compute with; use loss(...)");
    }
    return record(op, inputs);
  }

  /** Adds a term to the loss; the loss is the sum of all terms. */
  public void loss(Op op, Value... inputs) {
    if (!op.isLoss()) {
      throw new IllegalArgumentException(
          op.name() + ": not a loss; give a scalar term such as a squared error");
    }
    terms.add(record(op, inputs));
  }

  private Value record(Op op, Value... inputs) {
    if (inputs.length != op.arity()) {
      throw new IllegalArgumentException(
          op.name() + ": takes " + op.arity() + " inputs, " + inputs.length + " given");
    }
    open(op.name());
    List<Value> list = Arrays.asList(inputs.clone());
    for (Value input : list) {
      if (input == null) {
        throw new IllegalArgumentException(op.name() + ": an input is null");
      }
      if (input.graph() != this) {
        throw new IllegalArgumentException(
            op.name() + ": " + input + " was recorded in another graph");
      }
    }
    Value value = new Value(this, op, op.shape(list), list);
    computed.add(value);
    return value;
  }

  /** What is set from outside, in the order recorded. */
  public List<Value> data() {
    return List.copyOf(data);
  }

  /** The parameters, in the order in which they stand in theta. */
  public List<Value> parameters() {
    return List.copyOf(parameters);
  }

  /** Number of elements of theta. */
  public long size() {
    return size;
  }

  /** The terms of the loss. */
  public List<Value> terms() {
    return Collections.unmodifiableList(terms);
  }

  /**
   * The output of the network: the computed value that the terms of the loss are given.
   *
   * @throws IllegalStateException if there are several, or none
   */
  public Value output() {
    return output(terms);
  }

  static Value output(List<Value> terms) {
    List<Value> outputs =
        terms.stream()
            .map(term -> term.inputs().get(0))
            .filter(value -> value.differentiable() && !value.isParameter())
            .distinct()
            .toList();
    if (outputs.size() != 1) {
      throw new IllegalStateException(
          "output: the loss is given " + outputs + "; name the value that is the output");
    }
    return outputs.getFirst();
  }

  /** Results in the order in which they were recorded, hence each after its inputs. */
  public List<Value> computed() {
    return Collections.unmodifiableList(computed);
  }
}
