package dev.evolute.autodiff.memory;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** Refuses what cannot fit before anything is allocated: a system that overcommits would not. */
public final class Memory {
  private Memory() {}

  /** Bytes of this machine, or of the container the JVM runs in. */
  public static long ofTheMachine() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getTotalMemorySize();
  }

  /**
   * Refuses what the machine cannot hold.
   *
   * @param what what is asked for
   * @param wayOut what to do instead
   * @throws IllegalArgumentException if the machine has less
   */
  public static void require(String what, long bytes, String wayOut) {
    require(what, bytes, ofTheMachine(), wayOut);
  }

  /** The same where so many bytes are available. */
  public static void require(String what, long bytes, long available, String wayOut) {
    if (bytes > available) {
      throw new IllegalArgumentException(
          what + " takes " + bytes + " bytes, there are " + available + "; " + wayOut);
    }
  }
}
