package examples;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import dev.evolute.kernels.*;
import dev.evolute.spectral.*;

/** The Hessian's largest eigenvalue along a training in DJL, on its PyTorch engine. */
public class DjlTraining {
  public static void main(String[] arguments) {
    try (Model model = Model.newInstance("regression", "PyTorch")) {
      model.getNDManager().getEngine().setRandomSeed(1);
      model.setBlock(
          new SequentialBlock()
              .add(Linear.builder().setUnits(8).build())
              .add(Activation::tanh)
              .add(Linear.builder().setUnits(1).build()));
      Optimizer descent =
          Optimizer.sgd()
              .setLearningRateTracker(ai.djl.training.tracker.Tracker.fixed(0.2f))
              .build();
      try (Trainer trainer =
          model.newTrainer(new DefaultTrainingConfig(Loss.l2Loss()).optOptimizer(descent))) {
        trainer.initialize(new Shape(64, 4));
        NDArray x = trainer.getManager().randomNormal(new Shape(64, 4));
        NDArray y = x.get(":, 0:1").sin().mul(x.get(":, 1:2"));
        follow(trainer, new NDList(x), new NDList(y), new DjlParameters(model.getBlock()));
      }
    }
  }

  /** Trains, and prints lambda_max after each step. */
  static void follow(Trainer trainer, NDList x, NDList y, DjlParameters parameters) {
    try (Device cpu = Device.open("cpu", 1);
        Tracker tracker = new Tracker(Tracker.Options.of(Lanczos.Options.defaults()));
        Buffer theta = cpu.allocate(DType.F32, parameters.size())) {
      for (int step = 0; step <= 20; step++) {
        double[] now = parameters.values();
        theta.set(now);
        VectorFunction gradient =
            VectorFunction.onDoubles((at, g) -> gradient(trainer, x, y, parameters, at, g));
        try (DifferenceOperator hessian = new DifferenceOperator(theta, gradient)) {
          System.out.println(step + " " + tracker.next(hessian).max().pair().value());
        }
        gradient(trainer, x, y, parameters, now, new double[now.length]);
        trainer.step();
      }
    }
  }

  /** The gradient g of the loss where all parameters, one after the other, are {@code at}. */
  static void gradient(
      Trainer trainer, NDList x, NDList y, DjlParameters parameters, double[] at, double[] g) {
    parameters.set(at);
    try (GradientCollector collector = trainer.newGradientCollector()) {
      collector.zeroGradients();
      collector.backward(trainer.getLoss().evaluate(y, trainer.forward(x)));
    }
    parameters.gradients(g);
  }
}
