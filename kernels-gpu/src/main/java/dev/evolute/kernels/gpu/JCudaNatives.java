package dev.evolute.kernels.gpu;

import dev.evolute.kernels.DeviceUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import jcuda.Pointer;

/**
 * Brings JCuda's JNI libraries into the process. JCuda would unpack them into the shared folder of
 * temporary files and load whatever stands there under their name; here they go into a folder of
 * this process, and JCuda is told that it is the one.
 */
final class JCudaNatives {
  private static final String TEMPORARY = "java.io.tmpdir";

  private JCudaNatives() {}

  /**
   * Loads what calls the driver and NVRTC, once a process, after NVIDIA's libraries.
   *
   * @param nvrtc the file name of the NVRTC that is loaded
   */
  static void load(String nvrtc) {
    load("no CUDA device", "jcuda.driver.JCudaDriver", SoftwareGpu.NVRTC, nvrtc);
    loadNvrtc(nvrtc);
  }

  /** Loads what calls NVRTC, which needs no driver. */
  static void loadNvrtc(String nvrtc) {
    load("no CUDA device", "jcuda.nvrtc.JNvrtc", SoftwareGpu.NVRTC, nvrtc);
  }

  /**
   * Loads what calls cuBLAS, once a process, after cuBLAS.
   *
   * @param cublas the file name of the cuBLAS that is loaded
   */
  static void loadCublas(String cublas) {
    load("no cuBLAS", "jcuda.jcublas.JCublas2", SoftwareGpu.CUBLAS, cublas);
  }

  /**
   * Loads the library of a class.
   *
   * @param from the library that it was built for
   * @param to the one that is there
   */
  private static void load(String without, String className, String from, String to) {
    String file =
        "lib" + className.substring(className.lastIndexOf('.') + 1) + "-12.6.0-linux-x86_64.so";
    String before = System.getProperty(TEMPORARY);
    try {
      Path folder = Files.createTempDirectory("evolute-jcuda");
      Path library = folder.resolve(file);
      Files.write(library, Elf.retarget(read("/lib/" + file), from, to));
      System.setProperty(TEMPORARY, folder.toString());
      Class.forName(className);
      // What is loaded stays loaded; its file may go.
      Files.deleteIfExists(library);
      Files.deleteIfExists(folder);
    } catch (IOException | ClassNotFoundException | LinkageError e) {
      throw new DeviceUnavailableException(
          without + ": JCuda's libraries cannot be loaded (" + e.getMessage() + ")");
    } finally {
      System.setProperty(TEMPORARY, before);
    }
  }

  private static byte[] read(String path) throws IOException {
    // By JCuda's class loader: a class in a module sees the files of its own module alone.
    ClassLoader loader = Pointer.class.getClassLoader();
    try (InputStream in = loader.getResourceAsStream(path.substring(1))) {
      if (in == null) {
        throw new IOException(path + " is missing; it comes with JCuda's natives for linux-x86_64");
      }
      return in.readAllBytes();
    }
  }
}
