package dev.evolute.kernels.gpu;

import dev.evolute.kernels.DType;
import dev.evolute.kernels.Device;

/** The kernels of a CUDA device for one element type, one interface a family. */
final class CudaKernels
    implements ProductsOnCuda,
        VectorsOnCuda,
        KrylovOnCuda,
        ActivationsOnCuda,
        LossesOnCuda,
        NormsOnCuda,
        SequencesOnCuda,
        ImagesOnCuda,
        BatchNormOnCuda,
        OptimizersOnCuda,
        AttentionOnCuda,
        AutoCloseable {
  private final CudaDevice device;
  private final DType dtype;
  private final Launcher launcher;
  private final Scratch scratch;

  CudaKernels(CudaDevice device, DType dtype) {
    this.device = device;
    this.dtype = dtype;
    launcher = new Launcher(device, dtype);
    scratch = new Scratch(device);
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
  public Launcher launch(Symbol kernel) {
    return launcher.kernel(kernel);
  }

  @Override
  public Scratch scratch() {
    return scratch;
  }

  @Override
  public void close() {
    scratch.close();
  }
}
