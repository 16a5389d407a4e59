package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Adam;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Sgd;
import dev.evolute.kernels.Shapes;

/** Parameter updates: {@code optimizers.cu}. */
interface OptimizersOnCuda extends OnCuda {
  Symbol SGD = Symbol.of("optimizers", "sgd");
  Symbol ADAM = Symbol.of("optimizers", "adam");

  @Override
  default void sgd(
      Sgd how, double eta, double factor, Buffer gradient, Buffer theta, Buffer velocity) {
    alike("sgd", theta, gradient);
    Shapes.velocity(how, velocity);
    alike("sgd", theta, velocity);
    Launcher call = launch(SGD).n(theta.length()).real(eta).real(factor).real(how.decay());
    call.real(how.momentum()).real(how.nesterov() ? how.momentum() : 1);
    call.real(how.nesterov() ? 1 : 0);
    call.at(gradient).at(theta).at(velocity).over(theta.length());
  }

  @Override
  default void adam(
      Adam how,
      double eta,
      long step,
      double factor,
      Buffer gradient,
      Buffer theta,
      Buffer m,
      Buffer v) {
    alike("adam", theta, gradient, m, v);
    Shapes.step(step);
    Launcher call = launch(ADAM).n(theta.length()).real(factor);
    call.real(how.decoupled() ? 0 : how.decay());
    call.real(how.beta1()).real(1 - how.beta1()).real(how.beta2()).real(1 - how.beta2());
    call.real(eta / (1 - StrictMath.pow(how.beta1(), step)));
    call.real(1 / Math.sqrt(1 - StrictMath.pow(how.beta2(), step)));
    call.real(how.eps()).real(how.decoupled() ? 1 - eta * how.decay() : 1);
    call.at(gradient).at(theta).at(m).at(v).over(theta.length());
  }
}
