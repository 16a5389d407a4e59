package dev.evolute.kernels;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.TreeSet;

/**
 * A place where buffers live and kernels run. A device is used by one thread at a time; it brings
 * its own workers. Closing it frees its workers; buffers are closed by their owners.
 */
public interface Device extends AutoCloseable {
  /** The name that {@link #open} takes: {@code cpu}, {@code cuda:0}. */
  String name();

  /** Host threads this device uses. */
  int threads();

  /** New zeroed memory of {@code length} elements, 64-byte aligned, owned by the caller. */
  Buffer allocate(DType dtype, long length);

  /**
   * The caller's own memory as a buffer, in place where the device can reach it. The caller keeps
   * ownership: closing the buffer does not free the segment.
   *
   * @throws IllegalArgumentException if the segment's size is no multiple of the element size
   */
  Buffer wrap(DType dtype, MemorySegment memory);

  /** The numeric primitives for one element type; every buffer handed to them has that type. */
  Kernels kernels(DType dtype);

  @Override
  void close();

  /** All device families on the class or module path. */
  static List<DeviceProvider> providers() {
    List<DeviceProvider> found = new ArrayList<>();
    ServiceLoader.load(DeviceProvider.class).forEach(found::add);
    return found;
  }

  /**
   * Opens a device by name.
   *
   * @param spec {@code cpu} or {@code cuda:N}
   * @param threads host threads to use, at least 1
   * @throws IllegalArgumentException if the name or the thread count is unusable
   * @throws DeviceUnavailableException if the device is known but not there
   */
  static Device open(String spec, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: " + threads + " given, at least 1 is needed");
    }
    int colon = spec.indexOf(':');
    String scheme = colon < 0 ? spec : spec.substring(0, colon);
    TreeSet<String> known = new TreeSet<>();
    for (DeviceProvider provider : providers()) {
      if (provider.scheme().equals(scheme)) {
        return provider.open(spec, threads);
      }
      known.add(provider.scheme());
    }
    throw new IllegalArgumentException(
        "device: '" + spec + "' is unknown; this installation knows " + String.join(", ", known));
  }
}
