package dev.evolute.autodiff.io;

import dev.evolute.autodiff.graph.Program;
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
 */
public final class ParameterFile {
  private ParameterFile() {}

  /** Writes a program's theta; the file is there whole or not at all. */
  public static void save(Path path, Program program) throws IOException {
    save(path, program.graph().parameters(), program.theta());
  }

  /**
   * Writes theta.
   *
   * @param parameters of a graph, in the order of theta
   * @param theta {@code [P]}
   */
  public static void save(Path path, List<Value> parameters, Buffer theta) throws IOException {
    switch (Format.of(path)) {
      case SAFETENSORS -> Safetensors.write(path, tensors(parameters, theta));
      case NPZ -> Npz.write(path, tensors(parameters, theta));
      case NPY -> Npy.write(path, Tensor.of(theta.dtype(), theta.toArray(), (int) theta.length()));
    }
  }

  /**
   * Reads a program's theta.
   *
   * @throws IOException if the file cannot be read or is malformed
   * @throws IllegalArgumentException if it does not fit the program
   */
  public static void load(Path path, Program program) throws IOException {
    load(path, program.graph().parameters(), program.theta());
  }

  /**
   * Reads theta.
   *
   * @param parameters of a graph, in the order of theta
   * @param theta {@code [P]}, written
   */
  public static void load(Path path, List<Value> parameters, Buffer theta) throws IOException {
    switch (Format.of(path)) {
      case SAFETENSORS -> fill(path.toString(), Safetensors.read(path), parameters, theta);
      case NPZ -> fill(path.toString(), Npz.read(path), parameters, theta);
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

  /** Fills a program's theta from arrays by name, as {@link #load} does. */
  public static void fill(Map<String, Tensor> tensors, Program program) {
    fill("parameters", tensors, program.graph().parameters(), program.theta());
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

  private static Map<String, Tensor> tensors(List<Value> parameters, Buffer theta) {
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
    return tensors;
  }

  private static void fill(
      String place, Map<String, Tensor> tensors, List<Value> parameters, Buffer theta) {
    Set<String> unknown = new LinkedHashSet<>(tensors.keySet());
    Set<String> missing = new LinkedHashSet<>();
    for (Value p : parameters) {
      if (!unknown.remove(p.name())) {
        missing.add(p.name());
      }
    }
    if (!missing.isEmpty() || !unknown.isEmpty()) {
      throw new IllegalArgumentException(
          place + ": the names differ; not there: " + missing + ", not in the graph: " + unknown);
    }
    for (Value p : parameters) {
      Tensor tensor = tensors.get(p.name());
      List<Integer> shape = List.of(p.shape().rows(), p.shape().cols());
      if (!significant(tensor.shape()).equals(significant(shape))) {
        throw new IllegalArgumentException(
            place
                + ", "
                + p.name()
                + ": the array is "
                + tensor.shape()
                + ", the parameter "
                + shape);
      }
      requireExact(place + ", " + p.name(), tensor.dtype(), theta);
    }
    for (Value p : parameters) {
      double[] values = tensors.get(p.name()).values();
      theta.write(p.offset(), values, 0, values.length);
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
