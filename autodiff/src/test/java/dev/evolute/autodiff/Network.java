package dev.evolute.autodiff;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.graph.Reference;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Map;

/**
 * A recorded loss with its data and a point: what every fact about programs is checked on.
 *
 * @param name the case in test names
 * @param graph the loss
 * @param data what stands in each data value, row by row
 * @param theta the point
 * @param convex whether every term of the loss is convex in what it is given
 */
public record Network(
    String name, Graph graph, Map<Value, double[]> data, double[] theta, boolean convex) {

  /** A program with the data set and theta at the point. */
  public Program compile(Device device, DType dtype, Purpose purpose) {
    Program program = Program.compile(graph, device, dtype, purpose);
    data.forEach(program::set);
    program.theta().set(theta);
    return program;
  }

  public Program curvature(Device device) {
    return compile(device, DType.F64, Purpose.CURVATURE);
  }

  public Program training(Device device) {
    return compile(device, DType.F64, Purpose.TRAINING);
  }

  public Reference reference() {
    return Reference.of(graph, data, theta);
  }

  @Override
  public String toString() {
    return name;
  }
}
