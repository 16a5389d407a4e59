package dev.evolute.kernels.gpu;

import dev.evolute.kernels.DeviceUnavailableException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import jcuda.driver.JCudaDriver;

/**
 * The CUDA driver of this process: NVIDIA's or the software GPU's. Both have the same name to the
 * system's loader, so that a process has one of them for its whole life.
 */
@SuppressWarnings("restricted")
final class Cuda {
  /** A function that the software GPU's driver has and NVIDIA's has not. */
  static final String MARK = "evolute_software_gpu";

  private static Cuda started;

  private final boolean software;
  private final String compiler;

  /** Null where NVIDIA's is looked for. */
  private final Path softwareCublas;

  private boolean hasCublas;

  private Cuda(boolean software, String compiler, Path softwareCublas) {
    this.software = software;
    this.compiler = compiler;
    this.softwareCublas = softwareCublas;
  }

  /** NVIDIA's driver; whether there is one and a device has been looked at before. */
  static synchronized Cuda hardware() {
    if (started == null) {
      Libraries.Found nvrtc = Libraries.load("libnvrtc.so", "no CUDA device");
      JCudaNatives.load(nvrtc.name());
      started = start(false, nvrtc.name() + " " + nvrtc.where(), null);
    }
    return the(false);
  }

  static synchronized Cuda software() {
    if (started == null) {
      SoftwareGpu gpu = SoftwareGpu.ready();
      SymbolLookup driver = SymbolLookup.libraryLookup(gpu.driver(), Arena.global());
      SymbolLookup.libraryLookup(gpu.nvrtc(), Arena.global());
      if (driver.find(MARK).isEmpty()) {
        throw other(true);
      }
      JCudaNatives.load(SoftwareGpu.NVRTC);
      started = start(true, gpu.version(), gpu.cublas());
    }
    return the(true);
  }

  private static Cuda start(boolean software, String compiler, Path softwareCublas) {
    check("cuInit", JCudaDriver.cuInit(0));
    return new Cuda(software, compiler, softwareCublas);
  }

  /**
   * Brings cuBLAS into the process.
   *
   * @throws DeviceUnavailableException if there is none
   */
  synchronized void cublas() {
    if (hasCublas) {
      return;
    }
    String name = SoftwareGpu.CUBLAS;
    if (software) {
      SymbolLookup.libraryLookup(softwareCublas, Arena.global());
    } else {
      name = Libraries.load("libcublas.so", "no cuBLAS").name();
    }
    JCudaNatives.loadCublas(name);
    hasCublas = true;
  }

  /** What the driver supports, such as {@code CUDA 12.8}. */
  String version() {
    int[] version = new int[1];
    check("cuDriverGetVersion", JCudaDriver.cuDriverGetVersion(version));
    return "CUDA " + version[0] / 1000 + "." + version[0] % 1000 / 10;
  }

  private static Cuda the(boolean software) {
    if (started.software != software) {
      throw other(software);
    }
    return started;
  }

  private static DeviceUnavailableException other(boolean software) {
    return new DeviceUnavailableException(
        software
            ? "no software GPU: this process uses NVIDIA's driver already; start another for it"
            : "no CUDA device: this process uses cuda:software already; start another for the GPU");
  }

  boolean isSoftware() {
    return software;
  }

  /** What compiles kernels, by name and version: part of what an image is made from. */
  String compiler() {
    return compiler;
  }

  /** Throws where a call of the driver did not succeed. */
  static void check(String call, int status) {
    if (status != 0) {
      throw new IllegalStateException("cuda: " + call + " failed with " + explain(status));
    }
  }

  /** The driver's name for a status and its number, and what it has to say. */
  static String explain(int status) {
    String[] name = new String[1];
    String[] text = new String[1];
    JCudaDriver.cuGetErrorName(status, name);
    JCudaDriver.cuGetErrorString(status, text);
    String known = name[0] == null ? "status " + status : name[0] + " (" + status + ")";
    return text[0] == null ? known : known + ": " + text[0];
  }
}
