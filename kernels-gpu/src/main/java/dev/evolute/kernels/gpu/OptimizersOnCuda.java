package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Adam;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Sgd;
import dev.evolute.kernels.Shapes;

/** Parameter updates: {@code optimizers.cu}. */
interface OptimizersOnCuda extends OnCuda {
  Symbol SGD = Symbol.of("optimizers", "sgd");
  Symbol ADAM = Symbol.of("optimizers", "adam");

  /** Of a step that reads its rates where they stand. */
  double[] READ = new double[4];

  @Override
  default void sgd(
      Sgd how, double eta, double factor, Buffer gradient, Buffer theta, Buffer velocity) {
    sgd(how, null, eta, factor, gradient, theta, velocity);
  }

  @Override
  default void sgd(Sgd how, Buffer rates, Buffer gradient, Buffer theta, Buffer velocity) {
    Shapes.rates("sgd", rates, 2);
    sgd(how, rates, 0, 0, gradient, theta, velocity);
  }

  private void sgd(
      Sgd how,
      Buffer rates,
      double eta,
      double factor,
      Buffer gradient,
      Buffer theta,
      Buffer velocity) {
    alike("sgd", theta, gradient);
    Shapes.velocity(how, velocity);
    alike("sgd", theta, velocity);
    Launcher call = launch(SGD).n(theta.length()).at(rates).real(eta).real(factor);
    call.real(how.decay()).real(how.momentum()).real(how.nesterov() ? how.momentum() : 1);
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
    adam(how, null, how.rates(eta, step, factor), gradient, theta, m, v);
  }

  @Override
  default void adam(Adam how, Buffer rates, Buffer gradient, Buffer theta, Buffer m, Buffer v) {
    Shapes.rates("adam", rates, 4);
    adam(how, rates, READ, gradient, theta, m, v);
  }

  private void adam(
      Adam how, Buffer rates, double[] numbers, Buffer gradient, Buffer theta, Buffer m, Buffer v) {
    alike("adam", theta, gradient, m, v);
    Launcher call = launch(ADAM).n(theta.length()).at(rates).real(numbers[0]);
    call.real(how.decoupled() ? 0 : how.decay());
    call.real(how.beta1()).real(1 - how.beta1()).real(how.beta2()).real(1 - how.beta2());
    call.real(numbers[1]).real(numbers[2]).real(how.eps()).real(numbers[3]);
    call.at(gradient).at(theta).at(m).at(v).over(theta.length());
  }
}
