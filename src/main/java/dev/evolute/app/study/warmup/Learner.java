package dev.evolute.app.study.warmup;

import dev.evolute.app.data.Samples;
import dev.evolute.app.model.NamedModel;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;

/**
 * A network that learns from mini-batches, as Figures 1 to 5 of paper 000 have them.
 *
 * @param label name in files: letters, digits and hyphens
 * @param title name in figures
 * @param model the network and its loss
 * @param samples to learn from
 * @param batch samples a step
 * @param dtype of everything
 * @param smooth whether its loss has second derivatives everywhere: not so with ReLUs
 */
record Learner(
    String label,
    String title,
    NamedModel model,
    Samples samples,
    int batch,
    DType dtype,
    boolean smooth) {

  private Graph graph() {
    Graph graph = new Graph();
    model.loss(batch).record(graph, batch);
    return graph;
  }

  /** Bytes of a program with products. */
  long bytes() {
    return Program.estimate(graph(), dtype, Program.Purpose.CURVATURE);
  }

  /** Parameters P. */
  long size() {
    return model.network().size();
  }

  /** One of its programs, at its start. */
  Program compile(Device device, long seed) {
    Program program = Program.compile(graph(), device, dtype, Program.Purpose.CURVATURE);
    model.start().fill(program, seed);
    return program;
  }

  /** Room for one batch, and the way of it into a program. */
  final class Loader {
    private final Program program;
    private final Value xs;
    private final Value ys;
    private final double[] x = new double[batch * samples.inputs()];
    private final double[] y = new double[batch * samples.targets()];

    Loader(Program program) {
      this.program = program;
      xs = data(program, "x");
      ys = data(program, "y");
    }

    private static Value data(Program program, String name) {
      return program.graph().data().stream()
          .filter(value -> value.name().equals(name))
          .findFirst()
          .orElseThrow();
    }

    void load(int[] which) {
      for (int i = 0; i < batch; i++) {
        samples.write(which[i], x, i * samples.inputs(), y, i * samples.targets());
      }
      program.set(xs, x);
      program.set(ys, y);
    }
  }
}
