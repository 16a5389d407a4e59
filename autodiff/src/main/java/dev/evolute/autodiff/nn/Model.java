package dev.evolute.autodiff.nn;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Value;
import java.util.List;
import java.util.Locale;

/** A network that can be recorded in a {@link Graph}. */
public interface Model {
  /** Its parameters in the order of theta. */
  List<Parameter> parameters();

  /**
   * Declares the parameters and records the network on {@code x [samples x inputs]}; returns its
   * output {@code [samples x outputs]}.
   */
  Value record(Graph graph, Value x);

  /** Number of parameters P. */
  default long size() {
    return parameters().stream().mapToLong(Parameter::size).sum();
  }

  /** What it is, each parameter with its shape and size, and their number, one a line. */
  default String summary() {
    StringBuilder text = new StringBuilder(this + "\n");
    for (Parameter p : parameters()) {
      String shape = "[" + p.rows() + " x " + p.cols() + "]";
      text.append(String.format(Locale.ROOT, "  %-6s %-16s %,12d%n", p.name(), shape, p.size()));
    }
    return text.append(String.format(Locale.ROOT, "%,d parameters%n", size())).toString();
  }

  /**
   * A parameter of a model.
   *
   * @param name W1, b1, ...: biases begin with b
   */
  record Parameter(String name, int rows, int cols) {
    public long size() {
      return (long) rows * cols;
    }
  }
}
