package dev.evolute.autodiff;

import dev.evolute.autodiff.Networks.Recorder;
import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.op.Add;
import dev.evolute.autodiff.op.AddPositions;
import dev.evolute.autodiff.op.Attention;
import dev.evolute.autodiff.op.AveragePool;
import dev.evolute.autodiff.op.BatchNorm;
import dev.evolute.autodiff.op.ClassToken;
import dev.evolute.autodiff.op.Convolution;
import dev.evolute.autodiff.op.DropPath;
import dev.evolute.autodiff.op.Embedding;
import dev.evolute.autodiff.op.FirstRows;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.MaxPool;
import dev.evolute.autodiff.op.Reshape;
import dev.evolute.autodiff.op.RotaryEmbedding;
import dev.evolute.autodiff.op.RowNorm;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.autodiff.op.SwiGlu;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.ConvolutionShape;
import dev.evolute.kernels.PoolingShape;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;

/**
 * The cases of the blocks of convolutional networks and transformers: each operation on a value
 * that moves, on data and on a parameter, and where its result or its input is used twice.
 */
final class Blocks {
  private final BiConsumer<String, Recorder> cases;

  private Blocks(BiConsumer<String, Recorder> cases) {
    this.cases = cases;
  }

  static void add(BiConsumer<String, Recorder> cases) {
    Blocks blocks = new Blocks(cases);
    blocks.images();
    blocks.norms();
    blocks.sequences();
    blocks.tokens();
  }

  /** A value {@code [rows x cols]} that depends on parameters in a curved way. */
  static Value moving(Recording r, int rows, int cols) {
    return r.activate(Activation.TANH, r.layer(r.data(rows, 3), r.parameter(cols, 3)));
  }

  /** An operation on what moves, on data and on a parameter, its input used twice, and alone. */
  private void everywhere(
      String name, int rows, int cols, BiFunction<Recording, Value, Value> apply) {
    cases.accept(
        name,
        r -> {
          Value y = apply.apply(r, moving(r, rows, cols));
          r.squaredError(0.5, r.activate(Activation.GELU, y));
        });
    cases.accept(
        name + " of data and of a parameter",
        r -> {
          Value y = r.activate(Activation.SILU, apply.apply(r, r.data(rows, cols)));
          r.squaredError(1, y);
          r.squaredError(1, apply.apply(r, r.parameter(rows, cols)));
          r.penalty(0.1, r.parameter(1, 2));
        });
    cases.accept(
        name + " beside another use of its input",
        r -> {
          Value x = moving(r, rows, cols);
          Value y = apply.apply(r, x);
          r.squaredError(0.25, r.activate(Activation.TANH, x));
          r.squaredError(1, y);
          r.penalty(0.3, y);
        });
  }

  private void images() {
    ConvolutionShape plain = ConvolutionShape.of(2, 5, 4, 2, 3, 3);
    for (ConvolutionShape s :
        new ConvolutionShape[] {
          plain,
          plain.withStride(2).withPadding(1),
          ConvolutionShape.of(2, 6, 6, 2, 2, 2).withDilation(2),
          ConvolutionShape.of(1, 3, 3, 2, 4, 1)
        }) {
      int cols = s.height() * s.width() * s.channels();
      boolean bias = s.stride() == 1 && s.kernelWidth() > 1;
      String name = (bias ? "biased convolution " : "convolution ") + s;
      everywhere(name, s.batch(), cols, (r, x) -> convolution(r, x, s, bias));
    }
    cases.accept(
        "one kernel in two convolutions",
        r -> {
          ConvolutionShape s = ConvolutionShape.of(2, 4, 4, 2, 2, 3).withPadding(1);
          Value w = r.parameter(18, 2, r.normal(36, 0.3));
          Value b = r.parameter(1, 2);
          Value a = r.apply(new Convolution(s, true), moving(r, 2, 32), w, b);
          r.squaredError(
              1, r.apply(new Convolution(s, true), r.activate(Activation.TANH, a), w, b));
        });
    for (PoolingShape s :
        new PoolingShape[] {
          PoolingShape.of(2, 4, 6, 2, 2),
          new PoolingShape(1, 5, 5, 3, 3, 2, 1, 1),
          PoolingShape.global(2, 3, 4, 2),
          PoolingShape.subsampling(2, 5, 4, 2, 2)
        }) {
      int cols = s.height() * s.width() * s.channels();
      everywhere("average of " + s, s.batch(), cols, (r, x) -> r.apply(new AveragePool(s), x));
      if (s.window() > 1) {
        everywhere("maximum of " + s, s.batch(), cols, (r, x) -> r.apply(new MaxPool(s), x));
      }
    }
    everywhere("reshape", 6, 2, (r, x) -> r.apply(new Reshape(4), x));
    everywhere("residual", 3, 2, (r, x) -> r.apply(new Add(), x, r.activate(Activation.TANH, x)));
    everywhere("sum with itself", 3, 2, (r, x) -> r.apply(new Add(), x, x));
    everywhere("sum with data", 3, 2, (r, x) -> r.apply(new Add(), r.data(3, 2), x));
  }

  static Value convolution(Recording r, Value x, ConvolutionShape s, boolean bias) {
    int size = (int) s.weightsLength();
    Value w = r.parameter(s.patch(), s.filters(), r.normal(size, 1 / Math.sqrt(s.patch())));
    return bias
        ? r.apply(new Convolution(s, true), x, w, r.parameter(1, s.filters()))
        : r.apply(new Convolution(s, false), x, w);
  }

  private void norms() {
    for (boolean training : new boolean[] {true, false}) {
      String name = "batch norm in " + (training ? "training" : "evaluation");
      BatchNorm norm = new BatchNorm(training, 0.01, 0.1);
      everywhere(name, 5, 3, (r, x) -> scaled(r, norm, x));
      cases.accept(
          name + ", its scale and bias used elsewhere",
          r -> {
            Value gamma = r.parameter(1, 3);
            Value bias = r.parameter(1, 3);
            Value y = r.apply(norm, moving(r, 5, 3), gamma, bias);
            r.squaredError(1, r.activate(Activation.TANH, y));
            r.penalty(0.2, bias);
          });
      cases.accept(
          name + ", scale and bias fixed",
          r -> {
            Value y = r.apply(norm, moving(r, 5, 3), r.data(1, 3), r.data(1, 3));
            r.squaredError(1, r.activate(Activation.TANH, y));
          });
    }
    everywhere("layer norm", 4, 5, (r, x) -> scaled(r, RowNorm.layer(0.01), x));
    everywhere(
        "RMS norm",
        4,
        5,
        (r, x) -> r.apply(RowNorm.rms(0.01), x, r.parameter(1, 5, r.normal(5, 1))));
    cases.accept(
        "layer norm, gain and bias fixed",
        r -> {
          Value y = r.apply(RowNorm.layer(0.01), moving(r, 4, 5), r.data(1, 5), r.data(1, 5));
          r.squaredError(1, r.activate(Activation.TANH, y));
        });
    cases.accept(
        "RMS norm, gain of two layers",
        r -> {
          Value gain = r.parameter(1, 5);
          Value y = r.apply(RowNorm.rms(0.01), moving(r, 4, 5), gain);
          y = r.apply(RowNorm.rms(0.01), r.layer(y, r.parameter(5, 5)), gain);
          r.squaredError(1, y);
        });
  }

  private static Value scaled(Recording r, dev.evolute.autodiff.graph.Op norm, Value x) {
    int cols = x.shape().cols();
    return r.apply(norm, x, r.parameter(1, cols, r.normal(cols, 1)), r.parameter(1, cols));
  }

  private void sequences() {
    everywhere("rotary", 6, 8, (r, x) -> r.apply(new RotaryEmbedding(3, 2, 4), x));
    everywhere("rotary of a part", 6, 10, (r, x) -> r.apply(new RotaryEmbedding(3, 3, 2, 50), x));
    everywhere("swiglu", 4, 6, (r, x) -> r.apply(new SwiGlu(), x));
    for (boolean causal : new boolean[] {true, false}) {
      String name = causal ? "causal attention" : "attention";
      everywhere(name, 6, 12, (r, x) -> r.apply(new Attention(2, 2, 3, causal), x));
      everywhere(
          name + " with shared keys", 4, 12, (r, x) -> r.apply(new Attention(4, 1, 4, causal), x));
    }
    everywhere("positions", 6, 4, (r, x) -> r.apply(new AddPositions(), x, r.parameter(3, 4)));
    everywhere("positions in data", 6, 4, (r, x) -> r.apply(new AddPositions(), x, r.data(2, 4)));
    everywhere("class token", 6, 4, (r, x) -> r.apply(new ClassToken(3), x, r.parameter(1, 4)));
    everywhere("class token in data", 6, 4, (r, x) -> r.apply(new ClassToken(2), x, r.data(1, 4)));
    everywhere("first rows", 6, 4, (r, x) -> r.apply(new FirstRows(3), x));
    everywhere(
        "drop path", 6, 4, (r, x) -> r.apply(new DropPath(), x, r.data(3, 1, 1.25, 0, 1.25)));
  }

  private void tokens() {
    cases.accept(
        "embedding",
        r -> {
          Value x = r.apply(new Embedding(), r.parameter(5, 3), r.ids(2, 4, 5));
          r.crossEntropy(r.layer(r.activate(Activation.TANH, x), r.parameter(3, 3)));
        });
    cases.accept(
        "embedding and head tied, labels",
        r -> {
          Value table = r.parameter(5, 3);
          Value x = r.activate(Activation.TANH, r.apply(new Embedding(), table, r.ids(2, 3, 5)));
          Value z = r.apply(MatMul.LAYER, x, table);
          r.graph.loss(SoftmaxCrossEntropy.mean(6).ofLabels(), z, r.ids(2, 3, 5));
        });
    cases.accept(
        "weighted labels, one left out",
        r -> {
          Value z = moving(r, 4, 3);
          r.graph.loss(
              SoftmaxCrossEntropy.sum().withWeights().ofLabels(),
              z,
              r.data(4, 1, 2, -1, 0, 1),
              r.weights(4));
        });
    cases.accept(
        "pre-norm transformer block",
        r -> {
          Value x = r.apply(new Embedding(), r.parameter(6, 4), r.ids(2, 3, 6));
          Value a = r.apply(RowNorm.rms(1e-2), x, r.parameter(1, 4));
          a = r.apply(new RotaryEmbedding(3, 4, 2), r.layer(a, r.parameter(12, 4)));
          a = r.layer(r.apply(Attention.causal(2, 3), a), r.parameter(4, 4));
          x = r.apply(new Add(), x, a);
          a = r.apply(RowNorm.rms(1e-2), x, r.parameter(1, 4));
          a = r.layer(r.apply(new SwiGlu(), r.layer(a, r.parameter(6, 4))), r.parameter(4, 3));
          Value z = r.layer(r.apply(new Add(), x, a), r.parameter(6, 4));
          r.graph.loss(SoftmaxCrossEntropy.mean(6).ofLabels(), z, r.ids(2, 3, 6));
        });
  }
}
