package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceUnavailableException;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Precision;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * A CUDA device: a context, one stream on which everything happens in order, memory, kernels. Calls
 * return before the device has done its work, except those that bring numbers to the host; an error
 * of a kernel may therefore be told by a later call.
 */
final class CudaDevice implements Device {
  /**
   * Bytes that go to or from the device at a time: pinned once, so that copies run at full speed.
   */
  private static final long STAGING = 1 << 20;

  /** Of an address on the device, or on the host. */
  private static final CUdeviceptr DEVICE_ZERO = new CUdeviceptr();

  private static final Pointer HOST_ZERO = new Pointer();

  private final String name;
  private final Cuda cuda;
  private final CUcontext context = new CUcontext();
  private final CUstream stream = new CUstream();
  private final MemoryPool memory;
  private final Images images;
  private final MemorySegment staging;
  private final Pointer stagingPointer = new Pointer();
  private final int blocks;
  private final CudaKernels f32;
  private final CudaKernels f64;
  private final int major;
  private final String model;
  private Precision precision = Precision.F32;
  private Thread entered;
  private boolean open = true;
  private final IndexChecks checks;
  private final Graphs graphs;
  private GemmChoice gemmChoice;
  private Recording recording;
  private final Map<Long, Pointer> shared = new HashMap<>();
  private long launches;
  private long waits;

  /** Launches that the host has seen the end of. */
  private long settled;

  /**
   * @param name that {@link Device#open} takes
   * @param ordinal the driver's number of the device
   */
  CudaDevice(String name, Cuda cuda, int ordinal) {
    this(name, cuda, ordinal, Resource::text);
  }

  CudaDevice(String name, Cuda cuda, int ordinal, UnaryOperator<String> sources) {
    this.name = name;
    this.cuda = cuda;
    CUdevice device = new CUdevice();
    Cuda.check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, ordinal));
    Cuda.check("cuCtxCreate", JCudaDriver.cuCtxCreate(context, 0, device));
    entered = Thread.currentThread();
    Cuda.check("cuStreamCreate", JCudaDriver.cuStreamCreate(stream, 0));
    Cuda.check("cuMemHostAlloc", JCudaDriver.cuMemHostAlloc(stagingPointer, STAGING, 0));
    staging = MemorySegment.ofBuffer(stagingPointer.getByteBuffer(0, STAGING));
    major = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
    int minor = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    int processors = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    // 2,048 resident threads a multiprocessor, twice over.
    blocks = processors * 16;
    model = model(device);
    checks = new IndexChecks();
    graphs = new Graphs(checks);
    memory = new MemoryPool(!cuda.isSoftware());
    boolean checked = cuda.isSoftware() && ordinal > 0;
    images = new Images(cuda, "sm_" + major + minor, checked, sources);
    f32 = new CudaKernels(this, DType.F32);
    f64 = new CudaKernels(this, DType.F64);
    try {
      gemm(GemmChoice.By.chosen(cuda.isSoftware()));
    } catch (DeviceUnavailableException | IllegalArgumentException e) {
      close();
      throw e;
    }
  }

  private static String model(CUdevice device) {
    byte[] name = new byte[256];
    Cuda.check("cuDeviceGetName", JCudaDriver.cuDeviceGetName(name, name.length, device));
    String text = new String(name, StandardCharsets.UTF_8);
    return text.substring(0, text.indexOf(0));
  }

  private static int attribute(CUdevice device, int attribute) {
    int[] value = new int[1];
    Cuda.check("cuDeviceGetAttribute", JCudaDriver.cuDeviceGetAttribute(value, attribute, device));
    return value[0];
  }

  @Override
  public String name() {
    return name;
  }

  /** The host's share is one thread, which launches. */
  @Override
  public int threads() {
    return 1;
  }

  @Override
  public Buffer allocate(DType dtype, long length) {
    if (length < 0 || length > Long.MAX_VALUE / dtype.bytes()) {
      throw new IllegalArgumentException(
          "allocate: " + length + " elements asked for; give a size from 0 to what memory holds");
    }
    enter();
    requireNoRecording("memory is asked for");
    long bytes = length * dtype.bytes();
    long address = memory.allocate(name, bytes);
    zero(address, bytes);
    return new CudaBuffer(this, dtype, length, address);
  }

  /** A copy on the device: kernels do not reach the host's memory. */
  @Override
  public Buffer wrap(DType dtype, MemorySegment source) {
    if (source.byteSize() % dtype.bytes() != 0) {
      throw new IllegalArgumentException(
          "wrap: "
              + source.byteSize()
              + " bytes are no whole number of "
              + dtype
              + " elements of "
              + dtype.bytes()
              + " bytes");
    }
    enter();
    requireNoRecording("memory is asked for");
    long bytes = source.byteSize();
    long address = memory.allocate(name, bytes);
    for (long done = 0, n; done < bytes; done += n) {
      n = Math.min(bytes - done, STAGING);
      MemorySegment.copy(source, done, staging, 0, n);
      upload(staging, address + done, n);
    }
    return new CudaBuffer(this, dtype, bytes / dtype.bytes(), address);
  }

  /** Pinned, which kernels reach by the same address. */
  @Override
  public Buffer shared(DType dtype, long length) {
    enter();
    requireNoRecording("memory is asked for");
    Pointer pointer = new Pointer();
    long bytes = Math.max(1, length) * dtype.bytes();
    Cuda.check("cuMemHostAlloc", JCudaDriver.cuMemHostAlloc(pointer, bytes, 0));
    MemorySegment memory = MemorySegment.ofBuffer(pointer.getByteBuffer(0, bytes)).fill((byte) 0);
    shared.put(memory.address(), pointer);
    return new CudaBuffer(this, dtype, memory.asSlice(0, length * dtype.bytes()));
  }

  void freeShared(long address) {
    if (open) {
      settle();
      JCudaDriver.cuMemFreeHost(shared.remove(address));
    }
  }

  @Override
  public Kernels kernels(DType dtype) {
    return dtype == DType.F32 ? f32 : f64;
  }

  @Override
  public void precision(Precision precision) {
    if (precision != Precision.F32 && major < 8) {
      throw new IllegalArgumentException(
          "precision: "
              + precision
              + " needs a device of compute capability 8.0 or newer, which "
              + name
              + " is not; F32 works on all");
    }
    this.precision = precision;
  }

  @Override
  public Precision precision() {
    return precision;
  }

  /**
   * Who makes products from now on.
   *
   * @throws DeviceUnavailableException if that is cuBLAS, which is not there
   */
  void gemm(GemmChoice.By by) {
    gemm(new GemmChoice(this, by, this::seconds, new Cache("gemm")));
    if (by == GemmChoice.By.CUBLAS) {
      gemmChoice.cublas();
    }
  }

  void gemm(GemmChoice choice) {
    enter();
    if (gemmChoice != null) {
      gemmChoice.close();
    }
    gemmChoice = choice;
  }

  GemmChoice gemmChoice() {
    return gemmChoice;
  }

  /** By the device's own clock: from before the first of some launches to after the last. */
  private double seconds(Runnable launches) {
    CUevent begin = new CUevent();
    CUevent end = new CUevent();
    Cuda.check("cuEventCreate", JCudaDriver.cuEventCreate(begin, 0));
    Cuda.check("cuEventCreate", JCudaDriver.cuEventCreate(end, 0));
    Cuda.check("cuEventRecord", JCudaDriver.cuEventRecord(begin, stream));
    launches.run();
    Cuda.check("cuEventRecord", JCudaDriver.cuEventRecord(end, stream));
    Cuda.check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(end));
    float[] milliseconds = new float[1];
    JCudaDriver.cuEventElapsedTime(milliseconds, begin, end);
    JCudaDriver.cuEventDestroy(begin);
    JCudaDriver.cuEventDestroy(end);
    return 1e-3 * milliseconds[0];
  }

  Cuda cuda() {
    return cuda;
  }

  /** What its maker calls it. */
  String model() {
    return model;
  }

  /** Of the compute capability. */
  int major() {
    return major;
  }

  /** A context belongs to a thread until another one takes it. */
  void enter() {
    if (!open) {
      throw new IllegalStateException(name + ": the device was closed before this call");
    }
    Thread thread = Thread.currentThread();
    if (entered != thread) {
      Cuda.check("cuCtxSetCurrent", JCudaDriver.cuCtxSetCurrent(context));
      entered = thread;
    }
  }

  @Override
  public Runnable repeated(Runnable calls) {
    return new Recording(this, Objects.requireNonNull(calls, "calls"));
  }

  /** The recording that takes what is launched now, or null. */
  Recording recording() {
    return recording;
  }

  void recording(Recording recording) {
    this.recording = recording;
  }

  Graphs graphs() {
    return graphs;
  }

  void launch(CUgraphExec graph) {
    counted();
    Cuda.check("cuGraphLaunch", JCudaDriver.cuGraphLaunch(graph, stream));
  }

  /** Where a check of indices in a recording leaves what it finds; 0 outside of recordings. */
  long placeInRecording(IndexChecks.Check check) {
    if (recording == null) {
      return 0;
    }
    int place = checks.take(check);
    recording.place(place);
    return checks.address(place);
  }

  private void requireNoRecording(String what) {
    if (recording != null) {
      throw new Recording.Impossible(what + " in calls that are being recorded");
    }
  }

  /** One more piece of work for the device, or a part of a recording. */
  void counted() {
    if (recording == null) {
      launches++;
    }
  }

  @Override
  public boolean runsAhead() {
    return true;
  }

  @Override
  public long launches() {
    return launches;
  }

  /** How often the host waited for the device. */
  long waits() {
    return waits;
  }

  @Override
  public void await() {
    enter();
    synchronize();
  }

  CUstream stream() {
    return stream;
  }

  Images images() {
    return images;
  }

  /** Blocks that fill the device. */
  int blocks() {
    return blocks;
  }

  /** Pinned memory that the next copy may use. */
  MemorySegment staging() {
    return staging;
  }

  /** Copies to the device, and waits: the staging may be written again. */
  void upload(MemorySegment source, long address, long bytes) {
    if (bytes > 0) {
      enter();
      requireNoRecording("numbers come from the host");
      counted();
      Pointer from = HOST_ZERO.withByteOffset(source.address());
      Cuda.check("cuMemcpyHtoD", JCudaDriver.cuMemcpyHtoDAsync(at(address), from, bytes, stream));
      synchronize();
    }
  }

  /** Copies from the device when all before is done. */
  void download(long address, MemorySegment target, long bytes) {
    if (bytes > 0) {
      enter();
      requireNoRecording("the host waits for numbers");
      counted();
      Pointer to = HOST_ZERO.withByteOffset(target.address());
      Cuda.check("cuMemcpyDtoH", JCudaDriver.cuMemcpyDtoHAsync(to, at(address), bytes, stream));
      synchronize();
    }
  }

  void copy(long source, long target, long bytes) {
    if (bytes > 0) {
      enter();
      counted();
      Cuda.check(
          "cuMemcpyDtoD", JCudaDriver.cuMemcpyDtoDAsync(at(target), at(source), bytes, stream));
    }
  }

  void zero(long address, long bytes) {
    if (bytes > 0) {
      enter();
      counted();
      Cuda.check("cuMemsetD8", JCudaDriver.cuMemsetD8Async(at(address), (byte) 0, bytes, stream));
    }
  }

  void synchronize() {
    requireNoRecording("the host waits");
    waits++;
    settled = launches;
    Cuda.check("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(stream));
    checks.look();
  }

  /** Waits if anything was asked of the device since it was last waited for. */
  void settle() {
    enter();
    requireNoRecording("the host waits");
    if (settled < launches) {
      synchronize();
    }
  }

  /** Waits for all work, and on the software GPU looks for writes beside buffers. */
  void audit() {
    enter();
    Cuda.check("cuCtxSynchronize", JCudaDriver.cuCtxSynchronize());
  }

  private static CUdeviceptr at(long address) {
    return DEVICE_ZERO.withByteOffset(address);
  }

  void free(CudaBuffer buffer) {
    if (open) {
      enter();
      memory.free(buffer.address(), buffer.length() * buffer.dtype().bytes());
    }
  }

  /** Bytes of buffers that are open now. */
  long used() {
    return memory.used();
  }

  @Override
  public void close() {
    if (open) {
      enter();
      graphs.close();
      if (gemmChoice != null) {
        gemmChoice.close();
      }
      f32.close();
      f64.close();
      images.close();
      memory.close();
      checks.close();
      shared.values().forEach(JCudaDriver::cuMemFreeHost);
      JCudaDriver.cuMemFreeHost(stagingPointer);
      JCudaDriver.cuStreamDestroy(stream);
      JCudaDriver.cuCtxDestroy(context);
      open = false;
    }
  }
}
