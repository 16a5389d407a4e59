package dev.evolute.kernels.gpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** A CUDA driver whose functions are written in Java and called through native code. */
@SuppressWarnings("restricted")
final class FakeDriver implements Function<Arena, SymbolLookup> {
  private static final MemoryLayout INT_OUT = ADDRESS.withTargetLayout(JAVA_INT);
  private static final MemoryLayout POINTER_OUT = ADDRESS.withTargetLayout(ADDRESS);

  private static final Map<String, MemoryLayout[]> SIGNATURES =
      Map.of(
          "cuInit", new MemoryLayout[] {JAVA_INT},
          "cuDriverGetVersion", new MemoryLayout[] {INT_OUT},
          "cuDeviceGetCount", new MemoryLayout[] {INT_OUT},
          "cuDeviceGet", new MemoryLayout[] {INT_OUT, JAVA_INT},
          "cuDeviceGetName", new MemoryLayout[] {ADDRESS, JAVA_INT, JAVA_INT},
          "cuGetErrorName", new MemoryLayout[] {JAVA_INT, POINTER_OUT});

  /** Device handles need not be their indices. */
  private static final int FIRST_HANDLE = 1000;

  private final int initStatus;
  private final String[] names;

  FakeDriver(int initStatus, String... names) {
    this.initStatus = initStatus;
    this.names = names;
  }

  @Override
  public SymbolLookup apply(Arena arena) {
    return function ->
        Optional.ofNullable(SIGNATURES.get(function))
            .map(types -> stub(arena, function, FunctionDescriptor.of(JAVA_INT, types)));
  }

  private MemorySegment stub(Arena arena, String function, FunctionDescriptor type) {
    try {
      MethodType java = type.toMethodType();
      MethodHandle method = MethodHandles.lookup().bind(this, function, java);
      return Linker.nativeLinker().upcallStub(method, type, arena);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  int cuInit(int flags) {
    return flags == 0 ? initStatus : 1;
  }

  int cuDriverGetVersion(MemorySegment version) {
    version.set(JAVA_INT, 0, 12080);
    return 0;
  }

  int cuDeviceGetCount(MemorySegment count) {
    count.set(JAVA_INT, 0, names.length);
    return 0;
  }

  int cuDeviceGet(MemorySegment device, int index) {
    device.set(JAVA_INT, 0, FIRST_HANDLE + index);
    return 0;
  }

  int cuDeviceGetName(MemorySegment name, int bytes, int device) {
    name.reinterpret(bytes).setString(0, names[device - FIRST_HANDLE]);
    return 0;
  }

  int cuGetErrorName(int status, MemorySegment name) {
    if (status != 100) {
      return 1;
    }
    name.set(ADDRESS, 0, Arena.global().allocateFrom("CUDA_ERROR_NO_DEVICE"));
    return 0;
  }
}
