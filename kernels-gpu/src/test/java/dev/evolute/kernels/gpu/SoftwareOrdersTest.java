package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Device;
import dev.evolute.kernels.KernelsConformance;
import java.util.List;
import org.junit.jupiter.api.Tag;

/**
 * The CUDA kernels on the CPU with threads, warps and blocks in reverse and shuffled, indices into
 * arrays and alignment checked. All three orders are in one suite, so that its repeatability says
 * that they give the same bits.
 */
@Tag("slow")
final class SoftwareOrdersTest extends KernelsConformance {
  @Override
  protected List<Device> open() {
    return CudaDeviceProvider.SOFTWARE.stream().map(Software::open).toList();
  }

  @Override
  protected boolean brief() {
    return true;
  }
}
