package dev.evolute.kernels.gpu;

import dev.evolute.kernels.DType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;

/**
 * The kernels of one device: each family and element type is compiled by NVRTC when its first
 * kernel is called, or found in the cache.
 */
final class Images implements AutoCloseable {
  private static final List<String> HEADERS =
      List.of(
          "evolute.cuh", "reduce.cuh", "elementary.cuh", "ptx.cuh", "product.cuh", "tensor.cuh");

  private final Cuda cuda;
  private final String architecture;
  private final boolean checked;
  private final UnaryOperator<String> sources;
  private final Cache cache = new Cache("kernels");
  private final Map<DType, Map<String, CUmodule>> modules = new EnumMap<>(DType.class);

  /**
   * @param architecture such as {@code sm_90}
   * @param checked whether indices into arrays and alignment are checked, on the software GPU
   * @param sources gives the text of a source file
   */
  Images(Cuda cuda, String architecture, boolean checked, UnaryOperator<String> sources) {
    this.cuda = cuda;
    this.sources = sources;
    this.architecture = architecture;
    this.checked = checked;
    for (DType dtype : DType.values()) {
      modules.put(dtype, new HashMap<>());
    }
  }

  CUfunction function(Symbol symbol, DType dtype) {
    CUmodule module =
        modules.get(dtype).computeIfAbsent(symbol.family(), family -> load(family, dtype));
    CUfunction function = new CUfunction();
    Cuda.check(
        "looking for kernel " + symbol,
        JCudaDriver.cuModuleGetFunction(function, module, symbol.name()));
    return function;
  }

  private CUmodule load(String family, DType dtype) {
    CUmodule module = new CUmodule();
    Cuda.check(
        "loading kernels " + family, JCudaDriver.cuModuleLoadData(module, image(family, dtype)));
    return module;
  }

  private byte[] image(String family, DType dtype) {
    String source = sources.apply("cuda/" + family + ".cu");
    List<String> headers = HEADERS.stream().map(name -> sources.apply("cuda/" + name)).toList();
    List<String> options = options(dtype, architecture);
    if (checked) {
      options.add("-G");
    }
    List<String> parts = new ArrayList<>(List.of(cuda.compiler(), source));
    parts.addAll(options);
    parts.addAll(headers);
    String key = Cache.key(parts);
    return cache
        .load(key)
        .orElseGet(
            () -> {
              byte[] image = compile(family, source, headers, options);
              cache.store(key, image);
              return image;
            });
  }

  private static List<String> options(DType dtype, String architecture) {
    List<String> options = new ArrayList<>();
    options.add("-DREAL=" + (dtype == DType.F32 ? "float" : "double"));
    options.add("-fmad=false");
    options.add("-std=c++17");
    options.add("-arch=" + architecture);
    return options;
  }

  /** An image of a family by the NVRTC of this process, anew. */
  static byte[] compile(String family, DType dtype, String architecture) {
    List<String> headers = HEADERS.stream().map(name -> Resource.text("cuda/" + name)).toList();
    String source = Resource.text("cuda/" + family + ".cu");
    return compile(family, source, headers, options(dtype, architecture));
  }

  private static byte[] compile(
      String family, String source, List<String> headers, List<String> options) {
    nvrtcProgram program = new nvrtcProgram();
    int status =
        JNvrtc.nvrtcCreateProgram(
            program,
            source,
            family + ".cu",
            headers.size(),
            headers.toArray(String[]::new),
            HEADERS.toArray(String[]::new));
    if (status == 0) {
      status = JNvrtc.nvrtcCompileProgram(program, options.size(), options.toArray(String[]::new));
    }
    if (status != 0) {
      String[] log = {""};
      JNvrtc.nvrtcGetProgramLog(program, log);
      throw new IllegalStateException(
          "cuda: kernels " + family + " do not compile with " + options + ":\n" + log[0].strip());
    }
    long[] bytes = new long[1];
    JNvrtc.nvrtcGetCUBINSize(program, bytes);
    byte[] image = new byte[Math.toIntExact(bytes[0])];
    JNvrtc.nvrtcGetCUBIN(program, image);
    JNvrtc.nvrtcDestroyProgram(program);
    return image;
  }

  @Override
  public void close() {
    for (Map<String, CUmodule> families : modules.values()) {
      families.values().forEach(JCudaDriver::cuModuleUnload);
      families.clear();
    }
  }
}
