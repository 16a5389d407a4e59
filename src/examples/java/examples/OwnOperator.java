package examples;

import dev.evolute.kernels.*;
import dev.evolute.spectral.*;

/** The spectral norm of an operator of one's own: a chain of springs, whose norm is below 4. */
public class OwnOperator {
  static void chain(double[] x, double[] y) {
    for (int i = 0; i < x.length; i++) {
      y[i] = 2 * x[i] - (i > 0 ? x[i - 1] : 0) - (i < x.length - 1 ? x[i + 1] : 0);
    }
  }

  public static void main(String[] arguments) {
    try (Device cpu = Device.open("cpu", 2)) {
      VectorFunction product = VectorFunction.onDoubles(OwnOperator::chain);
      LinearOperator a = LinearOperator.of(cpu, DType.F64, 10_000, product);
      try (Extremes ends = Lanczos.extremes(a, Lanczos.Options.defaults())) {
        double norm = Math.max(-ends.min().value(), ends.max().value());
        System.out.println(norm + " by " + ends.products() + " products");
      }
    }
  }
}
