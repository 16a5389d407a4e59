package dev.evolute.app.profile;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.kernels.Precision;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.EnumMap;
import java.util.Map;

/**
 * A device that times the kernels asked of it, whatever device it is. Each call is waited for, so
 * that its time is its own: on a GPU that includes the latency of a launch, which otherwise passes
 * while the kernel before it runs. A sequence that the device would record is made call by call.
 */
public final class TimedDevice implements Device {
  private final Device device;
  private final Timeline timeline = new Timeline(System::nanoTime);
  private final Map<DType, Kernels> kernels = new EnumMap<>(DType.class);

  /**
   * Times another device, which it closes with itself.
   *
   * @param device where everything happens
   */
  public TimedDevice(Device device) {
    this.device = device;
    for (DType dtype : DType.values()) {
      kernels.put(dtype, timed(device.kernels(dtype)));
    }
  }

  /** What was recorded so far. */
  public Timeline timeline() {
    return timeline;
  }

  private Kernels timed(Kernels inner) {
    return (Kernels)
        Proxy.newProxyInstance(
            Kernels.class.getClassLoader(),
            new Class<?>[] {Kernels.class},
            (proxy, method, arguments) -> call(inner, method, arguments));
  }

  private Object call(Kernels inner, Method method, Object[] arguments) throws Throwable {
    try {
      // What takes nothing is no kernel: device, dtype, toString.
      if (!timeline.isRecording() || arguments == null) {
        return method.invoke(inner, arguments);
      }
      Work work = Work.of(method.getName(), arguments);
      device.await();
      long launches = device.launches();
      long start = timeline.now();
      Object result = method.invoke(inner, arguments);
      device.await();
      long end = timeline.now();
      timeline.add(method.getName(), work, start, end, device.launches() - launches);
      return result;
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public int threads() {
    return device.threads();
  }

  @Override
  public Buffer allocate(DType dtype, long length) {
    return device.allocate(dtype, length);
  }

  @Override
  public Buffer wrap(DType dtype, MemorySegment memory) {
    return device.wrap(dtype, memory);
  }

  @Override
  public Buffer shared(DType dtype, long length) {
    return device.shared(dtype, length);
  }

  @Override
  public Kernels kernels(DType dtype) {
    return kernels.get(dtype);
  }

  @Override
  public void precision(Precision precision) {
    device.precision(precision);
  }

  @Override
  public Precision precision() {
    return device.precision();
  }

  @Override
  public boolean runsAhead() {
    return device.runsAhead();
  }

  @Override
  public long launches() {
    return device.launches();
  }

  @Override
  public void await() {
    device.await();
  }

  @Override
  public void close() {
    device.close();
  }
}
