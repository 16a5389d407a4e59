package dev.evolute.autodiff.nn;

import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.Buffer;
import dev.evolute.spectral.CounterRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * A network of width m in the {@code 1/sqrt(m)} or NTK parametrisation (paper 001, equations 1 and
 * 41), on samples in rows: {@code a_0 = x}, {@code a_l = s(W_l a_{l-1} / sqrt(m_{l-1}))} for l = 1
 * to L, {@code f = V a_L / sqrt(m)}, with {@code m_0} the number of inputs. Theta holds {@code W_1
 * [m x d], W_2 [m x m], ..., W_L} and {@code V [k x m]}, whose rows are the paper's {@code v_h}.
 *
 * @param inputs d; the paper's samples have norm sqrt(d)
 * @param width m
 * @param depth L, the number of hidden layers
 * @param outputs k
 * @param activation s; the paper's theorems ask for a smooth one
 */
public record NtkNetwork(int inputs, int width, int depth, int outputs, Activation activation)
    implements Model {
  /**
   * Checks them.
   *
   * @throws IllegalArgumentException if there is no hidden layer or a width is below 1
   */
  public NtkNetwork {
    Objects.requireNonNull(activation, "activation");
    if (depth < 1) {
      throw new IllegalArgumentException(
          "depth: " + depth + " given; there must be at least 1 hidden layer");
    }
    Layers.checked(List.of(inputs, width, outputs));
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    for (int l = 1; l <= depth; l++) {
      parameters.add(new Parameter("W" + l, width, l == 1 ? inputs : width));
    }
    parameters.add(new Parameter("V", outputs, width));
    return parameters;
  }

  @Override
  public Value record(Graph graph, Value x) {
    List<Value> w = Layers.declare(this, graph);
    Value a = x;
    for (Value layer : w) {
      a = graph.apply(MatMul.layer(1 / Math.sqrt(layer.shape().cols())), a, layer);
      if (layer != w.get(depth)) {
        a = Layers.activate(graph, activation, a);
      }
    }
    return a;
  }

  /** {@code sigma_0 = sigma_1 / (2 (1 + sqrt(log m) / sqrt(2 m)))} (paper 001, assumption 2). */
  public double sigma0(double sigma1) {
    return sigma1 / (2 * (1 + Math.sqrt(StrictMath.log(width) / (2.0 * width))));
  }

  /**
   * Assumptions 2 and 5 of paper 001: entries of {@code W_l} normal of deviation {@link #sigma0},
   * rows of V uniformly random unit vectors. The same seed gives the same theta on every machine.
   *
   * @param objective that this model was recorded for
   * @param sigma1 {@code sigma_1}, positive; about the spectral norm of {@code W_l / sqrt(m)}
   */
  public void initialise(Objective objective, long seed, double sigma1) {
    if (!(sigma1 > 0) || Double.isInfinite(sigma1)) {
      throw new IllegalArgumentException(
          "sigma_1: " + sigma1 + " given; it must be finite and positive");
    }
    for (int l = 1; l <= depth; l++) {
      Value w = objective.parameters().get(l - 1);
      Buffer values = objective.theta().view(w.offset(), w.shape().size());
      CounterRandom.fillGaussian(seed, l, sigma0(sigma1), values);
    }
    double[] v = new double[outputs * width];
    CounterRandom.fillGaussian(seed, depth + 1, 0, v);
    for (int h = 0; h < outputs; h++) {
      double square = 0;
      for (int j = h * width; j < (h + 1) * width; j++) {
        square += v[j] * v[j];
      }
      for (int j = h * width; j < (h + 1) * width; j++) {
        v[j] /= Math.sqrt(square);
      }
    }
    objective.theta().write(objective.parameters().get(depth).offset(), v, 0, v.length);
  }

  @Override
  public String toString() {
    List<Integer> widths = new ArrayList<>(List.of(inputs));
    widths.addAll(Collections.nCopies(depth, width));
    widths.add(outputs);
    return "1/sqrt(m) network " + Layers.joined(widths) + ", " + Layers.name(activation);
  }
}
