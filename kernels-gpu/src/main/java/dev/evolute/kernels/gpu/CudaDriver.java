package dev.evolute.kernels.gpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.evolute.kernels.DeviceUnavailableException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The few calls of the CUDA driver API that tell which devices there are. Every failure is a {@link
 * DeviceUnavailableException} that begins with {@code no CUDA device:} and gives the reason.
 *
 * <p>Source: CUDA Driver API reference, sections "Initialization", "Version Management" and "Device
 * Management".
 */
@SuppressWarnings("restricted")
final class CudaDriver implements AutoCloseable {
  /** The driver's own library, on Linux and on Windows. */
  static final List<String> LIBRARIES = List.of("libcuda.so.1", "nvcuda.dll");

  private static final int SUCCESS = 0;
  private static final int NAME_BYTES = 256;

  private final Arena arena;
  private final SymbolLookup library;

  private CudaDriver(Arena arena, SymbolLookup library) {
    this.arena = arena;
    this.library = library;
  }

  /**
   * Starts the driver.
   *
   * @param library finds the driver's functions, for as long as the arena lives
   */
  static CudaDriver start(Function<Arena, SymbolLookup> library) {
    Arena arena = Arena.ofShared();
    try {
      CudaDriver driver = new CudaDriver(arena, library.apply(arena));
      if (driver.library.find(Cuda.MARK).isPresent()) {
        throw unavailable("this process uses cuda:software; start another for the GPU");
      }
      driver.call("cuInit", 0);
      if (driver.deviceCount() == 0) {
        throw unavailable("the driver sees none");
      }
      return driver;
    } catch (DeviceUnavailableException e) {
      arena.close();
      throw e;
    }
  }

  /** Loads the first of the libraries that is there. */
  static Function<Arena, SymbolLookup> firstOf(List<String> libraries) {
    return arena -> {
      for (String name : libraries) {
        try {
          return SymbolLookup.libraryLookup(name, arena);
        } catch (IllegalArgumentException notThere) {
          continue;
        }
      }
      throw unavailable(
          "the NVIDIA driver is not installed ("
              + String.join(" or ", libraries)
              + " was not found)");
    };
  }

  /** The CUDA version that the driver supports, such as {@code 12.8}. */
  String version() {
    int version = ask("cuDriverGetVersion");
    return version / 1000 + "." + version % 1000 / 10;
  }

  int deviceCount() {
    return ask("cuDeviceGetCount");
  }

  String deviceName(int index) {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment device = local.allocate(JAVA_INT);
      call("cuDeviceGet", device, index);
      MemorySegment name = local.allocate(NAME_BYTES);
      call("cuDeviceGetName", name, NAME_BYTES, device.get(JAVA_INT, 0));
      return name.getString(0);
    }
  }

  @Override
  public void close() {
    arena.close();
  }

  /** A call that writes one int through its only argument. */
  private int ask(String function) {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment answer = local.allocate(JAVA_INT);
      call(function, answer);
      return answer.get(JAVA_INT, 0);
    }
  }

  private void call(String function, Object... arguments) {
    int status = invoke(function, arguments);
    if (status != SUCCESS) {
      throw unavailable(function + " failed with " + explain(status));
    }
  }

  private int invoke(String function, Object... arguments) {
    Optional<MemorySegment> address = library.find(function);
    if (address.isEmpty()) {
      throw unavailable("the driver library has no function " + function);
    }
    MemoryLayout[] types =
        Arrays.stream(arguments)
            .map(argument -> argument instanceof Integer ? JAVA_INT : ADDRESS)
            .toArray(MemoryLayout[]::new);
    MethodHandle handle =
        Linker.nativeLinker().downcallHandle(address.get(), FunctionDescriptor.of(JAVA_INT, types));
    try {
      return (int) handle.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException("cuda: calling " + function + " failed: " + e, e);
    }
  }

  /** The driver's name for a status, such as {@code CUDA_ERROR_NO_DEVICE}, and its number. */
  private String explain(int status) {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment text = local.allocate(ADDRESS);
      if (library.find("cuGetErrorName").isPresent()
          && invoke("cuGetErrorName", status, text) == SUCCESS) {
        MemorySegment name = text.get(ADDRESS, 0).reinterpret(NAME_BYTES);
        return name.getString(0) + " (" + status + ")";
      }
      return "status " + status;
    }
  }

  private static DeviceUnavailableException unavailable(String reason) {
    return new DeviceUnavailableException("no CUDA device: " + reason);
  }
}
