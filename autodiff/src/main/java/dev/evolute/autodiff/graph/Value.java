package dev.evolute.autodiff.graph;

import java.util.List;

/** A matrix in a {@link Graph}: data, a parameter, or the result of an operation. */
public final class Value {
  /** Where a value comes from. */
  enum Kind {
    DATA,
    PARAMETER,
    COMPUTED
  }

  private final Graph graph;
  private final Kind kind;
  private final String name;
  private final Shape shape;
  private final Op op;
  private final List<Value> inputs;
  private final long offset;
  private final boolean differentiable;

  Value(Graph graph, Kind kind, String name, Shape shape, long offset) {
    this.graph = graph;
    this.kind = kind;
    this.name = name;
    this.shape = shape;
    this.op = null;
    this.inputs = List.of();
    this.offset = offset;
    this.differentiable = kind == Kind.PARAMETER;
  }

  Value(Graph graph, Op op, Shape shape, List<Value> inputs) {
    this.graph = graph;
    this.kind = Kind.COMPUTED;
    this.name = op.name();
    this.shape = shape;
    this.op = op;
    this.inputs = inputs;
    this.offset = -1;
    this.differentiable = inputs.stream().anyMatch(Value::differentiable);
  }

  Graph graph() {
    return graph;
  }

  /** Its own of data and a parameter, of a result its operation's. */
  public String name() {
    return name;
  }

  /** Rows and columns, fixed when it was recorded. */
  public Shape shape() {
    return shape;
  }

  /** Whether it is set from outside and has no derivative. */
  public boolean isData() {
    return kind == Kind.DATA;
  }

  /** Whether it is a part of theta, from {@link #offset} on. */
  public boolean isParameter() {
    return kind == Kind.PARAMETER;
  }

  /** For a parameter: its first element in theta. */
  public long offset() {
    return offset;
  }

  /**
   * Whether it depends on a parameter; where it does not, no gradient flows and no tangent starts.
   */
  public boolean differentiable() {
    return differentiable;
  }

  /** What computes it; null of data and parameters. */
  public Op op() {
    return op;
  }

  /** What it is computed from; nothing for data and parameters. */
  public List<Value> inputs() {
    return inputs;
  }

  @Override
  public String toString() {
    return name + " " + shape;
  }
}
