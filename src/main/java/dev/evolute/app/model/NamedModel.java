package dev.evolute.app.model;

import dev.evolute.app.UsageException;
import dev.evolute.app.data.Samples;
import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.Objective;
import dev.evolute.autodiff.graph.SampledLoss;
import dev.evolute.autodiff.nn.Decoder;
import dev.evolute.autodiff.nn.DeepLinear;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.Initialisation;
import dev.evolute.autodiff.nn.LeNet;
import dev.evolute.autodiff.nn.Model;
import dev.evolute.autodiff.nn.NtkNetwork;
import dev.evolute.autodiff.nn.ResNet;
import dev.evolute.autodiff.nn.TwoLayer;
import dev.evolute.autodiff.nn.VisionTransformer;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.kernels.Activation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network that classifies images or continues text, by the name a user types:
 *
 * <pre>
 *   mnist-mlp                        784-50-50-10, ReLU, no biases (paper 002, Figure 1)
 *   mlp:784-512-512-10:tanh          fully connected, the activation after every layer but the last
 *   mlp:784-512-512-10:tanh:bias     the same with biases
 *   mnist-cnn                        paper 002, Figure 3, as its theory covers it: no biases, no pooling
 *   mnist-cnn:tutorial               the same with biases and max pooling
 *   deep-linear:784-50-50-10         no activation; balanced, with a Gaussian end-to-end matrix
 *                                    (paper 002, procedure 13)
 *   two-layer:784-50-10              X W_1 W_2^T (paper 003)
 *   two-layer:784-50-10:tanh         W_1 s(W_2 X) (paper 000)
 *   ntk:784-128-128-10:tanh          1/sqrt(m) parametrisation and start of paper 001, whose hidden
 *                                    layers are of one width
 *   resnet50                         residual network with batch norm, bottleneck blocks 3-4-6-3,
 *                                    width 64 (paper 000, ImageNet32)
 *   resnet:1-1-1:16                  the same with other blocks and another width
 *   vit-tiny                         vision transformer of 12 layers, 3 heads, width 192, patches of
 *                                    4 x 4 pixels (paper 000, Table I.2)
 *   vit:4-4-128-4                    the same with other layers, heads, width and patches
 *   decoder:6-6-384-256              decoder transformer of 6 layers, 6 heads, width 384, on
 *                                    sequences of 256 tokens
 * </pre>
 *
 * @param name as it was typed
 * @param network what it computes
 * @param start how its parameters start
 * @param inputs features of an image, or tokens of a sequence
 * @param outputs classes, or the vocabulary
 * @param sequential whether it continues text
 */
public record NamedModel(
    String name, Model network, Start start, int inputs, int outputs, boolean sequential) {
  /** How parameters start, from a seed. */
  public interface Start {
    /** Writes theta. */
    void fill(Objective objective, long seed);
  }

  /** Both, line by line, for the help of an option: no name is broken where a line ends. */
  public static final String HELP =
      "which network; of images mnist-mlp (784-50-50-10, ReLU), mnist-cnn, mnist-cnn:tutorial,"
          + " resnet50, vit-tiny, or%n"
          + "  mlp:784-512-512-10:tanh (and :bias for biases)%n"
          + "  deep-linear:784-50-50-10%n"
          + "  two-layer:784-50-10 (and :tanh, or another)%n"
          + "  ntk:784-128-128-10:tanh%n"
          + "  resnet:2-2-2:16 (blocks, width)%n"
          + "  vit:4-4-128-4 (layers, heads, width, patch)%n"
          + "and of text%n"
          + "  decoder:6-6-384-256 (layers, heads, width, length)";

  /** How names of networks that classify images are written, for messages. */
  public static final String OF_IMAGES =
      "mnist-mlp, mnist-cnn, mnist-cnn:tutorial, mlp:WIDTHS:ACTIVATION such as"
          + " mlp:784-512-512-10:tanh, with :bias for biases, deep-linear:WIDTHS,"
          + " two-layer:INPUTS-HIDDEN-OUTPUTS with :ACTIVATION or without,"
          + " ntk:WIDTHS:ACTIVATION with hidden layers of one width, resnet50, resnet:BLOCKS:WIDTH"
          + " such as resnet:2-2-2:16, vit-tiny, and vit:LAYERS-HEADS-WIDTH-PATCH such as"
          + " vit:4-4-128-4";

  /** The same for text. */
  public static final String OF_TEXT =
      "decoder:LAYERS-HEADS-WIDTH-LENGTH such as decoder:6-6-384-256";

  private static final String MNIST_MLP = "mlp:784-50-50-10:relu";

  private static final String DECODER = "decoder:";
  private static final String RESNET_50 = "resnet:3-4-6-3:64";

  /** Drop path of the last layer, of ViT-Tiny in paper 000. */
  private static final double DROP_PATH = 0.1;

  /** Width of a vision transformer's MLP over the model's, of the same. */
  private static final int MLP_RATIO = 3;

  private static final Map<String, Activation> ACTIVATIONS = activations();

  private static Map<String, Activation> activations() {
    Map<String, Activation> names = new LinkedHashMap<>();
    names.put("linear", Activation.IDENTITY);
    names.put("relu", Activation.RELU);
    names.put("tanh", Activation.TANH);
    names.put("sigmoid", Activation.SIGMOID);
    names.put("softplus", Activation.SOFTPLUS);
    names.put("gelu", Activation.GELU);
    names.put("silu", Activation.SILU);
    return names;
  }

  /** Whether networks of that name continue text. */
  public static boolean isSequential(String name) {
    return name.startsWith(DECODER);
  }

  /**
   * The network of that name on text.
   *
   * @param vocabulary tokens there are
   * @throws UsageException where there is none
   */
  public static NamedModel ofText(String name, int vocabulary) {
    if (!isSequential(name)) {
      throw new UsageException("model %s does not read text; give %s".formatted(name, OF_TEXT));
    }
    List<Integer> sizes = sizes(name, name.substring(DECODER.length()));
    if (sizes.size() != 4 || sizes.get(2) % (2 * sizes.get(1)) != 0) {
      throw new UsageException(
          "model %s: give four sizes, LAYERS-HEADS-WIDTH-LENGTH, the width a multiple of twice the"
                  .formatted(name)
              + " heads, such as decoder:6-6-384-256");
    }
    int width = sizes.get(2);
    // As is usual for SwiGLU: 8/3 of the width, rounded up to whole vectors.
    int hidden = Math.ceilDiv(8 * width, 3 * 32) * 32;
    int length = sizes.get(3);
    Decoder decoder =
        new Decoder(vocabulary, sizes.get(0), sizes.get(1), width, hidden, length, false);
    return new NamedModel(name, decoder, decoder.start()::fill, length, vocabulary, true);
  }

  /** A network that takes its sizes at the ends from data, or has to fit them. */
  public interface OnImages {
    /**
     * The network.
     *
     * @throws UsageException where it does not fit the data
     */
    NamedModel fit(String data, int features, int classes);
  }

  /**
   * The network of that name, for images of any set.
   *
   * @throws UsageException where there is none
   */
  public static OnImages onImages(String name) {
    String[] parts = (name.equals("resnet50") ? RESNET_50 : name).split(":", -1);
    if (parts[0].equals("resnet") && parts.length == 3) {
      List<Integer> blocks = sizes(name, parts[1]);
      List<Integer> width = sizes(name, parts[2]);
      return (data, features, classes) -> {
        int channels = channels(name, data, features);
        ResNet network =
            new ResNet(side(features, channels), channels, blocks, width.getFirst(), classes, true);
        return ofBlocks(name, network, features, classes);
      };
    }
    if (name.equals("vit-tiny") || (parts[0].equals("vit") && parts.length == 2)) {
      List<Integer> sizes =
          name.equals("vit-tiny") ? List.of(12, 3, 192, 4) : sizes(name, parts[1]);
      if (sizes.size() != 4 || sizes.get(2) % sizes.get(1) != 0) {
        throw new UsageException(
            "model %s: give four sizes, LAYERS-HEADS-WIDTH-PATCH, the width a multiple of the heads,"
                    .formatted(name)
                + " such as vit:4-4-128-4");
      }
      return (data, features, classes) -> vision(name, sizes, data, features, classes);
    }
    NamedModel model = of(name);
    return (data, features, classes) -> {
      model.requireFit(data, features, classes);
      return model;
    };
  }

  private static NamedModel vision(
      String name, List<Integer> sizes, String data, int features, int classes) {
    int channels = channels(name, data, features);
    int side = side(features, channels);
    int patch = sizes.get(3);
    if (side % patch != 0) {
      throw new UsageException(
          "model %s: patches of %d x %d pixels do not fill the %d x %d of %s; give a divisor of %d"
              .formatted(name, patch, patch, side, side, data, side));
    }
    VisionTransformer network =
        new VisionTransformer(
            side,
            channels,
            patch,
            sizes.get(2),
            sizes.get(0),
            sizes.get(1),
            MLP_RATIO,
            classes,
            DROP_PATH);
    return ofBlocks(name, network, features, classes);
  }

  private static NamedModel ofBlocks(String name, Model network, int features, int classes) {
    return new NamedModel(name, network, network.start()::fill, features, classes, false);
  }

  /** Of square images, which are grey or have three colours. */
  private static int channels(String name, String data, int features) {
    for (int channels : new int[] {1, 3}) {
      int side = side(features, channels);
      if (side * side * channels == features) {
        return channels;
      }
    }
    throw new UsageException(
        "model %s reads square images, grey or in three colours; those of %s have %d numbers"
            .formatted(name, data, features));
  }

  private static int side(int features, int channels) {
    return (int) Math.round(Math.sqrt(features / (double) channels));
  }

  /**
   * The network of that name on images, where the name says all of it.
   *
   * @throws UsageException where there is none
   */
  public static NamedModel of(String name) {
    if (isSequential(name)) {
      throw new UsageException(
          "model %s reads text, such as text:PATH; on images there is %s"
              .formatted(name, OF_IMAGES));
    }
    if (name.equals("mnist-cnn") || name.equals("mnist-cnn:tutorial")) {
      LeNet network = name.equals("mnist-cnn") ? LeNet.adapted() : LeNet.ofTutorial();
      return new NamedModel(name, network, network.start()::fill, network.inputs(), 10, false);
    }
    String[] parts = (name.equals("mnist-mlp") ? MNIST_MLP : name).split(":", -1);
    return switch (parts[0]) {
      case "mlp" -> fullyConnected(name, parts);
      case "deep-linear" -> deepLinear(name, parts);
      case "two-layer" -> twoLayer(name, parts);
      case "ntk" -> ntk(name, parts);
      default -> throw unknown(name);
    };
  }

  private static UsageException unknown(String name) {
    return new UsageException("there is no model '%s'; there is %s".formatted(name, OF_IMAGES));
  }

  private static NamedModel fullyConnected(String name, String[] parts) {
    List<Integer> widths = widths(name, parts, 3, 4);
    if (parts.length == 4 && !parts[3].equals("bias")) {
      throw new UsageException(
          "model %s: '%s' is not known; only :bias can follow the activation"
              .formatted(name, parts[3]));
    }
    FullyConnected network =
        new FullyConnected(widths, activation(name, parts[2]), parts.length == 4);
    return ofWidths(name, network, Initialisation.xavierUniform()::fill, widths);
  }

  private static NamedModel deepLinear(String name, String[] parts) {
    List<Integer> widths = widths(name, parts, 2, 2);
    DeepLinear network = new DeepLinear(widths);
    // Outputs of order one where inputs are.
    double deviation = 1 / Math.sqrt(widths.getFirst());
    Start balanced = (objective, seed) -> network.balanced(objective, seed, deviation);
    return ofWidths(name, network, balanced, widths);
  }

  private static NamedModel twoLayer(String name, String[] parts) {
    List<Integer> widths = widths(name, parts, 2, 3);
    if (widths.size() != 3) {
      throw new UsageException(
          "model %s: give three widths, INPUTS-HIDDEN-OUTPUTS, such as two-layer:784-50-10"
              .formatted(name));
    }
    int hidden = widths.get(1);
    TwoLayer network =
        parts.length == 2
            ? TwoLayer.factors(widths.getFirst(), hidden, widths.getLast())
            : TwoLayer.outputFirst(
                activation(name, parts[2]), widths.getFirst(), hidden, widths.getLast());
    return ofWidths(name, network, Initialisation.xavierUniform()::fill, widths);
  }

  private static NamedModel ntk(String name, String[] parts) {
    List<Integer> widths = widths(name, parts, 3, 3);
    int depth = widths.size() - 2;
    if (depth < 1 || widths.subList(1, depth + 1).stream().distinct().count() != 1) {
      throw new UsageException(
          "model %s: give at least one hidden layer, and all of one width, such as".formatted(name)
              + " ntk:784-128-128-10:tanh");
    }
    NtkNetwork network =
        new NtkNetwork(
            widths.getFirst(), widths.get(1), depth, widths.getLast(), activation(name, parts[2]));
    Start start = (objective, seed) -> network.initialise(objective, seed, 1);
    return ofWidths(name, network, start, widths);
  }

  private static NamedModel ofWidths(
      String name, Model network, Start start, List<Integer> widths) {
    return new NamedModel(name, network, start, widths.getFirst(), widths.getLast(), false);
  }

  private static Activation activation(String name, String text) {
    Activation activation = ACTIVATIONS.get(text);
    if (activation == null) {
      throw new UsageException(
          "model %s: there is no activation '%s'; there is %s"
              .formatted(name, text, String.join(", ", ACTIVATIONS.keySet())));
    }
    return activation;
  }

  /** The widths of a name that has so many parts. */
  private static List<Integer> widths(String name, String[] parts, int least, int most) {
    if (parts.length < least || parts.length > most) {
      throw unknown(name);
    }
    List<Integer> widths = sizes(name, parts[1]);
    if (widths.size() < 2) {
      throw new UsageException(
          "model %s: one width makes no network; write at least inputs and outputs, as in 784-10"
              .formatted(name));
    }
    return widths;
  }

  private static List<Integer> sizes(String name, String text) {
    List<Integer> widths = new ArrayList<>();
    for (String width : text.split("-", -1)) {
      if (!width.matches("[1-9][0-9]{0,6}")) {
        throw new UsageException(
            "model %s: '%s' is no width; write widths from 1 to 9999999 as in 784-50-50-10"
                .formatted(name, width));
      }
      widths.add(Integer.valueOf(width));
    }
    return widths;
  }

  /** The same network as it is evaluated. */
  public NamedModel evaluation() {
    return new NamedModel(name, network.evaluation(), start, inputs, outputs, sequential);
  }

  /**
   * Makes sure that the network can read the images and name their classes.
   *
   * @throws UsageException where it cannot
   */
  public void requireFit(String data, int features, int classes) {
    if (inputs != features || outputs != classes) {
      throw new UsageException(
          "model %s takes %d inputs to %d classes, but %s has %d inputs and %d classes; name widths"
                  .formatted(name, inputs, outputs, data, features, classes)
              + " that begin and end with those");
    }
  }

  /**
   * The mean softmax cross-entropy over samples: of images, data {@code x [rows x inputs]} and
   * one-hot {@code y [rows x outputs]}; of text, over all tokens, ids {@code x [rows x inputs]} and
   * the next ids {@code y} of that shape.
   *
   * @param samples all samples, of which a recording may have a part
   */
  public SampledLoss loss(int samples) {
    SoftmaxCrossEntropy loss =
        sequential
            ? SoftmaxCrossEntropy.mean(Math.multiplyExact(samples, inputs)).ofLabels()
            : SoftmaxCrossEntropy.mean(samples);
    return (graph, rows) ->
        graph.loss(
            loss,
            network.record(graph, graph.data("x", rows, inputs)),
            graph.data("y", rows, sequential ? inputs : outputs));
  }

  /** Sets the first samples on a compiled {@link #loss}. */
  public static void load(Samples samples, int count, Chunks loss) {
    double[] x = new double[Math.multiplyExact(count, samples.inputs())];
    double[] y = new double[Math.multiplyExact(count, samples.targets())];
    for (int i = 0; i < count; i++) {
      samples.write(i, x, i * samples.inputs(), y, i * samples.targets());
    }
    loss.set("x", x);
    loss.set("y", y);
  }
}
