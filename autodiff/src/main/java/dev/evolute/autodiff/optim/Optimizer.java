package dev.evolute.autodiff.optim;

import dev.evolute.autodiff.graph.Objective;
import dev.evolute.kernels.Adam;
import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Sgd;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Moves theta along gradients, with whatever memory of earlier ones it keeps: gradient descent,
 * momentum (heavy ball or Nesterov), Adam and AdamW. Each step is one pass over memory and
 * allocates nothing. Its whole state is {@link #steps()} and {@link #state()}; with both put back,
 * a run goes on to the bit.
 */
public final class Optimizer implements AutoCloseable {
  /** One kernel call. */
  private interface Update {
    void run(double eta, long step, double factor, Buffer gradient, Buffer theta);
  }

  /** The same call with numbers that are read when it is made. */
  private interface ReadingUpdate {
    void run(Buffer rates, Buffer gradient, Buffer theta);
  }

  /** Those numbers. */
  private interface Rates {
    double[] of(double eta, long step, double factor);
  }

  private final Map<String, Buffer> state = new LinkedHashMap<>();
  private final Device device;
  private final DType dtype;
  private final long size;
  private final Update update;
  private final ReadingUpdate reading;
  private final Rates rates;
  private long steps;

  private Optimizer(Device device, DType dtype, long size, Sgd how) {
    this.device = device;
    this.dtype = dtype;
    this.size = size;
    Kernels kernels = device.kernels(dtype);
    Buffer velocity = how.momentum() == 0 ? null : vector("velocity");
    update = (eta, step, factor, g, theta) -> kernels.sgd(how, eta, factor, g, theta, velocity);
    reading = (numbers, g, theta) -> kernels.sgd(how, numbers, g, theta, velocity);
    rates = (eta, step, factor) -> new double[] {eta, factor};
  }

  private Optimizer(Device device, DType dtype, long size, Adam how) {
    this.device = device;
    this.dtype = dtype;
    this.size = size;
    Kernels kernels = device.kernels(dtype);
    Buffer m = vector("m");
    Buffer v = vector("v");
    update = (eta, step, factor, g, theta) -> kernels.adam(how, eta, step, factor, g, theta, m, v);
    reading = (numbers, g, theta) -> kernels.adam(how, numbers, g, theta, m, v);
    rates = how::rates;
  }

  /**
   * Gradient descent, with a velocity where there is momentum.
   *
   * @param size P, elements of theta
   */
  public static Optimizer of(Sgd how, Device device, DType dtype, long size) {
    return new Optimizer(device, dtype, size, how);
  }

  /**
   * Adam, or AdamW where the decay is decoupled.
   *
   * @param size P, elements of theta
   */
  public static Optimizer of(Adam how, Device device, DType dtype, long size) {
    return new Optimizer(device, dtype, size, how);
  }

  /** For the parameters of an objective. */
  public static Optimizer of(Sgd how, Objective objective) {
    return of(how, objective.device(), objective.dtype(), objective.size());
  }

  /** For the parameters of an objective. */
  public static Optimizer of(Adam how, Objective objective) {
    return of(how, objective.device(), objective.dtype(), objective.size());
  }

  private Buffer vector(String name) {
    Buffer buffer = device.allocate(dtype, size);
    state.put(name, buffer);
    return buffer;
  }

  /**
   * One step along the gradient an objective holds.
   *
   * @param eta step size, finite and not negative
   */
  public void step(double eta, Objective objective) {
    step(eta, 1, objective.gradient(), objective.theta());
  }

  /**
   * One step.
   *
   * @param eta step size, finite and not negative
   * @param factor of the gradient: the one that clips its norm, else 1
   * @param gradient {@code [P]}, read
   * @param theta {@code [P]}, moved
   */
  public void step(double eta, double factor, Buffer gradient, Buffer theta) {
    begin(eta);
    update.run(eta, steps, factor, gradient, theta);
  }

  private void begin(double eta) {
    if (!(eta >= 0 && eta < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "optimizer: step size " + eta + " given, it must be finite and not negative");
    }
    steps++;
  }

  /** How many numbers a step has. */
  int rates() {
    return rates.of(0, 1, 1).length;
  }

  /** Counts a step, which {@link #update} is going to make, and gives its numbers. */
  double[] next(double eta, double factor) {
    begin(eta);
    return rates.of(eta, steps, factor);
  }

  /** A step with numbers that are read when it is made. */
  void update(Buffer rates, Buffer gradient, Buffer theta) {
    reading.run(rates, gradient, theta);
  }

  /** Steps taken so far. */
  public long steps() {
    return steps;
  }

  /**
   * The vectors it keeps, {@code [P]} each, by name: {@code velocity}, or {@code m} and {@code v}
   * for the first and second moment; none without momentum. Write into them, then {@link #resume},
   * to go on from a saved state.
   */
  public Map<String, Buffer> state() {
    return Collections.unmodifiableMap(state);
  }

  /**
   * Goes on as if this many steps had been taken.
   *
   * @throws IllegalArgumentException if there are fewer than 0
   */
  public void resume(long steps) {
    if (steps < 0) {
      throw new IllegalArgumentException(
          "optimizer: resumed after " + steps + " steps; give 0 or more");
    }
    this.steps = steps;
  }

  /** Frees its vectors. */
  @Override
  public void close() {
    state.values().forEach(Buffer::close);
  }
}
