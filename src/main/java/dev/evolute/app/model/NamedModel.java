package dev.evolute.app.model;

import dev.evolute.app.UserException;
import dev.evolute.app.data.Dataset;
import dev.evolute.autodiff.graph.SampledLoss;
import dev.evolute.autodiff.nn.Decoder;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.Initialisation;
import dev.evolute.autodiff.nn.LeNet;
import dev.evolute.autodiff.nn.Model;
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
    String name, Model network, Initialisation start, int inputs, int outputs, boolean sequential) {
  /** How names are written, for messages and help. */
  public static final String NAMES =
      "mnist-mlp, mnist-cnn, mnist-cnn:tutorial, mlp:WIDTHS:ACTIVATION such as"
          + " mlp:784-512-512-10:tanh, with :bias for biases, or, on text,"
          + " decoder:LAYERS-HEADS-WIDTH-LENGTH such as decoder:6-6-384-256";

  private static final String MNIST_MLP = "mlp:784-50-50-10:relu";

  private static final String DECODER = "decoder:";

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
   * @throws UserException where there is none
   */
  public static NamedModel ofText(String name, int vocabulary) {
    if (!isSequential(name)) {
      throw new UserException(
          "model %s does not read text; give decoder:LAYERS-HEADS-WIDTH-LENGTH such as"
                  .formatted(name)
              + " decoder:6-6-384-256");
    }
    List<Integer> sizes = sizes(name, name.substring(DECODER.length()));
    if (sizes.size() != 4 || sizes.get(2) % (2 * sizes.get(1)) != 0) {
      throw new UserException(
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
    return new NamedModel(name, decoder, decoder.start(), length, vocabulary, true);
  }

  /**
   * The network of that name on images.
   *
   * @throws UserException where there is none
   */
  public static NamedModel of(String name) {
    if (isSequential(name)) {
      throw new UserException(
          "model %s reads text; give data such as text:PATH, or a model of images".formatted(name));
    }
    if (name.equals("mnist-cnn") || name.equals("mnist-cnn:tutorial")) {
      LeNet network = name.equals("mnist-cnn") ? LeNet.adapted() : LeNet.ofTutorial();
      return new NamedModel(name, network, network.start(), network.inputs(), 10, false);
    }
    String[] parts = (name.equals("mnist-mlp") ? MNIST_MLP : name).split(":", -1);
    if (!parts[0].equals("mlp") || parts.length < 3 || parts.length > 4) {
      throw new UserException("there is no model '%s'; there is %s".formatted(name, NAMES));
    }
    Activation activation = ACTIVATIONS.get(parts[2]);
    if (activation == null) {
      throw new UserException(
          "model %s: there is no activation '%s'; there is %s"
              .formatted(name, parts[2], String.join(", ", ACTIVATIONS.keySet())));
    }
    if (parts.length == 4 && !parts[3].equals("bias")) {
      throw new UserException(
          "model %s: '%s' is not known; only :bias can follow the activation"
              .formatted(name, parts[3]));
    }
    List<Integer> widths = sizes(name, parts[1]);
    if (widths.size() < 2) {
      throw new UserException(
          "model %s: one width makes no network; write at least inputs and outputs, as in 784-10"
              .formatted(name));
    }
    FullyConnected network = new FullyConnected(widths, activation, parts.length == 4);
    return new NamedModel(
        name, network, Initialisation.xavierUniform(), widths.getFirst(), widths.getLast(), false);
  }

  private static List<Integer> sizes(String name, String text) {
    List<Integer> widths = new ArrayList<>();
    for (String width : text.split("-", -1)) {
      if (!width.matches("[1-9][0-9]{0,6}")) {
        throw new UserException(
            "model %s: '%s' is no width; write widths from 1 to 9999999 as in 784-50-50-10"
                .formatted(name, width));
      }
      widths.add(Integer.valueOf(width));
    }
    return widths;
  }

  /**
   * Makes sure that the network can read the images and name their classes.
   *
   * @throws UserException where it cannot
   */
  public void requireFit(Dataset data) {
    requireFit(data.name(), data.features(), data.classes());
  }

  /** The same for images of any set. */
  public void requireFit(String data, int features, int classes) {
    if (inputs != features || outputs != classes) {
      throw new UserException(
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
}
