package dev.evolute.kernels.cpu.f32;

import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;
import dev.evolute.kernels.cpu.Call;
import dev.evolute.kernels.cpu.CpuDevice;
import dev.evolute.kernels.cpu.FastProducts;
import dev.evolute.kernels.cpu.Workers;

/** The kernels of the CPU in f32, one interface a family. */
public final class F32Kernels
    implements ProductsOnCpu,
        VectorsOnCpu,
        ReductionsOnCpu,
        KrylovOnCpu,
        ActivationsOnCpu,
        LossesOnCpu,
        NormsOnCpu,
        AttentionOnCpu,
        SequencesOnCpu,
        ImagesOnCpu,
        OptimizersOnCpu {
  private final CpuDevice device;
  private final Workers workers;
  private final Call call;
  private final Gemm product;

  public F32Kernels(CpuDevice device) {
    this.device = device;
    this.workers = device.workers();
    this.call = new Call(workers);
    this.product = new Gemm(workers);
  }

  /** Offers products to this before vectors do them, from now on; to none if null. */
  public void offer(FastProducts fast) {
    product().offer(fast);
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public DType dtype() {
    return DType.F32;
  }

  @Override
  public Workers workers() {
    return workers.ready();
  }

  @Override
  public Call call() {
    workers.ready();
    return call;
  }

  @Override
  public Gemm product() {
    workers.ready();
    return product;
  }
}
