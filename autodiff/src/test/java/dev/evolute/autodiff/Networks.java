package dev.evolute.autodiff;

import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.DeepLinear;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.Model;
import dev.evolute.autodiff.nn.NtkNetwork;
import dev.evolute.autodiff.nn.TwoLayer;
import dev.evolute.autodiff.op.AddRow;
import dev.evolute.autodiff.op.BinaryCrossEntropy;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The cases: every operation alone, in every way it can be used, and random networks of all. */
public final class Networks {
  public static final List<Activation> ACTIVATIONS =
      List.of(
          Activation.IDENTITY,
          Activation.RELU,
          Activation.leakyRelu(0.1),
          Activation.TANH,
          Activation.SIGMOID,
          Activation.SOFTPLUS,
          Activation.GELU,
          Activation.SILU);

  /** ReLUs are differentiated only where differences stay on one side of the kink. */
  private static final double MARGIN = 1e-3;

  private static final int RANDOM = 120;

  private Networks() {}

  /** Records a network from a seed. */
  interface Recorder {
    void record(Recording r);
  }

  /** All cases. */
  public static List<Network> all() {
    List<Network> all = new ArrayList<>(named());
    random().forEach(all::add);
    return all;
  }

  /** Networks of random operations, shapes, sharing and losses. */
  public static Stream<Network> random() {
    return IntStream.range(0, RANDOM).mapToObj(Networks::random);
  }

  /** One random network. */
  public static Network random(int seed) {
    return away("random " + seed, 1_000L * seed, Networks::anything);
  }

  private static Network away(String name, long seed, Recorder recorder) {
    for (int attempt = 0; attempt < 100; attempt++) {
      Recording r = new Recording(seed + attempt);
      recorder.record(r);
      Network network = r.done(name);
      if (network.reference().margin() > MARGIN) {
        return network;
      }
    }
    throw new AssertionError(name + ": no point away from the kinks");
  }

  private static void add(List<Network> list, String name, Recorder recorder) {
    list.add(away(name, name.hashCode(), recorder));
  }

  /** Each operation and each way to use it, one a case. */
  public static List<Network> named() {
    List<Network> list = new ArrayList<>();
    for (boolean left : new boolean[] {false, true}) {
      for (boolean right : new boolean[] {false, true}) {
        MatMul op = new MatMul(left, right);
        MatMul scaled = new MatMul(left, right, -0.3);
        String t = (left ? "x^T" : "x") + (right ? " y^T" : " y");
        add(list, "data times parameter, " + t, r -> r.squaredError(1, product(r, op, 0)));
        add(list, "parameter times data, " + t, r -> r.squaredError(1, product(r, op, 1)));
        add(list, "parameter times parameter, " + t, r -> r.squaredError(1, product(r, op, 2)));
        add(
            list,
            "scaled product, " + t,
            r -> {
              r.squaredError(1, product(r, scaled, 3));
              r.squaredError(1, product(r, scaled, 0));
            });
        add(list, "computed times computed, " + t, r -> r.squaredError(1, product(r, op, 3)));
        add(list, "square parameter times itself, " + t, r -> square(r, op));
      }
    }
    for (boolean left : new boolean[] {false, true}) {
      MatMul op = new MatMul(left, !left);
      String t = left ? "x^T x" : "x x^T";
      add(
          list,
          "Gram matrix of a parameter, " + t,
          r -> {
            Value w = r.parameter(3, 4);
            r.squaredError(0.5, r.apply(op, w, w));
          });
      add(
          list,
          "Gram matrix of a result, " + t,
          r -> {
            Value a = r.activate(Activation.TANH, r.layer(r.data(3, 2), r.parameter(4, 2)));
            r.squaredError(0.5, r.apply(op, a, a));
          });
    }
    for (Activation f : ACTIVATIONS) {
      String name = f.kind().name().toLowerCase(java.util.Locale.ROOT);
      add(
          list,
          name + " of a parameter",
          r -> {
            r.squaredError(1, r.activate(f, r.parameter(2, 3)));
          });
      add(
          list,
          name + " network, cross-entropy",
          r -> {
            Value a = r.activate(f, r.bias(r.layer(r.data(5, 3), r.parameter(4, 3))));
            r.crossEntropy(r.bias(r.layer(a, r.parameter(3, 4))));
          });
      add(
          list,
          name + " used twice",
          r -> {
            Value a = r.activate(f, r.layer(r.data(4, 3), r.parameter(3, 3)));
            r.squaredError(0.25, r.layer(a, r.parameter(2, 3)));
            r.penalty(0.3, a);
          });
      add(
          list,
          name + " of data",
          r -> {
            r.squaredError(1, r.layer(r.activate(f, r.data(4, 3)), r.parameter(2, 3)));
          });
    }
    add(list, "cross-entropy of a parameter", r -> r.crossEntropy(r.parameter(4, 3)));
    weighted(list);
    add(list, "squared error of a parameter", r -> r.squaredError(0.5, r.parameter(4, 3)));
    add(list, "penalty of a parameter", r -> r.penalty(0.7, r.parameter(4, 3)));
    add(
        list,
        "penalty of a product",
        r -> {
          r.penalty(0.7, r.layer(r.parameter(4, 3), r.parameter(2, 3)));
        });
    add(
        list,
        "negative penalty",
        r -> {
          Value w = r.parameter(2, 3);
          r.squaredError(1, r.layer(r.data(4, 3), w));
          r.penalty(-0.4, w);
        });
    add(
        list,
        "two penalties of one parameter",
        r -> {
          Value w = r.parameter(2, 3);
          r.penalty(0.4, w);
          r.penalty(0.3, w);
        });
    add(list, "bias on data", r -> r.squaredError(1, r.bias(r.data(4, 3))));
    add(list, "bias on a parameter", r -> r.squaredError(1, r.bias(r.parameter(4, 3))));
    add(
        list,
        "bias that is data",
        r -> {
          Value z = r.layer(r.data(4, 3), r.parameter(2, 3));
          r.squaredError(1, r.apply(new AddRow(), z, r.data(1, 2)));
        });
    add(
        list,
        "bias that is computed",
        r -> {
          Value b = r.activate(Activation.TANH, r.layer(r.data(1, 2), r.parameter(3, 2)));
          r.squaredError(1, r.apply(new AddRow(), r.layer(r.data(4, 2), r.parameter(3, 2)), b));
        });
    add(
        list,
        "bias added to itself",
        r -> {
          Value b = r.activate(Activation.SOFTPLUS, r.parameter(1, 3));
          r.squaredError(1, r.apply(new AddRow(), b, b));
        });
    add(
        list,
        "one bias in two layers",
        r -> {
          Value b = r.parameter(1, 3);
          Value a = r.apply(new AddRow(), r.layer(r.data(4, 2), r.parameter(3, 2)), b);
          a = r.apply(new AddRow(), r.layer(r.activate(Activation.TANH, a), r.parameter(3, 3)), b);
          r.squaredError(1, a);
        });
    add(
        list,
        "one weight in two layers",
        r -> {
          Value w = r.parameter(3, 3);
          Value a = r.activate(Activation.SIGMOID, r.layer(r.data(4, 3), w));
          r.crossEntropy(r.layer(a, w));
        });
    add(
        list,
        "one weight and its transpose",
        r -> {
          Value w = r.parameter(2, 3);
          Value a = r.activate(Activation.TANH, r.layer(r.data(4, 3), w));
          r.squaredError(1, r.apply(new MatMul(false, false), a, w));
        });
    add(
        list,
        "two products with one data matrix",
        r -> {
          Value x = r.data(4, 3);
          Value a = r.activate(Activation.TANH, r.layer(x, r.parameter(3, 3)));
          Value b = r.activate(Activation.GELU, r.layer(x, r.parameter(3, 3)));
          r.squaredError(0.5, r.apply(new MatMul(true, false), a, b));
        });
    add(
        list,
        "three terms on one result",
        r -> {
          Value z = r.activate(Activation.SILU, r.layer(r.data(4, 3), r.parameter(3, 3)));
          r.squaredError(0.5, z);
          r.crossEntropy(z);
          r.penalty(0.2, z);
        });
    models(list);
    Blocks.add((name, recorder) -> add(list, name, recorder));
    add(list, "deep linear network with penalties", r -> deep(r, Activation.IDENTITY, 4));
    add(list, "deep tanh network with penalties", r -> deep(r, Activation.TANH, 5));
    add(
        list,
        "one sample, one output",
        r -> {
          r.squaredError(0.5, r.layer(r.data(1, 4), r.parameter(1, 4)));
        });
    return list;
  }

  /** The models of the papers, each with its loss. */
  private static void models(List<Network> list) {
    for (Activation f : ACTIVATIONS) {
      Model paper000 = TwoLayer.outputFirst(f, 3, 4, 2);
      add(
          list,
          paper000 + ", squared error",
          r -> {
            r.squaredError(SquaredError.sum(), r.model(paper000, r.data(5, 3)));
            r.penalty(0.2, r.graph.parameter("W1"));
            r.penalty(0.1, r.graph.parameter("W2"));
          });
      Model binary = TwoLayer.outputFirst(f, 3, 4, 1);
      add(
          list,
          binary + ", binary cross-entropy",
          r -> {
            r.binaryCrossEntropy(BinaryCrossEntropy.sum(), r.model(binary, r.data(6, 3)));
            r.penalty(0.2, r.graph.parameter("W1"));
            r.penalty(0.1, r.graph.parameter("W2"));
          });
      Model ntk = new NtkNetwork(3, 5, 2, 2, f);
      add(list, ntk.toString(), r -> r.squaredError(0.25, r.model(ntk, r.data(4, 3))));
      Model library = FullyConnected.of(f, 3, 4, 3, 2).withBias();
      add(list, library.toString(), r -> r.crossEntropy(r.model(library, r.data(4, 3))));
    }
    Model factors = TwoLayer.factors(3, 6, 2);
    add(
        list,
        factors + ", paper 003",
        r -> r.squaredError(SquaredError.halfSum(), r.model(factors, r.data(4, 3))));
    Model deep = DeepLinear.of(3, 4, 2, 4, 2);
    add(
        list,
        deep.toString(),
        r -> r.squaredError(SquaredError.halfMean(5), r.model(deep, r.data(5, 3))));
  }

  /** Each loss with and without weights, on logits of one column and of several. */
  private static void weighted(List<Network> list) {
    for (int outputs : new int[] {1, 3}) {
      Function<Recording, Value> logits =
          r -> {
            Value a = r.activate(Activation.TANH, r.bias(r.layer(r.data(5, 3), r.parameter(4, 3))));
            return r.layer(a, r.parameter(outputs, 4));
          };
      String t = ", " + outputs + " outputs";
      BinaryCrossEntropy binary = BinaryCrossEntropy.mean(5);
      add(list, "binary cross-entropy" + t, r -> r.binaryCrossEntropy(binary, logits.apply(r)));
      add(
          list,
          "weighted binary cross-entropy" + t,
          r -> r.binaryCrossEntropy(BinaryCrossEntropy.sum().withWeights(), logits.apply(r)));
      add(
          list,
          "weighted squared error" + t,
          r -> r.squaredError(SquaredError.halfMean(5).withWeights(), logits.apply(r)));
      add(
          list,
          "weighted cross-entropy" + t,
          r -> {
            Value z = logits.apply(r);
            r.penalty(0.01, z);
            r.crossEntropy(SoftmaxCrossEntropy.sum().withWeights(), z);
          });
    }
    add(
        list,
        "logistic regression with a penalty",
        r -> {
          Value w = r.parameter(1, 4);
          r.binaryCrossEntropy(BinaryCrossEntropy.mean(7), r.bias(r.layer(r.data(7, 4), w)));
          r.penalty(0.1, w);
        });
    add(
        list,
        "one weighted sample",
        r -> {
          Value w = r.parameter(2, 4);
          r.squaredError(SquaredError.sum().withWeights(), r.layer(r.data(1, 4), w));
          r.binaryCrossEntropy(BinaryCrossEntropy.sum().withWeights(), r.layer(r.data(1, 4), w));
          r.crossEntropy(SoftmaxCrossEntropy.sum().withWeights(), r.layer(r.data(1, 4), w));
        });
    add(
        list,
        "three weighted terms on one result",
        r -> {
          Value z = r.activate(Activation.SILU, r.layer(r.data(4, 3), r.parameter(3, 3)));
          r.squaredError(SquaredError.mean(4).withWeights(), z);
          r.crossEntropy(SoftmaxCrossEntropy.mean(4).withWeights(), z);
          r.binaryCrossEntropy(BinaryCrossEntropy.mean(4).withWeights(), z);
        });
  }

  private static void deep(Recording r, Activation f, int layers) {
    Value a = r.data(3, 3);
    for (int j = 0; j < layers; j++) {
      Value w = r.parameter(3, 3);
      r.penalty(0.1 * (j + 1), w);
      a = r.layer(a, w);
      if (j < layers - 1) {
        a = r.activate(f, a);
      }
    }
    r.squaredError(1.0 / 3, a);
  }

  /** {@code op} on [3 x 4] and [4 x 2] in the orientations it wants. */
  private static Value product(Recording r, MatMul op, int kinds) {
    int[] x = op.transposeLeft() ? new int[] {4, 3} : new int[] {3, 4};
    int[] y = op.transposeRight() ? new int[] {2, 4} : new int[] {4, 2};
    Value left = kinds == 0 ? r.data(x[0], x[1]) : r.parameter(x[0], x[1]);
    Value right = kinds == 1 ? r.data(y[0], y[1]) : r.parameter(y[0], y[1]);
    if (kinds == 3) {
      left = r.activate(Activation.TANH, left);
      right = r.activate(Activation.SOFTPLUS, right);
    }
    return r.apply(op, left, right);
  }

  private static void square(Recording r, MatMul op) {
    Value w = r.parameter(3, 3);
    r.squaredError(1, r.apply(op, w, w));
  }

  /** Grows a pool of values by random operations, then puts losses on some of them. */
  private static void anything(Recording r) {
    Random random = r.random;
    List<Value> pool = new ArrayList<>();
    int rows = 2 + random.nextInt(4);
    pool.add(r.data(rows, 1 + random.nextInt(4)));
    pool.add(r.parameter(rows, 1 + random.nextInt(3)));
    int steps = 3 + random.nextInt(6);
    for (int s = 0; s < steps; s++) {
      Value x = pool.get(random.nextInt(pool.size()));
      int kind = random.nextInt(10);
      if (kind < 2) {
        pool.add(r.bias(x));
      } else if (kind < 6) {
        Activation f = ACTIVATIONS.get(random.nextInt(ACTIVATIONS.size()));
        pool.add(r.activate(f, x));
      } else {
        pool.add(anyProduct(r, pool, x));
      }
    }
    int terms = 1 + random.nextInt(3);
    for (int t = 0; t < terms; t++) {
      Value z = t == 0 ? last(pool) : pool.get(random.nextInt(pool.size()));
      int kind = random.nextInt(5);
      boolean weighted = random.nextBoolean();
      double scale = new double[] {1, 0.5, 1.0 / z.shape().rows()}[random.nextInt(3)];
      if (kind == 0) {
        r.penalty(random.nextDouble(), z);
      } else if (kind == 1 && z.shape().cols() > 1) {
        r.crossEntropy(new SoftmaxCrossEntropy(scale, weighted), z);
      } else if (kind == 2) {
        r.binaryCrossEntropy(new BinaryCrossEntropy(scale, weighted), z);
      } else {
        r.squaredError(new SquaredError(scale, weighted), z);
      }
    }
    // Something must be learned even where the pool's last value hangs on data alone.
    r.penalty(0.1, r.parameter(1, 2));
  }

  private static Value last(List<Value> pool) {
    return pool.get(pool.size() - 1);
  }

  private static Value anyProduct(Recording r, List<Value> pool, Value x) {
    Random random = r.random;
    double alpha = random.nextBoolean() ? 1 : 0.7;
    MatMul op = new MatMul(random.nextBoolean(), random.nextBoolean(), alpha);
    int inner = op.transposeLeft() ? x.shape().rows() : x.shape().cols();
    List<Value> partners = new ArrayList<>();
    for (Value y : pool) {
      if ((op.transposeRight() ? y.shape().cols() : y.shape().rows()) == inner) {
        partners.add(y);
      }
    }
    if (!partners.isEmpty() && random.nextInt(3) == 0) {
      return r.activate(
          Activation.TANH, r.apply(op, x, partners.get(random.nextInt(partners.size()))));
    }
    int other = 1 + random.nextInt(3);
    double deviation = 1 / Math.sqrt(inner);
    Value w =
        op.transposeRight()
            ? r.parameter(other, inner, r.normal(other * inner, deviation))
            : r.parameter(inner, other, r.normal(other * inner, deviation));
    return r.apply(op, x, w);
  }
}
