package dev.evolute.autodiff.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.evolute.autodiff.Dense;
import dev.evolute.autodiff.Network;
import dev.evolute.autodiff.Recording;
import dev.evolute.autodiff.curvature.Point;
import dev.evolute.autodiff.graph.Program.Purpose;
import dev.evolute.autodiff.op.Activate;
import dev.evolute.autodiff.op.AddRow;
import dev.evolute.autodiff.op.BinaryCrossEntropy;
import dev.evolute.autodiff.op.L2Penalty;
import dev.evolute.autodiff.op.MatMul;
import dev.evolute.autodiff.op.SoftmaxCrossEntropy;
import dev.evolute.autodiff.op.SquaredError;
import dev.evolute.kernels.Activation;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.spectral.LinearOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Every mistake gets one sentence that names the value, the place and the way out. */
class ErrorsTest {
  private static final Device CPU = Device.open("cpu", 1);
  private final Graph graph = new Graph();

  private static void refuses(String message, Executable mistake) {
    Exception e = assertThrows(IllegalArgumentException.class, mistake);
    assertEquals(message, e.getMessage());
  }

  private static void forbids(String message, Executable mistake) {
    Exception e = assertThrows(IllegalStateException.class, mistake);
    assertEquals(message, e.getMessage());
  }

  private static Network quadratic() {
    Recording r = new Recording(1);
    r.squaredError(1, r.layer(r.data(4, 3), r.parameter(2, 3)));
    return r.done("quadratic");
  }

  @Test
  void innerSizesOfAProduct() {
    Value x = graph.data("x", 1000, 784);
    Value w = graph.parameter("w", 785, 50);
    refuses(
        "matmul: left is [1000 x 784], right is [785 x 50]; inner sizes 784 and 785 must be equal",
        () -> graph.apply(new MatMul(false, false), x, w));
  }

  @Test
  void innerSizesOfATransposedProductAreThoseMultiplied() {
    Value x = graph.data("x", 3, 4);
    Value w = graph.parameter("w", 5, 6);
    refuses(
        "matmul: left is [4 x 3], right is [6 x 5]; inner sizes 3 and 6 must be equal",
        () -> graph.apply(new MatMul(true, true), x, w));
  }

  @Test
  void shapeOfABias() {
    Value x = graph.data("x", 4, 3);
    Value wide = graph.parameter("b", 1, 2);
    Value tall = graph.parameter("b", 3, 1);
    refuses(
        "bias: the input is [4 x 3], the bias [1 x 2]; it must be [1 x 3]",
        () -> graph.apply(new AddRow(), x, wide));
    refuses(
        "bias: the input is [4 x 3], the bias [3 x 1]; it must be [1 x 3]",
        () -> graph.apply(new AddRow(), x, tall));
  }

  @Test
  void shapeOfTargets() {
    Value z = graph.parameter("z", 4, 3);
    Value y = graph.data("y", 3, 4);
    refuses(
        "squared error: predictions are [4 x 3], targets [3 x 4]; shapes must be equal",
        () -> graph.loss(SquaredError.sum(), z, y));
    refuses(
        "softmax cross-entropy: predictions are [4 x 3], targets [3 x 4]; shapes must be equal",
        () -> graph.loss(SoftmaxCrossEntropy.mean(4), z, y));
  }

  @Test
  void targetsThatDependOnParameters() {
    Value z = graph.parameter("z", 4, 3);
    Value y = graph.apply(new Activate(Activation.TANH), graph.parameter("w", 4, 3));
    refuses(
        "squared error: the targets depend on parameters; they must be data",
        () -> graph.loss(SquaredError.sum(), z, y));
    refuses(
        "softmax cross-entropy: the targets depend on parameters; they must be data",
        () -> graph.loss(SoftmaxCrossEntropy.mean(4), z, y));
  }

  @Test
  void weightsOfSamples() {
    Value z = graph.parameter("z", 4, 3);
    Value y = graph.data("y", 4, 3);
    Value row = graph.data("row", 1, 4);
    Value learned = graph.parameter("learned", 4, 1);
    refuses(
        "binary cross-entropy: predictions are [4 x 3], weights [1 x 4]; give one weight a sample,"
            + " [4 x 1]",
        () -> graph.loss(BinaryCrossEntropy.mean(4).withWeights(), z, y, row));
    refuses(
        "softmax cross-entropy: the weights depend on parameters; they must be data",
        () -> graph.loss(SoftmaxCrossEntropy.mean(4).withWeights(), z, y, learned));
    refuses(
        "squared error: takes 3 inputs, 2 given",
        () -> graph.loss(SquaredError.sum().withWeights(), z, y));
    refuses(
        "squared error: takes 2 inputs, 3 given", () -> graph.loss(SquaredError.sum(), z, y, row));
  }

  @Test
  void emptyShapes() {
    refuses(
        "x: shape [0 x 3] is empty; both sizes must be at least 1", () -> graph.data("x", 0, 3));
    refuses(
        "w: shape [3 x -1] is empty; both sizes must be at least 1",
        () -> graph.parameter("w", 3, -1));
  }

  @Test
  void valueOfAnotherGraph() {
    Value foreign = new Graph().data("x", 2, 3);
    Value w = graph.parameter("w", 4, 3);
    refuses(
        "matmul: x [2 x 3] was recorded in another graph",
        () -> graph.apply(MatMul.LAYER, foreign, w));
    refuses(
        "L2 penalty: x [2 x 3] was recorded in another graph",
        () -> graph.loss(new L2Penalty(1), foreign));
  }

  @Test
  void lossUsedAsAValueAndValueUsedAsALoss() {
    Value w = graph.parameter("w", 4, 3);
    refuses(
        "L2 penalty: a term of the loss has no result to compute with; use loss(...)",
        () -> graph.apply(new L2Penalty(1), w));
    refuses(
        "tanh: not a loss; give a scalar term such as a squared error",
        () -> graph.loss(new Activate(Activation.TANH), w));
  }

  @Test
  void graphWithoutALoss() {
    graph.parameter("w", 4, 3);
    refuses(
        "compile: the graph needs at least one term of the loss and one parameter; it has 0 and 1",
        () -> Program.compile(graph, CPU, DType.F64, Purpose.TRAINING));
  }

  @Test
  void graphWithoutAParameter() {
    graph.loss(new L2Penalty(1), graph.data("x", 2, 2));
    refuses(
        "compile: the graph needs at least one term of the loss and one parameter; it has 1 and 0",
        () -> Program.compile(graph, CPU, DType.F64, Purpose.CURVATURE));
  }

  @Test
  void dataOfTheWrongLength() {
    Network network = quadratic();
    Value x = network.graph().data().get(0);
    try (Program program = network.training(CPU)) {
      refuses("set: x0 [4 x 3] takes 12 values, 13 given", () -> program.set(x, new double[13]));
    }
  }

  @Test
  void dataThatAreNotOfThisProgram() {
    Network network = quadratic();
    Value w = network.graph().parameters().get(0);
    Value foreign = graph.data("other", 4, 3);
    try (Program program = network.training(CPU)) {
      refuses("set: W1 [2 x 3] is not data of this program", () -> program.set(w, new double[6]));
      refuses(
          "set: other [4 x 3] is not data of this program",
          () -> program.set(foreign, new double[12]));
    }
  }

  @Test
  void productsOfATrainingProgram() {
    String end = ": this program was compiled for training; compile it with Purpose.CURVATURE";
    try (Program program = quadratic().training(CPU)) {
      forbids("keep" + end, () -> Point.of(program));
      forbids("a product" + end, program::hessianPass);
      forbids("a product" + end, program::gaussNewtonPass);
      forbids("tangent" + end, program::tangent);
      forbids("product" + end, program::product);
    }
  }

  @Test
  void pointThatTheProgramHasLeft() {
    String message = "point: the program has moved on to another point; make a new Point there";
    try (Program program = quadratic().curvature(CPU)) {
      Point left = Point.of(program);
      LinearOperator hessian = left.hessian();
      LinearOperator gaussNewton = left.gaussNewton();
      Point.of(program);
      forbids(message, left::gradient);
      forbids(message, () -> Dense.apply(hessian, new double[6]));
      forbids(message, () -> Dense.apply(gaussNewton, new double[6]));
      forbids(message, () -> Dense.apply(left.hessian(), new double[6]));
    }
  }

  @Test
  void everyOtherPassAndNewDataEndAPoint() {
    String message = "point: the program has moved on to another point; make a new Point there";
    Network network = quadratic();
    Value x = network.graph().data().get(0);
    try (Program program = network.curvature(CPU)) {
      for (Runnable move :
          new Runnable[] {
            program::gradientPass, program::value, () -> program.set(x, new double[12])
          }) {
        Point left = Point.of(program);
        move.run();
        forbids(message, left::gradient);
        forbids(
            "a product: no point is kept; call keep() after the last pass or change of data",
            program::hessianPass);
      }
    }
  }

  @Test
  void numberOfInputs() {
    Value x = graph.data("x", 4, 3);
    refuses("matmul: takes 2 inputs, 1 given", () -> graph.apply(MatMul.LAYER, x));
    refuses(
        "tanh: takes 1 inputs, 2 given", () -> graph.apply(new Activate(Activation.TANH), x, x));
    refuses("matmul: an input is null", () -> graph.apply(MatMul.LAYER, x, null));
  }

  @Test
  void graphThatGrowsAfterItWasCompiled() {
    graph.loss(new L2Penalty(1), graph.parameter("w", 2, 2));
    Program.compile(graph, CPU, DType.F64, Purpose.TRAINING).close();
    forbids(
        "v: the graph has been compiled and cannot grow; record a new one",
        () -> graph.parameter("v", 1, 1));
  }

  @Test
  void parameterOfAnotherProgram() {
    Network network = quadratic();
    Value x = network.graph().data().get(0);
    Value foreign = graph.parameter("w", 2, 3);
    try (Program program = network.training(CPU)) {
      refuses(
          "parameter: x0 [4 x 3] is not a parameter of this program", () -> program.parameter(x));
      refuses(
          "parameter: w [2 x 3] is not a parameter of this program",
          () -> program.parameter(foreign));
    }
  }

  @Test
  void factorsThatMakeEveryLossNaN() {
    refuses(
        "squared error: a mean over 0 samples; there must be at least 1",
        () -> SquaredError.mean(0));
    refuses(
        "softmax cross-entropy: a mean over -1 samples; there must be at least 1",
        () -> SoftmaxCrossEntropy.mean(-1));
    refuses("L2 penalty: lambda is NaN; it must be finite", () -> new L2Penalty(Double.NaN));
    refuses(
        "activation: kind LEAKY_RELU with slope NaN; give a kind and a finite slope",
        () -> Activation.leakyRelu(Double.NaN));
  }

  @Test
  void vectorOfTheWrongLength() {
    try (Program program = quadratic().curvature(CPU);
        var x = CPU.allocate(DType.F64, 5);
        var y = CPU.allocate(DType.F64, 6)) {
      LinearOperator hessian = Point.of(program).hessian();
      assertThrows(IllegalArgumentException.class, () -> hessian.apply(x, y));
      assertThrows(IllegalArgumentException.class, () -> hessian.apply(y, x));
    }
  }
}
