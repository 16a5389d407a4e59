package dev.evolute.bench;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.Kernels;
import dev.evolute.spectral.CounterRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What all benchmarks share: how their JVMs are started, the element type and the device. Three
 * forks, because C2 may compile the same loop differently from one start to the next; a single
 * fork's error bar does not see that.
 */
@State(Scope.Thread)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public abstract class Measured {
  private static final long SEED = 1;
  private static final long RUN = 1 << 16;

  @Param({"F32", "F64"})
  public DType dtype;

  /** Threads of the device or of the peer. JMH's own threads ({@code -t}) stay at 1. */
  @Param("1")
  public int threads;

  Device device;
  Kernels kernels;
  private final Deque<AutoCloseable> owned = new ArrayDeque<>();

  @Setup
  public final void setUp() {
    device = own(Device.open("cpu", threads));
    kernels = device.kernels(dtype);
    prepare();
  }

  /** Makes what is measured, before the first invocation. */
  abstract void prepare();

  @TearDown
  public final void tearDown() throws Exception {
    while (!owned.isEmpty()) {
      owned.pop().close();
    }
  }

  /** Registers what is closed after the last invocation, last first. */
  final <T extends AutoCloseable> T own(T resource) {
    owned.push(resource);
    return resource;
  }

  final Buffer zeros(long length) {
    return own(device.allocate(dtype, length));
  }

  /** Standard normal numbers: no zeros, no denormals, which some processors are slow or fast on. */
  final Buffer random(long length, long stream) {
    Buffer buffer = zeros(length);
    CounterRandom.fillGaussian(SEED, stream, 1, buffer);
    return buffer;
  }

  /** The same for long vectors: a shorter run over and over, which is there much sooner. */
  final Buffer repeated(long length, long stream) {
    Buffer buffer = zeros(length);
    long done = Math.min(length, RUN);
    CounterRandom.fillGaussian(SEED, stream, 1, buffer.view(0, done));
    for (long count = done; done < length; done += count) {
      count = Math.min(done, length - done);
      kernels.copy(buffer.view(0, count), buffer.view(done, count));
    }
    return buffer;
  }

  static double[] gaussian(int length, long stream) {
    double[] values = new double[length];
    CounterRandom.fillGaussian(SEED, stream, 0, values);
    return values;
  }
}
