package dev.evolute.autodiff.io;

import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Theta in a file, by the names of its parameters: .safetensors or .npz, each parameter {@code
 * [rows x cols]}; or .npy, theta whole as a vector {@code [P]}. What is loaded must fit exactly:
 * the same names, shapes but for dimensions of 1, and a type that loses nothing, so F32 into a
 * program of F64 but not the reverse. Theta changes only if all fits.
 *
 * <p>Running statistics of batch normalisations ({@link Objective#state}) stand beside the
 * parameters, in F64, in the formats that have names.
 */
public final class ParameterFile {
  private ParameterFile() {}

  /** Writes theta and the state of an objective; the file is there whole or not at all. */
  public static void save(Path path, Objective objective) throws IOException {
    save(path, objective.parameters(), objective.theta(), objective.state());
  }

  /**
   * Writes theta.
   *
   * @param parameters of a graph, in the order of theta
   * @param theta {@code [P]}
   */
  public static void save(Path path, List<Value> parameters, Buffer theta) throws IOException {
    save(path, parameters, theta, Map.of());
  }

  private static void save(
      Path path, List<Value> parameters, Buffer theta, Map<String, Buffer> state)
      throws IOException {
    switch (Format.of(path)) {
      case SAFETENSORS -> Safetensors.write(path, tensors(parameters, theta, state));
      case NPZ -> Npz.write(path, tensors(parameters, theta, state));
      case NPY -> Npy.write(path, Tensor.of(theta.dtype(), theta.toArray(), (int) theta.length()));
    }
  }

  /**
   * Reads theta and, where there are names, the state of an objective.
   *
   * @throws IOException if the file cannot be read or is malformed
   * @throws IllegalArgumentException if it does not fit the objective
   */
  public static void load(Path path, Objective objective) throws IOException {
    load(path, objective.parameters(), objective.theta(), objective.state());
  }

  /**
   * Reads theta.
   *
   * @param parameters of a graph, in the order of theta
   * @param theta {@code [P]}, written
   */
  public static void load(Path path, List<Value> parameters, Buffer theta) throws IOException {
    load(path, parameters, theta, Map.of());
  }

  private static void load(
      Path path, List<Value> parameters, Buffer theta, Map<String, Buffer> state)
      throws IOException {
    switch (Format.of(path)) {
      case SAFETENSORS -> fill(path.toString(), Safetensors.read(path), parameters, theta, state);
      case NPZ -> fill(path.toString(), Npz.read(path), parameters, theta, state);
      case NPY -> {
        Tensor all = Npy.read(path);
        if (!all.shape().equals(List.of((int) theta.length()))) {
          throw new IllegalArgumentException(
              path + ": the array is " + all.shape() + ", theta [" + theta.length() + "]");
        }
        requireExact(path.toString(), all.dtype(), theta);
        theta.set(all.values());
      }
    }
  }

  /** Theta and state of an objective by name, as {@link #save} writes them. */
  public static Map<String, Tensor> tensors(Objective objective) {
    return tensors(objective.parameters(), objective.theta(), objective.state());
  }

  /** Fills theta and state of an objective from arrays by name, as {@link #load} does. */
  public static void fill(Map<String, Tensor> tensors, Objective objective) {
    fill("parameters", tensors, objective.parameters(), objective.theta(), objective.state());
  }

  private enum Format {
    SAFETENSORS,
    NPZ,
    NPY;

    static Format of(Path path) {
      String name = path.getFileName().toString();
      for (Format format : values()) {
        if (name.endsWith("." + format.name().toLowerCase(Locale.ROOT))) {
          return format;
        }
      }
      throw new IllegalArgumentException(
          path + ": the format follows from the name; end it with .safetensors, .npz or .npy");
    }
  }

  private static Map<String, Tensor> tensors(
      List<Value> parameters, Buffer theta, Map<String, Buffer> state) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Value p : parameters) {
      double[] values = new double[Math.toIntExact(p.shape().size())];
      theta.read(p.offset(), values, 0, values.length);
      Tensor tensor = Tensor.of(theta.dtype(), values, p.shape().rows(), p.shape().cols());
      if (tensors.put(p.name(), tensor) != null) {
        throw new IllegalArgumentException(
            "save: two parameters are named " + p.name() + "; give each a name of its own");
      }
    }
    state.forEach(
        (name, numbers) ->
            tensors.put(name, Tensor.of(DType.F64, numbers.toArray(), (int) numbers.length())));
    return tensors;
  }

  private static void fill(
      String place,
      Map<String, Tensor> tensors,
      List<Value> parameters,
      Buffer theta,
      Map<String, Buffer> state) {
    Set<String> expected = new LinkedHashSet<>(state.keySet());
    parameters.forEach(p -> expected.add(p.name()));
    Set<String> unknown = new LinkedHashSet<>(tensors.keySet());
    unknown.removeAll(expected);
    Set<String> missing = expected;
    missing.removeAll(tensors.keySet());
    if (!missing.isEmpty() || !unknown.isEmpty()) {
      throw new IllegalArgumentException(
          place + ": the names differ; not there: " + missing + ", not in the graph: " + unknown);
    }
    for (Value p : parameters) {
      Tensor tensor = tensors.get(p.name());
      requireShape(place, p.name(), tensor, List.of(p.shape().rows(), p.shape().cols()));
      requireExact(place + ", " + p.name(), tensor.dtype(), theta);
    }
    state.forEach(
        (name, numbers) ->
            requireShape(place, name, tensors.get(name), List.of((int) numbers.length())));
    for (Value p : parameters) {
      double[] values = tensors.get(p.name()).values();
      theta.write(p.offset(), values, 0, values.length);
    }
    state.forEach((name, numbers) -> numbers.set(tensors.get(name).values()));
  }

  private static void requireShape(
      String place, String name, Tensor tensor, List<Integer> expected) {
    if (!significant(tensor.shape()).equals(significant(expected))) {
      throw new IllegalArgumentException(
          place + ", " + name + ": the array is " + tensor.shape() + ", expected " + expected);
    }
  }

  /** Dimensions other than 1: a bias {@code [1 x d]} may stand as {@code [d]}. */
  private static List<Integer> significant(List<Integer> shape) {
    return shape.stream().filter(d -> d != 1).toList();
  }

  private static void requireExact(String place, DType dtype, Buffer theta) {
    if (dtype == DType.F64 && theta.dtype() == DType.F32) {
      throw new IllegalArgumentException(
          place
              + ": the file holds F64, theta F32, which would round; compile for F64, or round with"
              + " Tensor.to(DType.F32) and fill");
    }
  }
}
