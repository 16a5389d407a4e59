package examples;

import dev.evolute.kernels.*;
import dev.evolute.spectral.*;

/** The Hessian's largest eigenvalue along a training that knows nothing but gradients. */
public class OwnTrainer {
  public static void main(String[] arguments) {
    HandWritten trainer = new HandWritten();
    try (Device cpu = Device.open("cpu", 1);
        Tracker tracker = new Tracker(Tracker.Options.of(Lanczos.Options.defaults()));
        Buffer theta = cpu.allocate(DType.F64, trainer.theta.length)) {
      for (int step = 0; step <= 200; step++) {
        theta.set(trainer.theta);
        VectorFunction gradient = VectorFunction.onDoubles(trainer::gradient);
        try (DifferenceOperator hessian = new DifferenceOperator(theta, gradient)) {
          System.out.println(step + " " + tracker.next(hessian).max().pair().value());
        }
        trainer.step(0.2);
      }
    }
  }
}
