package dev.evolute.app.study.warmup;

import dev.evolute.app.data.Dataset;
import dev.evolute.app.data.Encoding;
import dev.evolute.app.data.ImageSamples;
import dev.evolute.app.data.JdkText;
import dev.evolute.app.data.Samples;
import dev.evolute.app.data.TokenSamples;
import dev.evolute.app.data.Tokens;
import dev.evolute.app.model.NamedModel;
import dev.evolute.app.study.StudySettings.Size;
import dev.evolute.autodiff.nn.Decoder;
import dev.evolute.autodiff.nn.Model;
import dev.evolute.autodiff.nn.ResNet;
import dev.evolute.autodiff.nn.VisionTransformer;
import dev.evolute.kernels.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The networks that learn in this study, small ones and those of paper 000's tables. */
final class Learners {
  private static final int SEEDS = 3;

  /** Steps of small networks over the paper's. */
  private static final double FASTER = 100;

  private final Size size;
  private final Dataset images;
  final JdkText text;

  Learners(Size size, Dataset images) {
    this.size = size;
    this.images = images;
    text =
        JdkText.of(size == Size.QUICK ? 500_000 : size == Size.LAPTOP ? 20_000_000 : 100_000_000);
  }

  /** The runs whose smoothness is watched. */
  List<Watch> watches(long seed) {
    List<Watch> watches = new ArrayList<>();
    List<Learner> small = List.of(smallDecoder(), smallTransformer(), smallResidual());
    boolean quick = size == Size.QUICK;
    for (Learner learner : small) {
      for (int s = 0; s < (quick ? 1 : SEEDS); s++) {
        both(watches, learner, FASTER, seed + s, quick ? 200 : 2_000, quick ? 6 : 20);
      }
    }
    // At the paper's step the noise of mini-batches shows most.
    both(watches, small.getFirst(), 1, seed, quick ? 100 : 1_000, quick ? 3 : 20);
    if (size == Size.LAPTOP) {
      for (Learner learner : List.of(decoder(), transformer(), residual())) {
        both(watches, learner, 1, seed, 300, 20);
      }
    }
    if (size == Size.PAPER) {
      for (Learner learner :
          List.of(
              paper("decoder-70m", "70M", Decoder.PAPER_70M),
              paper("decoder-160m", "160M", Decoder.PAPER_160M),
              paper("decoder-410m", "410M", Decoder.PAPER_410M),
              transformer(),
              residual())) {
        for (int s = 0; s < SEEDS; s++) {
          both(watches, learner, 1, seed + s, 4_600, 20);
        }
      }
    }
    return watches;
  }

  /** The networks that warm-up strategies are compared on. */
  List<Contest> contests() {
    boolean quick = size == Size.QUICK;
    List<Strategy> strategies =
        quick
            ? List.of(Strategy.NONE, Strategy.linear(0.1), Strategy.loss(0.6))
            : List.of(
                Strategy.NONE,
                Strategy.linear(0.1),
                Strategy.linear(0.2),
                Strategy.loss(0.5),
                Strategy.loss(0.6),
                Strategy.loss(0.7));
    // The paper's grids, for texts and for images; a quick look takes a part of the first.
    List<Double> peaks = quick ? List.of(1e-3, 3e-3, 1e-2) : List.of(3e-4, 1e-3, 3e-3, 1e-2);
    List<Double> visionPeaks = List.of(3e-4, 1e-3, 3e-3, 1e-2, 3e-2);
    List<Contest> contests = new ArrayList<>();
    Decoder model =
        new Decoder(256, 2, 2, quick ? 32 : 128, quick ? 96 : 352, quick ? 32 : 64, false);
    Learner decoder =
        ofText(
            quick ? "decoder-small" : "decoder-half",
            "decoder",
            model,
            Encoding.BYTES,
            8,
            DType.F32);
    contests.add(
        contest(decoder, Strategy.Tail.STABLE, 0, 1, strategies, peaks, quick ? 240 : 1_000));
    if (!quick) {
      VisionTransformer vision =
          new VisionTransformer(images.rows(), 1, 7, 48, 4, 4, 3, images.classes(), 0);
      Learner transformer = ofImages("vit-half", "vision transformer", vision, 32, DType.F32);
      contests.add(
          contest(
              transformer,
              Strategy.Tail.COSINE,
              0.05,
              Double.POSITIVE_INFINITY,
              strategies,
              visionPeaks,
              1_000));
    }
    return contests;
  }

  /** The last tenth of the samples is held out. */
  private static Contest contest(
      Learner learner,
      Strategy.Tail tail,
      double decay,
      double clip,
      List<Strategy> strategies,
      List<Double> peaks,
      int steps) {
    int count = learner.samples().count();
    int split = count - count / 10;
    Learner train =
        new Learner(
            learner.label(),
            learner.title(),
            learner.model(),
            new Part(learner.samples(), 0, split),
            learner.batch(),
            learner.dtype(),
            learner.smooth());
    Samples held = new Part(learner.samples(), split, count);
    return new Contest(train, held, tail, decay, clip, strategies, peaks, SEEDS, steps);
  }

  /** Some samples of a set, in a row. */
  private record Part(Samples whole, int from, int to) implements Samples {
    @Override
    public int count() {
      return to - from;
    }

    @Override
    public int inputs() {
      return whole.inputs();
    }

    @Override
    public int targets() {
      return whole.targets();
    }

    @Override
    public void write(int sample, double[] x, int xAt, double[] y, int yAt) {
      whole.write(from + sample, x, xAt, y, yAt);
    }
  }

  private static void both(
      List<Watch> watches, Learner learner, double factor, long seed, int steps, int probes) {
    watches.add(new Watch(learner, false, factor, seed, steps, probes));
    watches.add(new Watch(learner, true, factor, seed, steps, probes));
  }

  private Learner smallDecoder() {
    Decoder model = new Decoder(256, 2, 2, 32, 96, 32, false);
    return ofText("decoder-small", "decoder", model, Encoding.BYTES, 8, DType.F64);
  }

  /** 10.8 million parameters, on bytes. */
  private Learner decoder() {
    Decoder model = new Decoder(256, 6, 6, 384, 1024, 256, false);
    return ofText("decoder-11m", "decoder, 10.8M", model, Encoding.BYTES, 4, DType.F32);
  }

  /** Of the paper's table, with a mini-batch that fits into memory. */
  private Learner paper(String label, String title, Decoder model) {
    return ofText(label, "decoder, " + title, model, Encoding.GPT2, 8, DType.F32);
  }

  private Learner smallTransformer() {
    int side = images.rows();
    VisionTransformer model = new VisionTransformer(side, 1, 7, 24, 2, 2, 3, images.classes(), 0);
    return ofImages("vit-small", "vision transformer", model, 16, DType.F64);
  }

  /** ViT-Tiny on images of one colour, without drop path, so that a mini-batch is one function. */
  private Learner transformer() {
    int side = images.rows();
    VisionTransformer model = new VisionTransformer(side, 1, 4, 192, 12, 3, 3, images.classes(), 0);
    return ofImages("vit-tiny", "ViT-Tiny", model, 16, DType.F32);
  }

  private Learner smallResidual() {
    ResNet model = new ResNet(images.rows(), 1, List.of(1, 1), 4, images.classes(), true);
    return ofImages("resnet-small", "residual network", model, 16, DType.F64);
  }

  private Learner residual() {
    ResNet model = new ResNet(images.rows(), 1, List.of(3, 4, 6, 3), 64, images.classes(), true);
    return ofImages("resnet50", "ResNet-50", model, 8, DType.F32);
  }

  private Learner ofText(
      String label, String title, Decoder model, Encoding encoding, int batch, DType dtype) {
    Tokens tokens = Tokens.ofTexts(text.texts(), encoding);
    return new Learner(
        label,
        title,
        named(label, model, model.length(), model.vocabulary(), true),
        new TokenSamples(tokens, 0, tokens.count(), model.length()),
        batch,
        dtype,
        true);
  }

  private Learner ofImages(String label, String title, Model model, int batch, DType dtype) {
    int[] all = IntStream.range(0, images.samples()).toArray();
    return new Learner(
        label,
        title,
        named(label, model, images.features(), images.classes(), false),
        new ImageSamples(images, all),
        batch,
        dtype,
        !(model instanceof ResNet));
  }

  private static NamedModel named(
      String label, Model model, int inputs, int outputs, boolean sequential) {
    return new NamedModel(label, model, model.start()::fill, inputs, outputs, sequential);
  }
}
