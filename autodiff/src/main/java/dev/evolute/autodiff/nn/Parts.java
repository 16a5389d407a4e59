package dev.evolute.autodiff.nn;

import dev.evolute.autodiff.nn.Initialisation.Start;
import dev.evolute.autodiff.nn.Model.Parameter;
import java.util.ArrayList;
import java.util.List;

/** The parameters of a model of many parts, each with how it starts, in the order of theta. */
final class Parts {
  final List<Parameter> parameters = new ArrayList<>();
  final List<Start> starts = new ArrayList<>();

  void add(String name, int rows, int cols, Start start) {
    parameters.add(new Parameter(name, rows, cols));
    starts.add(start);
  }

  /** What starts at one value. */
  void row(String name, int cols, double value) {
    add(name, 1, cols, Start.constant(value));
  }
}
