package dev.evolute.autodiff;

import dev.evolute.autodiff.graph.Value;
import dev.evolute.autodiff.nn.Decoder;
import dev.evolute.autodiff.nn.LeNet;
import dev.evolute.autodiff.nn.Model;
import dev.evolute.autodiff.nn.ResNet;
import dev.evolute.autodiff.nn.VisionTransformer;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Convolutional networks and transformers of random sizes on random samples: every kind in training
 * and in evaluation, heads tied and free, both networks of paper 002.
 */
final class BlockOracle {
  /** Of an element from a kink, and of two in one window from each other, above rounding in f32. */
  private static final double MARGIN = 3e-5;

  private BlockOracle() {}

  static List<Network> random(int count) {
    return IntStream.range(0, count).mapToObj(BlockOracle::away).toList();
  }

  private static Network away(int number) {
    for (int attempt = 0; attempt < 1000; attempt++) {
      Network network = draw(number, 1_000_003L * number + attempt);
      if (network.reference().margin() > MARGIN) {
        return network;
      }
    }
    throw new AssertionError("model " + number + ": no point away from the kinks");
  }

  private static Network draw(int number, long seed) {
    Recording r = new Recording(seed);
    Random random = r.random;
    int n = 1 + random.nextInt(4);
    int classes = 2 + random.nextInt(6);
    boolean training = number / 6 % 2 == 0;
    Model model =
        switch (number % 6) {
          case 0 -> new LeNet(28, 1, classes, true);
          case 1 -> new LeNet(28, 1, classes, false);
          case 2 ->
              new ResNet(
                  4 + random.nextInt(5),
                  1 + random.nextInt(3),
                  Stream.generate(() -> 1 + random.nextInt(2))
                      .limit(1 + random.nextInt(3))
                      .toList(),
                  2 + random.nextInt(4),
                  classes,
                  training);
          case 3 -> vision(random, classes, training);
          default -> decoder(random, number % 6 == 4);
        };
    Value z;
    if (model instanceof Decoder decoder) {
      int t = 1 + random.nextInt(decoder.length());
      z = r.started(model, r.ids(n, t, decoder.vocabulary()));
    } else {
      // One image of a single pixel has no statistics.
      n += model instanceof ResNet ? 4 : 0;
      z = r.started(model, r.data(n, inputs(model)));
    }
    int rows = z.shape().rows();
    Value labels = r.ids(rows, 1, z.shape().cols());
    r.graph.loss(SoftmaxCrossEntropy.mean(rows).ofLabels(), z, labels);
    return r.done(number + ": " + model + ", n " + n);
  }

  private static int inputs(Model model) {
    if (model instanceof LeNet net) {
      return net.inputs();
    }
    if (model instanceof ResNet net) {
      return net.side() * net.side() * net.channels();
    }
    VisionTransformer net = (VisionTransformer) model;
    return net.side() * net.side() * net.channels();
  }

  private static VisionTransformer vision(Random random, int classes, boolean training) {
    int patch = 1 + random.nextInt(3);
    int heads = 1 + random.nextInt(3);
    return new VisionTransformer(
        patch * (1 + random.nextInt(3)),
        1 + random.nextInt(3),
        patch,
        heads * (4 + random.nextInt(5)),
        1 + random.nextInt(3),
        heads,
        1 + random.nextInt(3),
        classes,
        training ? 0.4 : 0);
  }

  private static Decoder decoder(Random random, boolean tied) {
    int heads = 1 + random.nextInt(3);
    return new Decoder(
        3 + random.nextInt(30),
        1 + random.nextInt(3),
        heads,
        2 * heads * (2 + random.nextInt(4)),
        1 + random.nextInt(20),
        1 + random.nextInt(17),
        tied);
  }
}
