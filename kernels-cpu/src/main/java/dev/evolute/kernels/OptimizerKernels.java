package dev.evolute.kernels;

/**
 * Parameter updates, each in one pass over memory. Part of {@link Kernels}, whose rules hold here.
 * The gradient is multiplied by a factor first: the one that clips its norm, or takes a loss scale
 * off.
 */
public interface OptimizerKernels {
  /**
   * One step of gradient descent with rate eta:
   *
   * <pre>
   *   d = factor g + decay theta,  v = momentum v + d
   *   theta = theta - eta d                       without momentum
   *   theta = theta - eta v                       heavy ball
   *   theta = theta - eta (d + momentum v)        Nesterov
   * </pre>
   *
   * @param velocity v, zero before the first step; null exactly where the momentum is 0
   */
  void sgd(Sgd how, double eta, double factor, Buffer gradient, Buffer theta, Buffer velocity);

  /**
   * The same to the bit, with numbers that are read when the step is made: {@link Device#repeated}
   * makes it with others each time.
   *
   * @param rates {@link DType#F64}, eta and factor
   */
  void sgd(Sgd how, Buffer rates, Buffer gradient, Buffer theta, Buffer velocity);

  /**
   * Step {@code t = 1, 2, ..} of Adam with rate eta:
   *
   * <pre>
   *   d = factor g (+ decay theta unless decoupled)
   *   m = beta1 m + (1 - beta1) d,  v = beta2 v + (1 - beta2) d^2
   *   theta = theta (- eta decay theta if decoupled)
   *           - eta (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
   * </pre>
   *
   * @param m first moment, zero before the first step
   * @param v second moment, zero before the first step
   * @throws IllegalArgumentException if {@code step < 1}
   */
  void adam(
      Adam how,
      double eta,
      long step,
      double factor,
      Buffer gradient,
      Buffer theta,
      Buffer m,
      Buffer v);

  /**
   * The same to the bit, with numbers that are read when the step is made.
   *
   * @param rates {@link DType#F64}, the four of {@link Adam#rates}
   */
  void adam(Adam how, Buffer rates, Buffer gradient, Buffer theta, Buffer m, Buffer v);
}
