package dev.evolute.kernels;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.concurrent.Executor;

/**
 * A place where buffers live and kernels run. A device is used by one thread at a time, and says so
 * when a second one comes; it brings its own worker threads unless it is given an executor. Closing
 * it frees its workers; buffers are closed by their owners.
 */
public interface Device extends AutoCloseable {
  /** The name that {@link #open} takes: {@code cpu}, {@code cuda:0}. */
  String name();

  /** Host threads this device uses. */
  int threads();

  /** New zeroed memory of {@code length} elements, 64-byte aligned, owned by the caller. */
  Buffer allocate(DType dtype, long length);

  /**
   * New zeroed memory for a few numbers that the host changes between calls: kernels read them
   * where they stand, so that writing is no piece of work. It waits until the calls before are
   * done.
   */
  default Buffer shared(DType dtype, long length) {
    return allocate(dtype, length);
  }

  /**
   * The caller's own memory as a buffer, in place where the device can reach it; else a copy of
   * what it holds now, whose results {@link Buffer#read} gives. The caller keeps ownership: closing
   * the buffer does not free the segment.
   *
   * @throws IllegalArgumentException if the segment's size is no multiple of the element size
   */
  Buffer wrap(DType dtype, MemorySegment memory);

  /** The numeric primitives for one element type; every buffer handed to them has that type. */
  Kernels kernels(DType dtype);

  /**
   * How exact products of f32 matrices have to be from now on, {@link Precision#F32} until this is
   * called. A device that has nothing faster stays as exact as it is.
   *
   * @throws IllegalArgumentException if the device has units for it in other models, and lacks them
   */
  default void precision(Precision precision) {
    Objects.requireNonNull(precision, "precision");
  }

  /** How exact products of f32 matrices are at least. */
  default Precision precision() {
    return Precision.F32;
  }

  /**
   * Calls of kernels that will be made again and again: each time the same kernels on the same
   * buffers with the same numbers, of which only what stands in the buffers changes. Running the
   * result makes the calls. A device of its own takes them as one piece of work, recorded when they
   * are made for the second time, and forgotten with the result; calls that bring a number to the
   * host or ask for memory are made one by one every time. An index out of range is then told when
   * the host next waits for the device.
   *
   * @param calls closes no buffer that it uses
   */
  default Runnable repeated(Runnable calls) {
    return Objects.requireNonNull(calls, "calls");
  }

  /**
   * Whether kernels return before they are done, so that a number on the host is waited for: then
   * those that leave their numbers on the device are worth more of them.
   */
  default boolean runsAhead() {
    return false;
  }

  /**
   * Pieces of work that were given to the device so far: a kernel, a copy or a recorded sequence is
   * one. 0 on a device whose kernels run in their callers' threads.
   */
  default long launches() {
    return 0;
  }

  /** Waits until all that was asked of the device is done, and tells what went wrong with it. */
  default void await() {
    // Kernels that run in their callers' threads are done when they return.
  }

  @Override
  void close();

  /** All device families on the class or module path. */
  static List<DeviceProvider> providers() {
    List<DeviceProvider> found = new ArrayList<>();
    ServiceLoader.load(DeviceProvider.class).forEach(found::add);
    return found;
  }

  /**
   * Opens a device by name, with worker threads of its own. They are daemons, sleep while there is
   * nothing to do, and end when the device is closed or forgotten.
   *
   * @param spec {@code cpu} or {@code cuda:N}
   * @param threads host threads to use, at least 1
   * @throws IllegalArgumentException if the name or the thread count is unusable
   * @throws DeviceUnavailableException if the device is known but not there
   */
  static Device open(String spec, int threads) {
    return provider(spec, threads).open(spec, threads);
  }

  /**
   * Opens a device by name that starts no threads: a kernel is cut into up to {@code threads} parts
   * which the caller's thread shares with the executor. The caller does what the executor has not
   * begun, so an executor that is busy, smaller than {@code threads}, shut down or the caller's own
   * makes a kernel slower and never wrong: results are those of as many threads of its own. The
   * executor stays the caller's to shut down.
   *
   * @param spec {@code cpu} or {@code cuda:N}
   * @param threads parts a kernel is cut into, at least 1: the executor's threads and the caller's
   * @param executor where the parts run
   * @throws IllegalArgumentException if the name or the thread count is unusable
   * @throws DeviceUnavailableException if the device is known but not there
   */
  static Device open(String spec, int threads, Executor executor) {
    Objects.requireNonNull(executor, "executor");
    return provider(spec, threads).open(spec, threads, executor);
  }

  private static DeviceProvider provider(String spec, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: " + threads + " given, at least 1 is needed");
    }
    int colon = spec.indexOf(':');
    String scheme = colon < 0 ? spec : spec.substring(0, colon);
    TreeSet<String> known = new TreeSet<>();
    for (DeviceProvider provider : providers()) {
      if (provider.scheme().equals(scheme)) {
        return provider;
      }
      known.add(provider.scheme());
    }
    throw new IllegalArgumentException(
        "device: '" + spec + "' is unknown; this installation knows " + String.join(", ", known));
  }
}
