package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceProvider;
import dev.evolute.kernels.DeviceUnavailableException;
import dev.evolute.kernels.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Opens CUDA devices: {@code cuda:0} and so on are NVIDIA's, {@code cuda:software} is the CPU, with
 * {@code cuda:software:reversed} and {@code cuda:software:shuffled} for other orders of threads and
 * checked indices. A {@link Precision} may follow, as in {@code cuda:0:tf32x3}.
 */
public final class CudaDeviceProvider implements DeviceProvider {
  private static final Pattern SPEC = Pattern.compile("cuda:(0|[1-9][0-9]{0,3})");

  /** By the number of the device in the software GPU's driver. */
  static final List<String> SOFTWARE =
      List.of("cuda:software", "cuda:software:reversed", "cuda:software:shuffled");

  private final Function<Arena, SymbolLookup> library;

  /** Looks for the driver where its installer puts it. */
  public CudaDeviceProvider() {
    this(CudaDriver.firstOf(CudaDriver.LIBRARIES));
  }

  CudaDeviceProvider(Function<Arena, SymbolLookup> library) {
    this.library = library;
  }

  @Override
  public String scheme() {
    return "cuda";
  }

  @Override
  public String describe() {
    try (CudaDriver driver = CudaDriver.start(library)) {
      StringBuilder line = new StringBuilder("CUDA " + driver.version());
      for (int i = 0; i < driver.deviceCount(); i++) {
        line.append(", cuda:").append(i).append(" ").append(driver.deviceName(i));
      }
      return line.toString();
    } catch (DeviceUnavailableException e) {
      return e.getMessage();
    }
  }

  @Override
  public Map<String, String> choices() {
    String gemm = GemmChoice.summary();
    return gemm == null ? Map.of() : Map.of("gemm", gemm);
  }

  @Override
  public Device open(String spec, int threads) throws DeviceUnavailableException {
    for (Precision precision : Precision.values()) {
      String suffix = suffix(precision);
      if (spec.endsWith(suffix)) {
        String device = spec.substring(0, spec.length() - suffix.length());
        CudaDevice opened = open(spec, device);
        opened.precision(precision);
        return opened;
      }
    }
    return open(spec, spec);
  }

  private static String suffix(Precision precision) {
    return ":" + precision.name().toLowerCase(Locale.ROOT);
  }

  private CudaDevice open(String name, String spec) {
    int software = SOFTWARE.indexOf(spec);
    if (software >= 0) {
      return new CudaDevice(name, Cuda.software(), software);
    }
    Matcher matcher = SPEC.matcher(spec);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "device: '"
              + name
              + "' is not a CUDA device's name; the first one is called cuda:0, the one on the CPU"
              + " cuda:software, and behind it may stand a precision of products: "
              + Arrays.stream(Precision.values())
                  .map(CudaDeviceProvider::suffix)
                  .collect(Collectors.joining(", ")));
    }
    int index = Integer.parseInt(matcher.group(1));
    try (CudaDriver driver = CudaDriver.start(library)) {
      int count = driver.deviceCount();
      if (index >= count) {
        throw new DeviceUnavailableException(
            "no CUDA device: " + spec + " was asked for and the last one is cuda:" + (count - 1));
      }
    }
    return new CudaDevice(name, Cuda.hardware(), index);
  }
}
