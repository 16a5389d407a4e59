package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Device;
import dev.evolute.kernels.KernelsConformance;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** The suite where cuBLAS, in its stand-in, makes all products that it takes. */
@Tag("slow")
final class CublasConformanceTest extends KernelsConformance {
  @Override
  protected List<Device> open() {
    CudaDevice device = (CudaDevice) Software.open("cuda:software");
    device.gemm(GemmChoice.By.CUBLAS);
    return List.of(device);
  }

  @Override
  protected boolean brief() {
    return true;
  }
}
