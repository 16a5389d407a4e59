package dev.evolute.app.study.gdvsflow;

import dev.evolute.autodiff.graph.Program;
import java.util.function.BooleanSupplier;
import org.hipparchus.ode.ODEState;
import org.hipparchus.ode.OrdinaryDifferentialEquation;
import org.hipparchus.ode.nonstiff.DormandPrince853Integrator;

/**
 * Gradient flow {@code theta' = -grad f(theta)} (paper 002, equation 5), or any autonomous system,
 * by the adaptive method of Dormand and Prince of order 8 with error estimates of orders 5 and 3.
 */
final class GradientFlow {
  /** Error allowed in a step, relative to a component or, where it is small, absolute. */
  private static final double TOLERANCE = 1e-11;

  private static final double SHORTEST = 1e-14;

  /** The right-hand side. */
  @FunctionalInterface
  interface Field {
    /** The derivative at a point; a new array. */
    double[] at(double[] point);
  }

  /** Thrown out of a long computation whose user no longer wants an answer. */
  static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1;

    Stopped() {
      super("interrupted", null, false, false);
    }
  }

  private GradientFlow() {}

  /**
   * Minus the gradient of a loss; ends the integration where the user asks for it.
   *
   * @param program in whose theta the loss is asked
   */
  static Field downhill(Program program, BooleanSupplier interrupted) {
    return theta -> {
      if (interrupted.getAsBoolean()) {
        throw new Stopped();
      }
      program.theta().set(theta);
      program.gradientPass();
      double[] g = program.gradient().toArray();
      for (int i = 0; i < g.length; i++) {
        g[i] = -g[i];
      }
      return g;
    };
  }

  /** Where the flow along a field takes a point in a time, to an error of about 1e-10. */
  static double[] advance(Field field, double[] point, double time) {
    return advance(field, point, time, TOLERANCE);
  }

  /** The same to another error in a step. */
  static double[] advance(Field field, double[] point, double time, double tolerance) {
    if (time == 0) {
      return point.clone();
    }
    OrdinaryDifferentialEquation equation =
        new OrdinaryDifferentialEquation() {
          @Override
          public int getDimension() {
            return point.length;
          }

          @Override
          public double[] computeDerivatives(double t, double[] y) {
            return field.at(y);
          }
        };
    return new DormandPrince853Integrator(SHORTEST, time, tolerance, tolerance)
        .integrate(equation, new ODEState(0, point), time)
        .getPrimaryState();
  }
}
