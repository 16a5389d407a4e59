package dev.evolute.autodiff.nn;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import java.util.List;
import java.util.Locale;

/** A network that can be recorded in a {@link Graph}. */
public interface Model {
  /** Its parameters in the order of theta. */
  List<Parameter> parameters();

  /**
   * Declares the parameters and records the network on {@code x [samples x inputs]}; returns its
   * output {@code [samples x outputs]}. A model of sequences takes token ids {@code [samples x
   * length]} and gives one row for each token, {@code [samples length x outputs]}.
   */
  Value record(Graph graph, Value x);

  /** How it starts unless told otherwise: as its paper has it, else as libraries do. */
  default Initialisation start() {
    return Initialisation.libraryDefault();
  }

  /**
   * The same network as it is evaluated: without drop path, batch norms with running statistics.
   */
  default Model evaluation() {
    return this;
  }

  /**
   * Sets the data of a program that are drawn anew for each step of training: the masks of drop
   * path. Without them a model in training is not complete.
   *
   * @param program that this model was recorded for
   */
  default void draw(Program program, long seed, long step) {}

  /** Number of parameters P. */
  default long size() {
    return parameters().stream().mapToLong(Parameter::size).sum();
  }

  /** What it is, each parameter with its shape and size, and their number, one a line. */
  default String summary() {
    int width = parameters().stream().mapToInt(p -> p.name().length()).max().orElse(0);
    String line = "  %-" + Math.max(6, width) + "s %-16s %,12d%n";
    StringBuilder text = new StringBuilder(this + "\n");
    for (Parameter p : parameters()) {
      String shape = "[" + p.rows() + " x " + p.cols() + "]";
      text.append(String.format(Locale.ROOT, line, p.name(), shape, p.size()));
    }
    return text.append(String.format(Locale.ROOT, "%,d parameters%n", size())).toString();
  }

  /**
   * A parameter of a model.
   *
   * @param name W1, b1, ...: biases begin with b
   */
  record Parameter(String name, int rows, int cols) {
    /** Number of elements. */
    public long size() {
      return (long) rows * cols;
    }
  }
}
