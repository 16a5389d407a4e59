package dev.evolute.app.profile;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;

/**
 * What a device can do, measured: arithmetic on registers, and copies between vectors that no cache
 * holds. A kernel that has F flops to do and B bytes to move takes {@code max(F / flops, B /
 * bytes)} seconds at least (Williams, Waterman and Patterson, 2009), unless a cache spares it the
 * bytes.
 *
 * @param flops floating-point operations a second, by fused multiply-adds
 * @param bytes a second, read and written
 * @param emptyCall seconds of a call that has nothing to do, waited for
 */
public record Roofline(double flops, double bytes, double emptyCall) {
  /** Long beside the latency of a launch and the resolution of clocks. */
  private static final double LONG_ENOUGH = 0.02;

  private static final long LEAST_BYTES = 1 << 18;
  private static final long MOST_BYTES = 1L << 27;
  private static final int MOST_ROUNDS = 1 << 28;
  private static final double MOST_SECONDS = 5;
  private static final int CALLS_TO_COMPILE = 20_000;

  /** Repetitions, of which the fastest counts: others shared the machine. */
  private static final int REPETITIONS = 5;

  /** Measures a device for kernels of one type; takes a few seconds. */
  public static Roofline of(Device device, DType dtype) {
    Kernels kernels = device.kernels(dtype);
    double flops = flops(device, kernels);
    double bytes = copies(device, dtype);
    try (Buffer one = device.allocate(dtype, 1)) {
      double empty = best(() -> seconds(device, () -> kernels.fill(0, one)));
      return new Roofline(flops, bytes, empty);
    }
  }

  /** The best rate, once it has stopped to rise: the loop is compiled while it runs. */
  private static double flops(Device device, Kernels kernels) {
    double each = kernels.multiplyAdds(1);
    // Vectors of an interpreted loop are objects: only calls by the thousand get it compiled soon.
    long start = System.nanoTime();
    for (int i = 0;
        i < CALLS_TO_COMPILE && 1e-9 * (System.nanoTime() - start) < MOST_SECONDS;
        i++) {
      kernels.multiplyAdds(1);
    }
    device.await();
    double best = 0;
    int rounds = 1 << 10;
    int steady = 0;
    for (double spent = 0; (steady < REPETITIONS || spent < 1) && spent < MOST_SECONDS; ) {
      double seconds = seconds(device, kernels, rounds);
      double rate = each * rounds / seconds;
      steady = seconds < LONG_ENOUGH || rate > 1.1 * best ? 0 : steady + 1;
      best = Math.max(best, rate);
      spent += seconds;
      if (seconds < LONG_ENOUGH && rounds < MOST_ROUNDS) {
        rounds *= 2;
      }
    }
    return best;
  }

  private static double seconds(Device device, Kernels kernels, int rounds) {
    return seconds(device, () -> kernels.multiplyAdds(rounds));
  }

  private static double copies(Device device, DType dtype) {
    for (long bytes = LEAST_BYTES; ; bytes *= 4) {
      long length = bytes / dtype.bytes();
      Kernels kernels = device.kernels(dtype);
      try (Buffer x = device.allocate(dtype, length);
          Buffer y = device.allocate(dtype, length)) {
        kernels.fill(1, x);
        double seconds = best(() -> seconds(device, () -> kernels.copy(x, y)));
        if (seconds >= LONG_ENOUGH || bytes >= MOST_BYTES) {
          return 2 * bytes / seconds;
        }
      }
    }
  }

  private interface Timed {
    double seconds();
  }

  private static double best(Timed timed) {
    double least = timed.seconds();
    for (int i = 1; i < REPETITIONS; i++) {
      least = Math.min(least, timed.seconds());
    }
    return least;
  }

  private static double seconds(Device device, Runnable call) {
    device.await();
    long start = System.nanoTime();
    call.run();
    device.await();
    return 1e-9 * Math.max(1, System.nanoTime() - start);
  }

  /** Flops a second that a kernel of that intensity, in flops a byte, can reach. */
  public double attainable(double intensity) {
    return Math.min(flops, bytes * intensity);
  }

  /** Least seconds of so much work. */
  public double seconds(double work, double moved) {
    return Math.max(work / flops, moved / bytes);
  }
}
