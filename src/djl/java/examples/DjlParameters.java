package examples;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.PairList;

/** All parameters of a DJL model as one vector, which is what a spectral solver works on. */
public final class DjlParameters {
  private final PairList<String, Parameter> parameters;

  public DjlParameters(Block block) {
    parameters = block.getParameters();
  }

  public int size() {
    int size = 0;
    for (Parameter parameter : parameters.values()) {
      size += (int) parameter.getArray().size();
    }
    return size;
  }

  public double[] values() {
    double[] values = new double[size()];
    int at = 0;
    for (Parameter parameter : parameters.values()) {
      at = copy(parameter.getArray().toFloatArray(), values, at);
    }
    return values;
  }

  public void set(double[] values) {
    int at = 0;
    for (Parameter parameter : parameters.values()) {
      NDArray array = parameter.getArray();
      float[] part = new float[(int) array.size()];
      for (int i = 0; i < part.length; i++) {
        part[i] = (float) values[at++];
      }
      array.set(part);
    }
  }

  public void gradients(double[] g) {
    int at = 0;
    for (Parameter parameter : parameters.values()) {
      try (NDArray gradient = parameter.getArray().getGradient()) {
        at = copy(gradient.toFloatArray(), g, at);
      }
    }
  }

  private static int copy(float[] from, double[] to, int at) {
    for (float value : from) {
      to[at++] = value;
    }
    return at;
  }
}
