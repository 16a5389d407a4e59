package dev.evolute.app.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.app.UserException;
import dev.evolute.autodiff.graph.ChunkPlan;
import dev.evolute.autodiff.graph.Chunks;
import dev.evolute.autodiff.graph.Graph;
import dev.evolute.autodiff.graph.Program;
import dev.evolute.autodiff.nn.Decoder;
import dev.evolute.autodiff.nn.DeepLinear;
import dev.evolute.autodiff.nn.FullyConnected;
import dev.evolute.autodiff.nn.NtkNetwork;
import dev.evolute.autodiff.nn.ResNet;
import dev.evolute.autodiff.nn.TwoLayer;
import dev.evolute.autodiff.nn.VisionTransformer;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A network is what its name says. */
class NamedModelTest {
  @Test
  void mnistMlpIsThePapersNetwork() {
    NamedModel model = NamedModel.of("mnist-mlp");
    assertEquals(FullyConnected.of(Activation.RELU, 784, 50, 50, 10), model.network());
    assertEquals(42_200, model.network().size());
    model.requireFit("mnist-1k", 784, 10);
  }

  @Test
  void widthsActivationAndBiasesAreRead() {
    NamedModel model = NamedModel.of("mlp:7-5-3:tanh:bias");
    assertEquals(new FullyConnected(List.of(7, 5, 3), Activation.TANH, true), model.network());
    assertEquals(7, model.inputs());
    assertEquals(3, model.outputs());
  }

  @Test
  void networksOfThePapersHaveNames() {
    assertEquals(DeepLinear.of(7, 5, 5, 3), NamedModel.of("deep-linear:7-5-5-3").network());
    assertEquals(TwoLayer.factors(7, 5, 3), NamedModel.of("two-layer:7-5-3").network());
    assertEquals(
        TwoLayer.outputFirst(Activation.TANH, 7, 5, 3),
        NamedModel.of("two-layer:7-5-3:tanh").network());
    NamedModel ntk = NamedModel.of("ntk:7-5-5-3:tanh");
    assertEquals(new NtkNetwork(7, 5, 2, 3, Activation.TANH), ntk.network());
    assertEquals(7, ntk.inputs());
    assertEquals(3, ntk.outputs());
  }

  /** In a program and in chunks theta starts alike, balanced where the name says so. */
  @Test
  void startsAreThoseOfTheirPapers() {
    try (Device device = Device.open("cpu", 1)) {
      for (String name : List.of("deep-linear:7-5-5-3", "ntk:7-5-5-3:tanh")) {
        NamedModel model = NamedModel.of(name);
        Graph graph = new Graph();
        model.loss(4).record(graph, 4);
        try (Program program =
                Program.compile(graph, device, DType.F64, Program.Purpose.CURVATURE);
            Chunks chunks = ChunkPlan.of(4, 2, model.loss(4)).compile(device, DType.F64)) {
          model.start().fill(program, 3);
          model.start().fill(chunks, 3);
          assertArrayEquals(program.theta().toArray(), chunks.theta().toArray());
          if (model.network() instanceof DeepLinear) {
            DeepLinear network = (DeepLinear) model.network();
            assertEquals(0, network.imbalance(program), 1e-14);
            assertTrue(Arrays.stream(network.endToEnd(program)).allMatch(a -> a != 0));
          } else {
            double[] v = Arrays.copyOfRange(program.theta().toArray(), 60, 65);
            assertEquals(1, Arrays.stream(v).map(a -> a * a).sum(), 1e-14);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "two-layer:784-10 | model two-layer:784-10: give three widths, INPUTS-HIDDEN-OUTPUTS, such"
            + " as two-layer:784-50-10",
        "ntk:784-9-8-10:tanh | model ntk:784-9-8-10:tanh: give at least one hidden layer, and all"
            + " of one width, such as ntk:784-128-128-10:tanh",
        "mlp:784-x-10:relu | model mlp:784-x-10:relu: 'x' is no width; write widths from 1 to"
            + " 9999999 as in 784-50-50-10",
        "mlp:784:relu | model mlp:784:relu: one width makes no network; write at least inputs and"
            + " outputs, as in 784-10",
        "mlp:784-10:step | model mlp:784-10:step: there is no activation 'step'; there is linear,"
            + " relu, tanh, sigmoid, softplus, gelu, silu",
        "mlp:784-10:relu:norm | model mlp:784-10:relu:norm: 'norm' is not known; only :bias can"
            + " follow the activation"
      })
  void whatIsNoNameIsRefused(String name, String sentence) {
    assertEquals(
        sentence, assertThrows(UserException.class, () -> NamedModel.of(name)).getMessage());
  }

  @Test
  void anUnknownNameIsAnsweredWithAllThereAre() {
    String sentence = "there is no model 'resnet'; there is " + NamedModel.OF_IMAGES;
    assertEquals(sentence, refused(() -> NamedModel.of("resnet")));
    assertEquals(sentence, refused(() -> NamedModel.onImages("resnet")));
  }

  private static String refused(Executable asked) {
    return assertThrows(UserException.class, asked).getMessage();
  }

  /** 25.6 million less the 2 million of a thousand classes and the 8,000 of a larger stem. */
  @Test
  void blockModelsTakeTheirEndsFromTheData() {
    NamedModel resnet = NamedModel.onImages("resnet50").fit("cifar-10", 3072, 10);
    assertEquals(ResNet.resNet50(10), resnet.network());
    assertEquals(23_520_842, resnet.network().size());
    assertEquals(ResNet.resNet50(10).evaluation(), resnet.evaluation().network());
    assertEquals(
        new ResNet(28, 1, List.of(2, 1), 8, 10, true),
        NamedModel.onImages("resnet:2-1:8").fit("mnist", 784, 10).network());
    assertEquals(
        VisionTransformer.tiny(100),
        NamedModel.onImages("vit-tiny").fit("some", 3072, 100).network());
    assertEquals(
        new VisionTransformer(28, 1, 7, 16, 2, 4, 3, 10, 0.1),
        NamedModel.onImages("vit:2-4-16-7").fit("mnist", 784, 10).network());
  }

  @Test
  void blockModelsThatDoNotFitAreRefused() {
    assertEquals(
        "model vit:2-3-16-7: give four sizes, LAYERS-HEADS-WIDTH-PATCH, the width a multiple of the"
            + " heads, such as vit:4-4-128-4",
        refused(() -> NamedModel.onImages("vit:2-3-16-7")));
    assertEquals(
        "model vit:2-4-16-5: patches of 5 x 5 pixels do not fill the 28 x 28 of mnist; give a"
            + " divisor of 28",
        refused(() -> NamedModel.onImages("vit:2-4-16-5").fit("mnist", 784, 10)));
    assertEquals(
        "model resnet50 reads square images, grey or in three colours; those of some have 7"
            + " numbers",
        refused(() -> NamedModel.onImages("resnet50").fit("some", 7, 10)));
  }

  @Test
  void networkOfAnotherShapeThanTheDataIsRefused() {
    assertEquals(
        "model mlp:100-10:relu takes 100 inputs to 10 classes, but mnist-1k has 784 inputs and 10"
            + " classes; name widths that begin and end with those",
        assertThrows(
                UserException.class,
                () -> NamedModel.of("mlp:100-10:relu").requireFit("mnist-1k", 784, 10))
            .getMessage());
  }

  @Test
  void convolutionalNetworkIsThePapers() {
    assertEquals(61_470, NamedModel.of("mnist-cnn").network().size());
    NamedModel.of("mnist-cnn:tutorial").requireFit("mnist-1k", 784, 10);
  }

  @Test
  void decoderHasTheSizesOfItsName() {
    NamedModel model = NamedModel.ofText("decoder:6-6-384-256", 256);
    assertEquals(new Decoder(256, 6, 6, 384, 1024, 256, false), model.network());
    assertEquals(256, model.inputs());
    assertEquals(
        "model decoder:6-5-384-256: give four sizes, LAYERS-HEADS-WIDTH-LENGTH, the width a"
            + " multiple of twice the heads, such as decoder:6-6-384-256",
        assertThrows(UserException.class, () -> NamedModel.ofText("decoder:6-5-384-256", 256))
            .getMessage());
    assertEquals(
        "model mnist-mlp does not read text; give decoder:LAYERS-HEADS-WIDTH-LENGTH such as"
            + " decoder:6-6-384-256",
        assertThrows(UserException.class, () -> NamedModel.ofText("mnist-mlp", 256)).getMessage());
    assertEquals(
        "model decoder:1-1-4-8 reads text, such as text:PATH; on images there is "
            + NamedModel.OF_IMAGES,
        assertThrows(UserException.class, () -> NamedModel.of("decoder:1-1-4-8")).getMessage());
  }
}
