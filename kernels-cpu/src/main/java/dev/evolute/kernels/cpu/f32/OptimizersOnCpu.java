package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.Adam;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.Sgd;
import dev.evolute.kernels.Shapes;
import dev.evolute.kernels.cpu.Call;

/** Parameter updates, each in one pass over memory: checks, and the split over threads. */
interface OptimizersOnCpu extends OnCpu {
  Call.Part DESCEND =
      (c, from, to) -> {
        float decay = (float) ((Sgd) c.shape).decay();
        Optimizers.descend((float) c.alpha, (float) c.beta, decay, c.a, c.b, from, to);
      };
  Call.Part ROLL =
      (c, from, to) -> {
        Sgd how = (Sgd) c.shape;
        Optimizers.roll(
            (float) c.alpha,
            (float) c.beta,
            (float) how.decay(),
            (float) how.momentum(),
            how.nesterov(),
            c.a,
            c.b,
            c.c,
            from,
            to);
      };
  Call.Part ADAM =
      (c, from, to) -> {
        Adam how = (Adam) c.shape;
        Optimizers.adam(
            (float) c.beta,
            (float) (how.decoupled() ? 0 : how.decay()),
            (float) how.beta1(),
            (float) (1 - how.beta1()),
            (float) how.beta2(),
            (float) (1 - how.beta2()),
            (float) c.alpha,
            (float) c.gamma,
            (float) how.eps(),
            (float) c.delta,
            c.a,
            c.b,
            c.c,
            c.d,
            from,
            to);
      };

  @Override
  default void sgd(
      Sgd how, double eta, double factor, Buffer gradient, Buffer theta, Buffer velocity) {
    Shapes.home("sgd", this, gradient);
    Shapes.home("sgd", this, theta);
    Shapes.sameLength("sgd", gradient, theta);
    Shapes.velocity(how, velocity);
    Call call = call().memory(gradient.segment(), theta.segment()).scalars(eta, factor);
    call.shape = how;
    if (velocity == null) {
      call.split(theta.length(), 1, DESCEND);
    } else {
      Shapes.home("sgd", this, velocity);
      Shapes.sameLength("sgd", theta, velocity);
      call.c = velocity.segment();
      call.split(theta.length(), 1, ROLL);
    }
  }

  @Override
  default void sgd(Sgd how, Buffer rates, Buffer gradient, Buffer theta, Buffer velocity) {
    Shapes.rates("sgd", rates, 2);
    sgd(how, rates.get(0), rates.get(1), gradient, theta, velocity);
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
    adam(how, how.rates(eta, step, factor), gradient, theta, m, v);
  }

  @Override
  default void adam(Adam how, Buffer rates, Buffer gradient, Buffer theta, Buffer m, Buffer v) {
    Shapes.rates("adam", rates, 4);
    adam(how, rates.toArray(), gradient, theta, m, v);
  }

  private void adam(Adam how, double[] rates, Buffer gradient, Buffer theta, Buffer m, Buffer v) {
    Shapes.home("adam", this, gradient);
    Shapes.home("adam", this, theta);
    Shapes.home("adam", this, m);
    Shapes.home("adam", this, v);
    Shapes.sameLength("adam", gradient, theta);
    Shapes.sameLength("adam", theta, m);
    Shapes.sameLength("adam", theta, v);
    Call call = call().memory(gradient.segment(), theta.segment(), m.segment(), v.segment());
    call.scalars(rates[1], rates[0]);
    call.gamma = rates[2];
    call.delta = rates[3];
    call.shape = how;
    call.split(theta.length(), 1, ADAM);
  }
}
