package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory of the kernels' own: shares of sums, results on their way to the host, the count of
 * finished blocks that a reduction leaves at 0. Grows and is never given back before the device.
 */
final class Scratch implements AutoCloseable {
  /** Places for results. */
  static final int RESULTS = 16;

  private final CudaDevice device;
  private Buffer results;
  private Buffer shares;
  private Buffer more;

  /** Too small for what came later, and in graphs that were recorded before. */
  private final List<Buffer> outgrown = new ArrayList<>();

  Scratch(CudaDevice device) {
    this.device = device;
  }

  private CudaBuffer results() {
    if (results == null) {
      results = device.allocate(DType.F64, RESULTS + 1);
    }
    return (CudaBuffer) results;
  }

  /** Where result i goes, 8 bytes. */
  long result(int i) {
    return results().address() + i * Double.BYTES;
  }

  /** The count of finished blocks, 0 between launches. */
  long finished() {
    return result(RESULTS);
  }

  /** At least that many doubles, with anything in them; the next call may give the same. */
  long shares(long count) {
    shares = grown(shares, count);
    return ((CudaBuffer) shares).address();
  }

  /** The same, apart from {@link #shares}. */
  long more(long count) {
    more = grown(more, count);
    return ((CudaBuffer) more).address();
  }

  private Buffer grown(Buffer buffer, long count) {
    if (buffer != null && buffer.length() >= count) {
      return buffer;
    }
    long size = Math.max(count, 2048);
    if (buffer != null && device.graphs().any()) {
      outgrown.add(buffer);
      size = Math.max(size, 2 * buffer.length());
    } else if (buffer != null) {
      buffer.close();
    }
    return device.allocate(DType.F64, size);
  }

  /** Result i, when all before is done. */
  double read(int i) {
    return download(result(i), Double.BYTES).get(ValueLayout.JAVA_DOUBLE, 0);
  }

  long readLong(int i) {
    return download(result(i), Long.BYTES).get(ValueLayout.JAVA_LONG, 0);
  }

  /** Doubles on the device from the address on. */
  void read(long address, double[] target, int count) {
    long most = device.staging().byteSize() / Double.BYTES;
    for (int done = 0, n; done < count; done += n) {
      n = (int) Math.min(count - done, most);
      MemorySegment values = download(address + (long) done * Double.BYTES, n * Double.BYTES);
      MemorySegment.copy(values, ValueLayout.JAVA_DOUBLE, 0, target, done, n);
    }
  }

  /** Ints on the device from the address on. */
  void read(long address, int[] target, int count) {
    long most = device.staging().byteSize() / Integer.BYTES;
    for (int done = 0, n; done < count; done += n) {
      n = (int) Math.min(count - done, most);
      MemorySegment values = download(address + (long) done * Integer.BYTES, n * Integer.BYTES);
      MemorySegment.copy(values, ValueLayout.JAVA_INT, 0, target, done, n);
    }
  }

  private MemorySegment download(long address, int bytes) {
    MemorySegment staging = device.staging();
    device.download(address, staging, bytes);
    return staging;
  }

  /** Brings doubles to the device. */
  void write(long address, double[] source, int count) {
    MemorySegment staging = device.staging();
    long most = staging.byteSize() / Double.BYTES;
    for (int done = 0, n; done < count; done += n) {
      n = (int) Math.min(count - done, most);
      MemorySegment.copy(source, done, staging, ValueLayout.JAVA_DOUBLE, 0, n);
      device.upload(staging, address + (long) done * Double.BYTES, (long) n * Double.BYTES);
    }
  }

  @Override
  public void close() {
    outgrown.forEach(Buffer::close);
    for (Buffer buffer : new Buffer[] {results, shares, more}) {
      if (buffer != null) {
        buffer.close();
      }
    }
  }
}
