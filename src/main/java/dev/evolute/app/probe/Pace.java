package dev.evolute.app.probe;

import dev.evolute.kernels.Device;

/**
 * How fast something goes that is done again and again.
 *
 * @param seconds of the fastest of a few times, until the device was done
 * @param launches pieces of work that the last time was for the device; 0 where kernels run in
 *     their caller's thread
 */
record Pace(double seconds, long launches) {
  /**
   * Work gets faster while it is compiled, at first by the hundredfold: it is timed until so many
   * times in a row were no faster than before, or so long.
   */
  private static final int STEADY = 5;

  private static final double TRIAL_SECONDS = 3;

  /**
   * Measures some work.
   *
   * @param check called before each time, to end it by an exception
   */
  static Pace of(Device device, Runnable check, Runnable work) {
    double least = Double.POSITIVE_INFINITY;
    long launches = 0;
    work.run();
    int steady = 0;
    for (double spent = 0; steady < STEADY && spent < TRIAL_SECONDS; ) {
      check.run();
      device.await();
      long before = device.launches();
      long start = System.nanoTime();
      work.run();
      device.await();
      double seconds = 1e-9 * (System.nanoTime() - start);
      launches = device.launches() - before;
      steady = seconds < 0.9 * least ? 0 : steady + 1;
      least = Math.min(least, seconds);
      spent += seconds;
    }
    return new Pace(least, launches);
  }
}
