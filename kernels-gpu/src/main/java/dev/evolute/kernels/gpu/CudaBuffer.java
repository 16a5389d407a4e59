package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Buffer;
import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** Elements in device memory. A view asks its owner whether the memory is still there. */
final class CudaBuffer implements Buffer {
  private final CudaDevice device;
  private final DType dtype;
  private final long length;
  private final long address;
  private final CudaBuffer owner;

  /** Null where the host does not reach the memory. */
  private final MemorySegment host;

  private boolean open = true;

  CudaBuffer(CudaDevice device, DType dtype, long length, long address) {
    this(device, dtype, length, address, null, null);
  }

  /** Memory of the host that kernels read where it stands. */
  CudaBuffer(CudaDevice device, DType dtype, MemorySegment host) {
    this(device, dtype, host.byteSize() / dtype.bytes(), host.address(), null, host);
  }

  private CudaBuffer(
      CudaDevice device,
      DType dtype,
      long length,
      long address,
      CudaBuffer owner,
      MemorySegment host) {
    this.host = host;
    this.device = device;
    this.dtype = dtype;
    this.length = length;
    this.address = address;
    this.owner = owner;
  }

  long address() {
    return address;
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public Buffer view(long from, long length) {
    Objects.checkFromIndexSize(from, length, this.length);
    CudaBuffer root = owner == null ? this : owner;
    long skip = from * dtype.bytes();
    MemorySegment part = host == null ? null : host.asSlice(skip, length * dtype.bytes());
    return new CudaBuffer(device, dtype, length, address + skip, root, part);
  }

  @Override
  public void write(long at, double[] source, int from, int count) {
    Objects.checkFromIndexSize(at, count, length);
    Objects.checkFromIndexSize(from, count, source.length);
    requireOpen("write");
    for (int done = 0, n; done < count; done += n) {
      MemorySegment staging = place(at + done);
      n = Math.min(count - done, (int) (staging.byteSize() / dtype.bytes()));
      if (dtype == DType.F64) {
        MemorySegment.copy(source, from + done, staging, ValueLayout.JAVA_DOUBLE, 0, n);
      } else {
        for (int i = 0; i < n; i++) {
          staging.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) source[from + done + i]);
        }
      }
      if (host == null) {
        device.upload(staging, address + (at + done) * dtype.bytes(), (long) n * dtype.bytes());
      }
    }
  }

  @Override
  public void read(long at, double[] target, int from, int count) {
    Objects.checkFromIndexSize(at, count, length);
    Objects.checkFromIndexSize(from, count, target.length);
    requireOpen("read");
    for (int done = 0, n; done < count; done += n) {
      MemorySegment staging = place(at + done);
      n = Math.min(count - done, (int) (staging.byteSize() / dtype.bytes()));
      if (host == null) {
        device.download(address + (at + done) * dtype.bytes(), staging, (long) n * dtype.bytes());
      }
      if (dtype == DType.F64) {
        MemorySegment.copy(staging, ValueLayout.JAVA_DOUBLE, 0, target, from + done, n);
      } else {
        for (int i = 0; i < n; i++) {
          target[from + done + i] = staging.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        }
      }
    }
  }

  /**
   * Where the host writes or reads elements from {@code at} on: the memory itself, or on its way.
   */
  private MemorySegment place(long at) {
    if (host == null) {
      return device.staging();
    }
    device.settle();
    return host.asSlice(at * dtype.bytes());
  }

  private void requireOpen(String what) {
    if (!isOpen()) {
      throw new IllegalStateException(
          what + ": the buffer was closed before; keep its owner open until then");
    }
  }

  @Override
  public MemorySegment segment() {
    throw new UnsupportedOperationException(
        "segment: the memory of "
            + device.name()
            + " is out of the host's reach; use read or write");
  }

  @Override
  public boolean isOpen() {
    return owner == null ? open : owner.open;
  }

  @Override
  public void close() {
    if (owner == null && open) {
      open = false;
      if (host == null) {
        device.free(this);
      } else {
        device.freeShared(address);
      }
    }
  }
}
