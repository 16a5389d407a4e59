package dev.evolute.kernels.gpu;

import dev.evolute.kernels.Device;
import dev.evolute.kernels.DeviceProvider;
import dev.evolute.kernels.DeviceUnavailableException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds CUDA devices. This version has no CUDA kernels, so it opens none. */
public final class CudaDeviceProvider implements DeviceProvider {
  private static final Pattern SPEC = Pattern.compile("cuda:(0|[1-9][0-9]{0,3})");
  private static final String NO_KERNELS = "this version has no CUDA kernels, use --device cpu";

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
      return line.append("; ").append(NO_KERNELS).toString();
    } catch (DeviceUnavailableException e) {
      return e.getMessage();
    }
  }

  @Override
  public Device open(String spec, int threads) throws DeviceUnavailableException {
    Matcher matcher = SPEC.matcher(spec);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "device: '" + spec + "' is not a CUDA device's name; the first one is called cuda:0");
    }
    int index = Integer.parseInt(matcher.group(1));
    try (CudaDriver driver = CudaDriver.start(library)) {
      int count = driver.deviceCount();
      if (index >= count) {
        throw new DeviceUnavailableException(
            "no CUDA device: " + spec + " was asked for and the last one is cuda:" + (count - 1));
      }
      throw new DeviceUnavailableException(
          "CUDA device "
              + spec
              + " ("
              + driver.deviceName(index)
              + ") is there, but "
              + NO_KERNELS);
    }
  }
}
