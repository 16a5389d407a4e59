package dev.evolute.kernels.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceProvider;
import dev.evolute.kernels.DeviceUnavailableException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class CudaDeviceProviderTest {
  private static final DeviceProvider WITHOUT_DRIVER =
      new CudaDeviceProvider(CudaDriver.firstOf(List.of("libevolute-no-such-driver.so")));

  @Test
  void isFoundByItsScheme() {
    List<String> schemes = Device.providers().stream().map(DeviceProvider::scheme).toList();
    assertTrue(schemes.contains("cuda"), schemes::toString);
  }

  @Test
  void withoutDriverDescribeGivesTheReason() {
    assertEquals(
        "no CUDA device: the NVIDIA driver is not installed"
            + " (libevolute-no-such-driver.so was not found)",
        WITHOUT_DRIVER.describe());
  }

  @Test
  void withoutDriverOpenGivesTheSameReason() {
    DeviceUnavailableException e =
        assertThrows(DeviceUnavailableException.class, () -> WITHOUT_DRIVER.open("cuda:0", 1));
    assertEquals(WITHOUT_DRIVER.describe(), e.getMessage());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aLibraryThatIsNoDriverIsNamedAsSuch() {
    assertEquals(
        "no CUDA device: the driver library has no function cuInit",
        new CudaDeviceProvider(CudaDriver.firstOf(List.of("libc.so.6"))).describe());
  }

  @Test
  void aMisspeltNameIsRefused() {
    for (String spec : List.of("cuda", "cuda:", "cuda:x", "cuda:-1", "cuda:01", "cuda:0:fp8")) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> WITHOUT_DRIVER.open(spec, 1));
      assertEquals(
          "device: '"
              + spec
              + "' is not a CUDA device's name; the first one is called cuda:0, the one on the CPU"
              + " cuda:software, and behind it may stand a precision of products: :f32, :tf32x3,"
              + " :bf16x6, :bf16x3, :tf32, :bf16",
          e.getMessage());
    }
  }

  @Test
  void thisMachineIsDescribedInOneLine() {
    DeviceProvider real = new CudaDeviceProvider();
    String line = real.describe();
    assertTrue(line.startsWith("no CUDA device: ") || line.startsWith("CUDA "), line);
    assertEquals(1, line.lines().count());
    if (line.startsWith("no CUDA device: ")) {
      assertThrows(DeviceUnavailableException.class, () -> real.open("cuda:0", 1));
    }
  }

  @Test
  void devicesAreDescribedByName() {
    assertEquals(
        "CUDA 12.8, cuda:0 First GPU, cuda:1 Second GPU",
        new CudaDeviceProvider(new FakeDriver(0, "First GPU", "Second GPU")).describe());
  }

  @Test
  void aDeviceBeyondTheLastIsRefused() {
    DeviceProvider provider = new CudaDeviceProvider(new FakeDriver(0, "First GPU"));
    DeviceUnavailableException e =
        assertThrows(DeviceUnavailableException.class, () -> provider.open("cuda:1", 1));
    assertEquals("no CUDA device: cuda:1 was asked for and the last one is cuda:0", e.getMessage());
  }

  @Test
  void theDriversOwnErrorNameIsGiven() {
    assertEquals(
        "no CUDA device: cuInit failed with CUDA_ERROR_NO_DEVICE (100)",
        new CudaDeviceProvider(new FakeDriver(100)).describe());
  }

  @Test
  void aStatusWithoutNameIsGivenAsNumber() {
    assertEquals(
        "no CUDA device: cuInit failed with status 77",
        new CudaDeviceProvider(new FakeDriver(77)).describe());
  }

  @Test
  void aDriverWithoutDevicesSaysSo() {
    assertEquals(
        "no CUDA device: the driver sees none",
        new CudaDeviceProvider(new FakeDriver(0)).describe());
  }
}
