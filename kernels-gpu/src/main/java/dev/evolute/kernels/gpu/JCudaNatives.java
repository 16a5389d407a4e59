package dev.evolute.kernels.gpu;

import dev.evolute.kernels.DeviceUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jcuda.Pointer;

/**
 * Brings JCuda's JNI libraries into the process. JCuda would unpack them into the shared folder of
 * temporary files and load whatever stands there under their name; here they go into a folder of
 * this process, and JCuda is told that it is the one.
 */
final class JCudaNatives {
  private static final String TEMPORARY = "java.io.tmpdir";
  private static final List<String> CLASSES =
      List.of("jcuda.driver.JCudaDriver", "jcuda.nvrtc.JNvrtc");
  private static final List<String> LIBRARIES = List.of("JCudaDriver", "JNvrtc");

  private JCudaNatives() {}

  /**
   * Loads them, once a process, after NVIDIA's libraries.
   *
   * @param nvrtc the file name of the NVRTC that is loaded
   */
  static void load(String nvrtc) {
    String before = System.getProperty(TEMPORARY);
    try {
      Path folder = Files.createTempDirectory("evolute-jcuda");
      for (String library : LIBRARIES) {
        String file = "lib" + library + "-12.6.0-linux-x86_64.so";
        byte[] content = read("/lib/" + file);
        Files.write(folder.resolve(file), Elf.retarget(content, SoftwareGpu.NVRTC, nvrtc));
      }
      System.setProperty(TEMPORARY, folder.toString());
      for (String name : CLASSES) {
        Class.forName(name);
      }
      delete(folder);
    } catch (IOException | ClassNotFoundException | LinkageError e) {
      throw new DeviceUnavailableException(
          "no CUDA device: JCuda's libraries cannot be loaded (" + e.getMessage() + ")");
    } finally {
      System.setProperty(TEMPORARY, before);
    }
  }

  /** What is loaded stays loaded; its file may go. */
  private static void delete(Path folder) throws IOException {
    for (String library : LIBRARIES) {
      Files.deleteIfExists(folder.resolve("lib" + library + "-12.6.0-linux-x86_64.so"));
    }
    Files.deleteIfExists(folder);
  }

  private static byte[] read(String path) throws IOException {
    // By JCuda's class loader: a class in a module sees the files of its own module alone.
    ClassLoader loader = Pointer.class.getClassLoader();
    try (InputStream in = loader.getResourceAsStream(path.substring(1))) {
      if (in == null) {
        throw new IOException(path + " is missing; it comes with jcuda-natives for linux-x86_64");
      }
      return in.readAllBytes();
    }
  }
}
