package dev.evolute.autodiff;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Op;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.Model;
import dev.evolute.autodiff.nn.NtkNetwork;
import dev.evolute.autodiff.op.Activate;
import dev.evolute.autodiff.op.AddRow;
import dev.evolute.autodiff.op.BinaryCrossEntropy;
import dev.evolute.autodiff.op.DropPath;
import dev.evolute.autodiff.op.L2Penalty;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;

/** Records a {@link Network}, filling data and parameters with seeded normal numbers on the way. */
public final class Recording {
  public final Graph graph = new Graph();
  public final Random random;
  private final Map<Value, double[]> data = new HashMap<>();
  private final List<double[]> theta = new ArrayList<>();
  private boolean convex = true;

  public Recording(long seed) {
    random = new Random(seed);
  }

  public double[] normal(int count, double deviation) {
    return DoubleStream.generate(() -> deviation * random.nextGaussian()).limit(count).toArray();
  }

  public Value data(int rows, int cols) {
    return data(rows, cols, normal(rows * cols, 1));
  }

  public Value data(int rows, int cols, double... values) {
    Value value = graph.data("x" + data.size(), rows, cols);
    data.put(value, values);
    return value;
  }

  /** One class a row, as a 1 among zeros. */
  public Value labels(int rows, int classes) {
    double[] values = new double[rows * classes];
    for (int i = 0; i < rows; i++) {
      values[i * classes + random.nextInt(classes)] = 1;
    }
    return data(rows, classes, values);
  }

  /** Token ids below {@code vocabulary}. */
  public Value ids(int rows, int cols, int vocabulary) {
    return data(
        rows, cols, random.ints((long) rows * cols, 0, vocabulary).asDoubleStream().toArray());
  }

  /** Positive rows that sum to 1. */
  public Value distributions(int rows, int classes) {
    double[] values = new double[rows * classes];
    for (int i = 0; i < rows; i++) {
      double sum = 0;
      for (int j = 0; j < classes; j++) {
        sum += values[i * classes + j] = 0.1 + random.nextDouble();
      }
      for (int j = 0; j < classes; j++) {
        values[i * classes + j] /= sum;
      }
    }
    return data(rows, classes, values);
  }

  /** A parameter whose products keep the size of what they multiply. */
  public Value parameter(int rows, int cols) {
    return parameter(rows, cols, normal(rows * cols, 1 / Math.sqrt(cols)));
  }

  public Value parameter(int rows, int cols, double... values) {
    theta.add(values);
    return graph.parameter("W" + theta.size(), rows, cols);
  }

  /** A model whose parameters keep the size of what they multiply. */
  public Value model(Model model, Value x) {
    for (Model.Parameter p : model.parameters()) {
      double deviation = model instanceof NtkNetwork ? 1 : 1 / Math.sqrt(p.cols());
      theta.add(normal((int) p.size(), deviation));
    }
    return model.record(graph, x);
  }

  /**
   * A model of many parts, with weights that keep the size of what they multiply and gains near 1;
   * masks of drop path are drawn.
   */
  public Value started(Model model, Value x) {
    for (Model.Parameter p : model.parameters()) {
      boolean gain = p.name().endsWith("gain") || p.name().endsWith("scale");
      double[] values = normal((int) p.size(), p.rows() == 1 ? 0.3 : 1 / Math.sqrt(p.cols()));
      for (int i = 0; gain && i < values.length; i++) {
        values[i] += 1;
      }
      theta.add(values);
    }
    Value z = model.record(graph, x);
    for (Value value : graph.data()) {
      if (!data.containsKey(value)) {
        int rows = value.shape().rows();
        data.put(value, DropPath.mask(rows, 0.4, random.nextLong(), 0));
      }
    }
    return z;
  }

  public Value apply(Op op, Value... inputs) {
    return graph.apply(op, inputs);
  }

  public Value layer(Value x, Value w) {
    return graph.apply(MatMul.LAYER, x, w);
  }

  public Value activate(Activation f, Value x) {
    return graph.apply(new Activate(f), x);
  }

  public Value bias(Value x) {
    int width = x.shape().cols();
    return graph.apply(new AddRow(), x, parameter(1, width, normal(width, 0.5)));
  }

  /** Probabilities, some of them certain. */
  public Value probabilities(int rows, int cols) {
    double[] values = random.doubles((long) rows * cols).toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextBoolean() ? values[i] : Math.round(values[i]);
    }
    return data(rows, cols, values);
  }

  /** A weight for each sample; the last of several weighs nothing. */
  public Value weights(int rows) {
    double[] values = random.doubles(rows, 0.2, 2).toArray();
    values[rows - 1] = rows > 1 ? 0 : 1.3;
    return data(rows, 1, values);
  }

  private void loss(Op op, Value z, Value y) {
    if (op.arity() == 3) {
      graph.loss(op, z, y, weights(z.shape().rows()));
    } else {
      graph.loss(op, z, y);
    }
  }

  public void squaredError(double scale, Value z) {
    squaredError(new SquaredError(scale), z);
  }

  public void squaredError(SquaredError op, Value z) {
    loss(op, z, data(z.shape().rows(), z.shape().cols()));
  }

  public void crossEntropy(Value z) {
    crossEntropy(SoftmaxCrossEntropy.mean(z.shape().rows()), z);
  }

  public void crossEntropy(SoftmaxCrossEntropy op, Value z) {
    int rows = z.shape().rows();
    int classes = z.shape().cols();
    loss(op, z, random.nextBoolean() ? labels(rows, classes) : distributions(rows, classes));
  }

  public void binaryCrossEntropy(BinaryCrossEntropy op, Value z) {
    loss(op, z, probabilities(z.shape().rows(), z.shape().cols()));
  }

  public void penalty(double lambda, Value w) {
    graph.loss(new L2Penalty(lambda), w);
    convex &= lambda >= 0;
  }

  public Network done(String name) {
    double[] flat = theta.stream().flatMapToDouble(Arrays::stream).toArray();
    return new Network(name, graph, Map.copyOf(data), flat, convex);
  }
}
