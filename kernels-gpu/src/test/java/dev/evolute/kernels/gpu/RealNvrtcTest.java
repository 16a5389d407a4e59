package dev.evolute.kernels.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.evolute.kernels.DType;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import jcuda.nvrtc.JNvrtc;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * NVIDIA's own NVRTC, which needs no GPU, compiles every kernel: that of CUDA 12.9 as JavaCPP's
 * redistribution has it, in a process without the software GPU.
 */
@Tag("nvrtc")
class RealNvrtcTest {
  private static final String FOLDER = "org/bytedeco/cuda/linux-x86_64/";

  /** In the order in which one needs the other. */
  private static final List<String> LIBRARIES =
      List.of("libnvrtc-builtins.so.12.9", "libnvrtc.so.12");

  /** One is enough to see that sources are taken; nvcc compiles for six. */
  private static final String ARCHITECTURE = "sm_90";

  /** Machine number of CUDA in the ELF header. */
  private static final int CUDA = 190;

  @TempDir Path folder;

  @Test
  void everyFamilyCompilesToAnImageOfTheArchitecture() throws IOException {
    for (String library : LIBRARIES) {
      URL from = ClassLoader.getSystemResource(FOLDER + library);
      try (InputStream in = from.openStream()) {
        Files.copy(in, folder.resolve(library));
      }
    }
    System.setProperty(Libraries.PROPERTY, folder.toString());
    Libraries.Found found = Libraries.load("libnvrtc.so", "no NVRTC");
    assertTrue(found.where().startsWith(folder.toString()), found.where());
    JCudaNatives.loadNvrtc(found.name());
    int[] major = new int[1];
    int[] minor = new int[1];
    JNvrtc.nvrtcVersion(major, minor);
    int images = 0;
    List<String> families =
        Arrays.stream(Path.of("src/main/cuda").toFile().list())
            .filter(name -> name.endsWith(".cu"))
            .map(name -> name.replace(".cu", ""))
            .sorted()
            .toList();
    for (String family : families) {
      // Tensor cores serve f32.
      boolean single = Resource.text("cuda/" + family + ".cu").contains("tensor.cuh");
      for (DType dtype : single ? List.of(DType.F32) : List.of(DType.values())) {
        byte[] image = Images.compile(family, dtype, ARCHITECTURE);
        ByteBuffer elf = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(CUDA, elf.getShort(18), family);
        images++;
      }
    }
    System.out.printf(
        "NVRTC %d.%d: %d families, %d images%n", major[0], minor[0], families.size(), images);
  }
}
